import { getCurrency } from "@web/core/currency";

import { OrderPart } from "./order_draft";
import { readAmount } from "./order_input";

/** A box of the form: what is typed stays in it, whatever is drawn meanwhile, until the server has answered to it. */
export class TypedBox extends OrderPart {
    static template = "sop_inbox.TypedBox";
    static props = {
        box: String, // its name in the form
        value: { optional: true }, // what the server knows
        send: Function, // given the text when the box is left
        class: String,
        name: { type: String, optional: true },
        inputmode: { type: String, optional: true },
        placeholder: { type: String, optional: true },
        title: { type: String, optional: true },
        amount: { type: Boolean, optional: true }, // money: what is understood is shown while it is typed
        whole: { type: Number, optional: true }, // what a percentage typed is of
        rows: { type: String, optional: true }, // more than a line may be written
    };

    get shown() {
        return this.state.typed[this.props.box] ?? this.props.value;
    }
    /** What the server will understand of an amount being typed; a question mark when nothing. */
    get understood() {
        const typed = this.state.typed[this.props.box];
        if (!this.props.amount || !typed?.trim()) {
            return "";
        }
        const { symbol = "", digits } = getCurrency(this.order.currency_id) ?? {};
        const amount = readAmount(typed.replace(symbol, ""), this.props.whole ?? null, digits?.[1] ?? 0);
        return Number.isNaN(amount) ? "?" : `= ${this.money(amount)}`;
    }
    onInput(ev) {
        this.state.typed[this.props.box] = ev.target.value;
    }
    onChange() {
        return this.draft.leaveBox(this.props.box, this.props.send);
    }
}
