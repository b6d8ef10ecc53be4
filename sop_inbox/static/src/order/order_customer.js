import { useRef, useState } from "@odoo/owl";

import { OrderCall } from "./order_call";
import { OrderPart } from "./order_draft";
import { WardBox } from "./ward_box";
import { spaced } from "@sop_pipeline/core/phone";

/** Who orders and where it goes: a line, or its boxes, kept once they are left. */
export class OrderCustomer extends OrderPart {
    static template = "sop_inbox.OrderCustomer";
    static components = { OrderCall, WardBox };

    setup() {
        super.setup();
        this.block = useRef("customer");
        const { id, phone, street } = this.state.form.customer;
        this.view = useState({ editing: !id || !phone || !street });
    }

    get number() {
        return spaced(this.state.customer.phone);
    }

    /** What is in the box: as people write numbers, until somebody types in it. */
    get typedNumber() {
        const { phone } = this.state.customer;
        return phone === this.draft.saved.phone ? spaced(phone) : phone;
    }

    get address() {
        const { street, city, state_id } = this.state.customer;
        const province = this.state.form.provinces.find((item) => item.id === state_id)?.name;
        return [street, city, province].filter(Boolean).join(", ");
    }

    /** Each box is named after the field it fills. */
    onInput({ target: { name, value } }) {
        this.state.customer[name] = name === "state_id" ? Number(value) || false : value;
    }
    /** Left the block of the customer: keep what was typed. */
    onFocusOut(ev) {
        if (!this.block.el?.contains(ev.relatedTarget)) {
            this.draft.saveCustomer();
        }
    }
    async close() {
        if (await this.draft.saveCustomer()) {
            this.view.editing = false;
        }
    }
}
