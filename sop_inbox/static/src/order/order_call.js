import { _t } from "@web/core/l10n/translation";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useService } from "@web/core/utils/hooks";

import { formatExact } from "../inbox/inbox_format";
import { OrderPart } from "./order_draft";

/** An order to be confirmed by a call: why, the call, what came of it. */
export class OrderCall extends OrderPart {
    static template = "sop_inbox.OrderCall";
    static components = { Dropdown, DropdownItem };
    static props = { order: Object, named: { type: Boolean, optional: true } };

    setup() {
        super.setup();
        this.action = useService("action");
    }
    get asked() {
        return this.props.order.call;
    }
    get outcomes() {
        return [
            { id: "confirmed", label: _t("Confirmed") },
            { id: "changed", label: _t("Confirmed with changes") },
            { id: "no_answer", label: _t("No answer") },
            { id: "declined", label: _t("Does not want it") },
        ];
    }
    get outcomeText() {
        const { outcome, by, at } = this.asked;
        return [outcome, by, at && formatExact(at)].filter(Boolean).join(" · ");
    }
    async call() {
        const action = await this.draft.orm.call("sale.order", "action_sop_call_to_confirm", [[this.props.order.id]]);
        await this.action.doAction(action);
    }
    async record(outcome) {
        const { id } = this.props.order;
        const seen = this.asked.declined ? "declined" : false;
        await this.draft.guard(() => this.draft.orm.call("sale.order", "action_sop_call_outcome", [[id], outcome, seen]));
        await this.draft.load(); // also when it was refused: a colleague's outcome is shown then
        this.env.sopInbox.reload();
    }
}
