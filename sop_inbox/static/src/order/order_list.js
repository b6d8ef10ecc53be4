import { Component, onWillUnmount, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";

const LOOK_EVERY = 1000; // ms between two looks at how far the file is

/** How far an export of many orders is; it goes on when the dialog is closed. */
export class OrderExportDialog extends Component {
    static template = "sop_inbox.OrderExportDialog";
    static components = { Dialog };
    static props = { progress: Object, close: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ ...this.props.progress });
        this.timer = browser.setInterval(() => this.look(), LOOK_EVERY);
        onWillUnmount(() => browser.clearInterval(this.timer));
    }
    get percent() {
        return this.state.total ? Math.round((100 * this.state.done) / this.state.total) : 0;
    }
    async look() {
        Object.assign(this.state, await this.orm.silent.call("sop.order.export", "get_progress", [[this.state.id]]));
        if (this.state.state === "done" || this.state.state === "failed") {
            browser.clearInterval(this.timer);
        }
    }
}

/** Orders made in conversations, with their export for other stock systems. */
export class OrderListController extends ListController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.exporting = useState({ busy: false, allowed: false });
        user.hasGroup("base.group_allow_export").then((allowed) => {
            this.exporting.allowed = allowed;
        });
    }
    async exportOrders() {
        const { selection, domain, isDomainSelected } = this.model.root;
        const chosen = selection?.length && !isDomainSelected ? [["id", "in", selection.map((record) => record.resId)]] : domain;
        this.exporting.busy = true;
        try {
            const progress = await this.orm.call("sop.order.export", "action_export", [chosen]);
            if (progress.state === "done") {
                browser.location.assign(progress.url);
            } else {
                this.dialog.add(OrderExportDialog, { progress });
            }
        } finally {
            this.exporting.busy = false;
        }
    }
}

registry.category("views").add("sop_order_list", {
    ...listView,
    Controller: OrderListController,
    buttonTemplate: "sop_inbox.OrderListButtons",
});
