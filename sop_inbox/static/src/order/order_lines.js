import { useState } from "@odoo/owl";

import { OrderPart } from "./order_draft";
import { readQuantity } from "./order_input";
import { ProductPicker } from "./product_picker";
import { TypedBox } from "./typed_box";

/** What is ordered: quantity, discount and note of each line, and the search that adds one. */
export class OrderLines extends OrderPart {
    static template = "sop_inbox.OrderLines";
    static components = { ProductPicker, TypedBox };

    setup() {
        super.setup();
        this.view = useState({ openLine: false });
    }
    toggleLine(line) {
        this.view.openLine = this.view.openLine === line.id ? false : line.id;
    }

    /** One more or less than what is shown: quick presses add up. */
    step(line, by) {
        const box = `qty${line.id}`;
        const { typed } = this.state;
        typed[box] = String(readQuantity(typed[box] ?? line.qty) + by);
        return this.draft.leaveBox(box, (text) => this.setQuantity(line, text));
    }
    async setQuantity(line, value) {
        const qty = readQuantity(value);
        if (qty === line.qty && !this.state.busy) {
            return;
        }
        if (qty <= 0) {
            return this.removeLine(line);
        }
        if (await this.draft.change({ line: { id: line.id, qty } })) {
            this.draft.afterLines();
        }
    }
    async removeLine(line) {
        if (await this.draft.change({ remove: line.id })) {
            this.draft.afterLines();
        }
    }
    setDiscount(line, value) {
        return this.draft.change({ line: { id: line.id, discount: String(value) } });
    }
    setNote(line, value) {
        return this.draft.change({ line: { id: line.id, note: value } });
    }
    setWarehouse(value) {
        return this.draft.change({ warehouse_id: Number(value) });
    }
}
