import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
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
        this.state = useState({ journey: null, added: null, allPhases: false });
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

    /** What fits next and can only be recorded, once it is done. */
    get suggested() {
        return this.journey.suggestions.map((id) => this.journey.types.find((type) => type.id === id)).filter((type) => !type.acts);
    }

    /** What can be carried out from here, in the phase of the customer and the next one. */
    get ways() {
        const phases = this.fittingPhases.map(({ code }) => code);
        return this.journey.types.filter((type) => type.acts && phases.includes(type.phase));
    }

    /** The phase of the customer and the next one; the others when they are asked for. */
    get offeredPhases() {
        return this.state.allPhases ? this.journey.phases : this.fittingPhases;
    }

    get fittingPhases() {
        const { phases, phase } = this.journey;
        const here = Math.max(0, phases.findIndex(({ code }) => code === phase));
        return phases.slice(here, here + 2);
    }

    typesOf(phase) {
        return this.journey.types.filter((type) => type.phase === phase);
    }

    phaseLabel(code) {
        return this.journey.phases.find((phase) => phase.code === code).label;
    }

    time(item) {
        return toLocaleDateTimeString(deserializeDateTime(item.at), { showSeconds: false });
    }

    async add(type) {
        const { resModel, resId } = this.props.record;
        const id = await this.orm.call("sop.interaction", "action_add", [resModel, resId, type.id]);
        await this.load(this.props.record);
        this.state.added = { id, name: type.name };
    }

    /** Open what carries it out; it is recorded once it was sent, and not when the window is merely closed. */
    async start(type) {
        const { resModel, resId } = this.props.record;
        const action = await this.orm.call("sop.interaction", "action_start", [resModel, resId, type.id]);
        if (!action) {
            return this.add(type);
        }
        const onClose = (closed) => (closed?.dismiss || closed?.special ? undefined : this.add(type));
        await this.action.doAction(action, { onClose });
    }

    async saveNote(ev) {
        await this.orm.write("sop.interaction", [this.state.added.id], { note: ev.target.value });
        this.state.added = null;
        await this.load(this.props.record);
    }

    async undo(id) {
        await this.orm.unlink("sop.interaction", [id]);
        this.state.added = null;
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
