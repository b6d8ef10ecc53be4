import { OrderPart } from "./order_draft";

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
        rows: { type: String, optional: true }, // more than a line may be written
    };

    get shown() {
        return this.state.typed[this.props.box] ?? this.props.value;
    }
    onInput(ev) {
        this.state.typed[this.props.box] = ev.target.value;
    }
    onChange() {
        return this.draft.leaveBox(this.props.box, this.props.send);
    }
}
