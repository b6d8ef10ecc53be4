import { useState } from "@odoo/owl";

import { OrderPart } from "./order_draft";
import { TypedBox } from "./typed_box";

/** Promotions that apply, a code, and a discount by hand. */
export class OrderPromotions extends OrderPart {
    static template = "sop_inbox.OrderPromotions";
    static components = { TypedBox };

    setup() {
        super.setup();
        this.input = useState({ code: "" });
    }
    async applyCode() {
        const code = this.input.code.trim();
        if (code && (await this.draft.change({ promo_code: code }))) {
            this.input.code = "";
        }
    }
    setDiscount(value) {
        return this.draft.change({ discount: String(value) });
    }
}

/** How it is paid, and what is to be known of the whole order. */
export class OrderPayment extends OrderPart {
    static template = "sop_inbox.OrderPayment";
    static components = { TypedBox };

    setPayment(payment) {
        return this.draft.change({ payment });
    }
    setDeposit(deposit) {
        return this.draft.change({ deposit });
    }
    setNote(note) {
        return this.draft.change({ note });
    }
}

/** What it comes to. */
export class OrderTotals extends OrderPart {
    static template = "sop_inbox.OrderTotals";
}
