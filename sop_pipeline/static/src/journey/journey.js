import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The five phases and the timeline of a customer or lead; an interaction is recorded in two clicks. */
export class Journey extends Component {
    static template = "sop_pipeline.Journey";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ journey: null });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((next) => this.load(next.record));
    }

    async load(record) {
        this.state.journey = record.resId
            ? await this.orm.call("sop.interaction", "get_journey", [record.resModel, record.resId])
            : null;
    }

    get journey() {
        return this.state.journey;
    }

    get suggested() {
        return this.journey.suggestions.map((id) => this.journey.types.find((type) => type.id === id));
    }

    typesOf(phase) {
        return this.journey.types.filter((type) => type.phase === phase);
    }

    phaseLabel(code) {
        return this.journey.phases.find((phase) => phase.code === code).label;
    }

    time(item) {
        return formatDateTime(deserializeDateTime(item.at));
    }

    async add(type) {
        const { resModel, resId } = this.props.record;
        await this.orm.call("sop.interaction", "action_add", [resModel, resId, type.id]);
        await this.load(this.props.record);
    }

    async open(item) {
        const action = await this.orm.call("sop.interaction", "action_open_source", [[item.id]]);
        if (action) {
            this.action.doAction(action);
        }
    }
}

registry.category("view_widgets").add("sop_journey", { component: Journey });
