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

/** Which orders and columns a file has: a template of the receiving system, the states of the orders. */
export class OrderExportChoice extends Component {
    static template = "sop_inbox.OrderExportChoice";
    static components = { Dialog };
    static props = { choices: Object, onExport: Function, close: Function };

    setup() {
        const [first] = this.props.choices.templates;
        this.state = useState({ template: first ? first.id : false, states: first ? [...first.states] : ["sale"] });
    }
    pick(template) {
        Object.assign(this.state, { template: template ? template.id : false, states: template ? [...template.states] : this.state.states });
    }
    toggle(name) {
        const { states } = this.state;
        this.state.states = states.includes(name) ? states.filter((one) => one !== name) : [...states, name];
    }
    async run() {
        await this.props.onExport(this.state.template, [...this.state.states]);
        this.props.close();
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
    async chooseExport() {
        const choices = await this.orm.call("sop.order.sheet", "get_choices", []);
        this.dialog.add(OrderExportChoice, { choices, onExport: (template, states) => this.exportOrders(template, states) });
    }
    async exportOrders(template = false, states = false) {
        const { selection, domain, isDomainSelected } = this.model.root;
        const chosen = selection?.length && !isDomainSelected ? [["id", "in", selection.map((record) => record.resId)]] : domain;
        this.exporting.busy = true;
        try {
            const progress = await this.orm.call("sop.order.export", "action_export", [chosen, template, states]);
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
