import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { onWillUnmount } from "@odoo/owl";

/** The rows of the list, which can be read again below nobody's hands. */
export class RequestListModel extends RelationalModel {
    setup() {
        super.setup(...arguments);
        this.refreshing = 0;
    }

    /** Whether somebody edits or has chosen a row, or has a menu of one open. */
    get isInHand() {
        return Boolean(this.root.editedRecord || this.root.selection.length || document.querySelector(".o-dropdown--menu, .o_datetime_picker"));
    }

    /**
     * Read the list again once what is being saved is saved.
     *
     * @returns {Promise<boolean>} false when a row was taken in hand meanwhile: then all stays as it is
     */
    async refresh() {
        this.refreshing++;
        this.isHeld = false;
        try {
            await this.root.load();
        } finally {
            this.refreshing--;
        }
        return !this.isHeld;
    }

    _updateConfig(config, patch, options = {}) {
        if (!this.refreshing || !config.isRoot || !options.commit) {
            return super._updateConfig(...arguments);
        }
        const commit = (data) => {
            this.isHeld = this.isInHand;
            return this.isHeld || options.commit(data);
        };
        return super._updateConfig(config, patch, { ...options, commit });
    }
}

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
        this.timer = setTimeout(async () => {
            if (this.model.isInHand || !(await this.model.refresh())) {
                this.reloadWhenIdle();
            }
        }, 800);
    }
}

registry.category("views").add("sop_request_list", { ...listView, Controller: RequestListController, Model: RequestListModel });
