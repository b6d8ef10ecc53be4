import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { OrderCall } from "./order_call";
import { OrderPart } from "./order_draft";

/** Orders made in this conversation. */
export class OrderRecent extends OrderPart {
    static template = "sop_inbox.OrderRecent";
    static components = { OrderCall };

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
    async sendParcel({ id }) {
        if (await this.draft.guard(() => this.draft.call("action_send_parcel", id))) {
            this.notification.add(_t("The customer was told where the parcel is."), { type: "success" });
        }
    }
    /** A failed delivery: the carrier is asked to come again, or to bring it back. */
    async decide(parcel, method) {
        if (await this.draft.guard(() => this.draft.orm.call("sop.parcel", method, [[parcel.id]]).then(() => true))) {
            this.notification.add(_t("The carrier was told."), { type: "success" });
            await this.draft.load();
        }
    }
    /** What became of a parcel is not known: the carrier is asked by our reference. */
    async askCarrier(parcel) {
        await this.draft.guard(() => this.draft.orm.call("sop.parcel", "action_ask", [[parcel.id]]).then(() => true));
        await this.draft.load();
    }
    sendBack(parcel) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Send the parcel back?"),
            body: _t("The carrier brings %(tracking)s back to the shop.", { tracking: parcel.tracking }),
            confirmLabel: _t("Send Back"),
            confirm: () => this.decide(parcel, "action_send_back"),
            cancelLabel: _t("Not yet"),
            cancel: () => {},
        });
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
