import { Component, onWillStart, onWillUnmount, useState, useSubEnv } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { panelRegistry } from "../panel/customer_panel";
import { OrderCustomer } from "./order_customer";
import { useNewOrderDraft } from "./order_draft";
import { OrderLines } from "./order_lines";
import { OrderRecent } from "./order_recent";
import { OrderShipping } from "./order_shipping";
import { OrderPayment, OrderPromotions, OrderTotals } from "./order_terms";

const STOCK_EVERY = 20000; // ms between two looks at the stock while the form is open

/** The order form beside the chat: its parts, and the buttons that make an order of the draft. */
export class OrderTab extends Component {
    static template = "sop_inbox.OrderTab";
    static components = { OrderCustomer, OrderLines, OrderPayment, OrderPromotions, OrderRecent, OrderShipping, OrderTotals };
    static props = { panel: Object };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.draft = useNewOrderDraft(this.props.panel.id);
        this.state = useState(this.draft.state);
        useSubEnv({ orderDraft: this.draft });
        onWillStart(() => this.draft.load());
        this.timer = browser.setInterval(() => this.draft.refresh(), STOCK_EVERY);
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    get canConfirm() {
        return Boolean(this.state.order?.lines.length) && !this.state.busy;
    }
    async confirm() {
        if (!this.canConfirm) {
            return;
        }
        await this.draft.saveCustomer();
        const { id, name, totals } = this.state.order;
        const done = await this.draft.guard(() => this.draft.call("action_confirm_order", id, totals.total));
        if (!done) {
            // what was refused may be a code that has run out: the form shows the order as it is now
            await this.orm.call("sop.conversation", "action_update_order", [[this.draft.id], { promotions: true }]).catch(() => {});
        }
        await this.draft.reload();
        if (done) {
            this.notification.add(_t("Order %(name)s is made; the receipt is in the chat.", { name }), { type: "success" });
            this.env.sopInbox.showPane("thread");
        }
    }
    async sendQuotation() {
        await this.draft.guard(() => this.draft.call("action_send_quotation", this.state.order.id));
        await this.draft.reload();
    }
    dropDraft() {
        return this.draft.cancel(this.state.order, false);
    }
}

panelRegistry.add("order", { title: _t("Create order"), icon: "fa-shopping-cart", component: OrderTab, sequence: 20 });
