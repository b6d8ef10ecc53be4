import { Component, onWillStart, onWillUnmount, useState, useSubEnv } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";

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
        this.dialog = useService("dialog");
        this.draft = useNewOrderDraft(this.props.panel.id);
        this.state = useState(this.draft.state);
        this.view = useState({ ending: false });
        useSubEnv({ orderDraft: this.draft });
        onWillStart(() => this.draft.load());
        useBus(this.env.bus, "SOP_INBOX:ADDRESS", () => this.draft.load());
        this.timer = browser.setInterval(() => this.draft.refresh(), STOCK_EVERY);
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.state.order.currency_id });
    }
    get canConfirm() {
        return Boolean(this.state.order?.lines.length) && !this.view.ending;
    }

    /** Until the form shows what came of one press, a second one is none. */
    async end(run) {
        if (!this.view.ending) {
            this.view.ending = true;
            try {
                await run();
            } finally {
                this.view.ending = false;
            }
        }
    }
    confirm() {
        return this.canConfirm && this.end(() => this.confirmShown());
    }
    /** Keep what was typed, also in the box that the press has left: false when it was refused, or when the total is not the one seen any more. */
    async keepTyped() {
        const { refusals } = this.draft;
        const { total } = this.state.order.totals;
        await this.draft.mutex.exec(() => {}); // the changes under way
        const isKept = refusals === this.draft.refusals && (await this.draft.saveCustomer());
        const now = this.state.order?.totals.total;
        if (isKept && now !== undefined && now !== total) {
            this.notification.add(_t("The total is %s now. Look at it and press again.", this.money(now)), { type: "warning" });
        }
        return isKept && now === total;
    }
    async confirmShown() {
        if (!(await this.keepTyped())) {
            return; // it would go to who and where the customer was before, or for another sum
        }
        const { id, name, totals } = this.state.order;
        const done = await this.draft.guard(() => this.draft.call("action_confirm_order", id, totals.total));
        if (!done) {
            // what was refused may be a code that has run out: the form shows the order as it is now
            await this.orm.call("sop.order.form", "action_update_order", [[this.draft.id], { promotions: true }]).catch(() => {});
        }
        await this.draft.reload();
        if (done) {
            this.notification.add(_t("Order %(name)s is made; the receipt is in the chat.", { name }), { type: "success" });
            this.env.sopInbox.showPane("thread");
        }
    }
    sendQuotation() {
        return this.end(async () => {
            if (await this.keepTyped()) {
                await this.draft.guard(() => this.draft.call("action_send_quotation", this.state.order.id));
                await this.draft.reload();
            }
        });
    }
    dropDraft() {
        const { order } = this.state;
        const cancel = () => this.end(() => this.draft.cancel(order, false));
        if (order.state !== "sent") {
            return cancel();
        }
        this.dialog.add(ConfirmationDialog, {
            body: _t("The customer has quotation %(name)s. Cancel it?", { name: order.name }),
            confirmLabel: _t("Cancel the quotation"),
            confirm: cancel,
            cancelLabel: _t("Keep it"),
            cancel: () => {},
        });
    }
}

panelRegistry.add("order", { title: _t("Create order"), icon: "fa-shopping-cart", component: OrderTab, sequence: 20 });
