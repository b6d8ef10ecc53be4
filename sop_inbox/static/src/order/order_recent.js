import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { OrderPart } from "./order_draft";

/** Orders made in this conversation. */
export class OrderRecent extends OrderPart {
    static template = "sop_inbox.OrderRecent";

    setup() {
        super.setup();
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
    }
    open(id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: "sale.order", res_id: id, views: [[false, "form"]] });
    }
    async sendReceipt({ id }) {
        if (await this.draft.guard(() => this.draft.call("action_send_receipt", id))) {
            this.notification.add(_t("The receipt was sent again."), { type: "success" });
        }
    }
    cancel(order) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Cancel order %(name)s?", { name: order.name }),
            body: _t("Its goods are available for others again, and the customer is notified in the chat."),
            confirmLabel: _t("Cancel the order"),
            confirm: () => this.draft.cancel(order, true),
            cancelLabel: _t("Keep it"),
            cancel: () => {},
        });
    }
}
