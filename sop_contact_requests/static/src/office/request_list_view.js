import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { onWillUnmount } from "@odoo/owl";

/** The list of contact requests, which shows what arrives while it is open. */
export class RequestListController extends ListController {
    setup() {
        super.setup();
        this.busService = useService("bus_service");
        this.onChanged = () => this.reloadWhenIdle();
        this.busService.subscribe("sop_contact_requests/changed", this.onChanged);
        onWillUnmount(() => {
            this.busService.unsubscribe("sop_contact_requests/changed", this.onChanged);
            clearTimeout(this.timer);
        });
    }

    /** Several changes in a row load once, and never below somebody's hands. */
    reloadWhenIdle() {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
            if (this.model.root.editedRecord || document.querySelector(".o-dropdown--menu, .o_datetime_picker")) {
                this.reloadWhenIdle();
            } else {
                this.model.load();
            }
        }, 800);
    }
}

registry.category("views").add("sop_request_list", { ...listView, Controller: RequestListController });
