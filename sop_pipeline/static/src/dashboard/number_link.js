import { Component } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/** A number that opens the records behind it. */
export class NumberLink extends Component {
    static template = "sop_pipeline.NumberLink";
    static props = { text: [String, Number], action: { type: [Object, Boolean], optional: true }, class: { type: String, optional: true } };

    setup() {
        this.actionService = useService("action");
    }

    open() {
        this.actionService.doAction(this.props.action);
    }
}
