import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Calls that still want a rating or a result, counted in the menu bar; hidden when there are none. */
export class CallMenu extends Component {
    static template = "sop_pipeline.CallMenu";
    static components = { Dropdown };
    static props = [];

    setup() {
        this.call = useService("sop_call");
        this.action = useService("action");
        this.state = useState(this.call.state);
        this.dropdown = useDropdownState();
    }

    get calls() {
        return [...this.state.waiting, ...this.state.toRate];
    }

    get count() {
        return this.state.count + this.state.waitingCount;
    }

    time(call) {
        return toLocaleDateTimeString(deserializeDateTime(call.at), { showSeconds: false });
    }

    open(call) {
        this.dropdown.close();
        this.call.ask(call, this.call.reload);
    }

    openAll() {
        this.dropdown.close();
        this.action.doAction("sop_pipeline.sop_call_action_to_rate", { clearBreadcrumbs: true });
    }
}

registry.category("systray").add("sop_pipeline.CallMenu", { Component: CallMenu }, { sequence: 24 });
