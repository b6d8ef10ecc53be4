import { useService } from "@web/core/utils/hooks";
import { registry } from "@web/core/registry";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { onWillUnmount, status } from "@odoo/owl";

/** The rows of the list, which are not read again while the user works in them. */
export class RequestListModel extends RelationalModel {
    /** Whether somebody edits, has chosen or changes a row, or has a menu or box of one open. */
    get isInHand() {
        return Boolean(
            this.underWay ||
                (this.isPicking && document.activeElement?.matches(".o_sop_state")) ||
                this.root.editedRecord ||
                this.root.selection.length ||
                document.querySelector(".o-dropdown--menu, .o_datetime_picker")
        );
    }

    /**
     * Read the list again, after what is being saved.
     *
     * @returns {Promise<boolean>} false when a row was taken in hand before the rows came: then all stays as it is
     */
    async refresh() {
        const { root } = this;
        let isShown = true;
        const mayShow = () => (isShown = !this.isInHand);
        await this.mutex.exec(() => {
            this.mayShow = mayShow; // for this reading alone, which begins at once
            try {
                return root._load(root.offset, root.limit, root.orderBy, root.domain);
            } finally {
                this.mayShow = null;
            }
        });
        return isShown && root === this.root;
    }

    _updateConfig(config, patch, options = {}) {
        const { mayShow } = this;
        if (!mayShow || !options.commit) {
            return super._updateConfig(...arguments);
        }
        const before = { ...config };
        const commit = (data) => {
            if (mayShow()) {
                options.commit(data);
            } else {
                Object.assign(config, before);
            }
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
            if (this.model.isInHand || !(await this.refresh())) {
                this.reloadWhenIdle();
            }
        }, 800);
    }

    /** Whether the news are shown, or the list is closed. */
    async refresh() {
        try {
            return (await this.model.refresh()) || status(this) === "destroyed";
        } catch (error) {
            if (status(this) !== "destroyed") {
                throw error;
            }
            return true;
        }
    }
}

registry.category("views").add("sop_request_list", { ...listView, Controller: RequestListController, Model: RequestListModel });
