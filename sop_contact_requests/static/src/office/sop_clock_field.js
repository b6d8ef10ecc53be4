import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { serializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { callRequest, showRequest } from "./request_call";

const { DateTime } = luxon;

/** The clock: times one often wants, or any other; red once it has passed. */
export class SopClockField extends Component {
    static template = "sop_contact_requests.SopClockField";
    static components = { DateTimeInput, Dropdown, DropdownItem };
    static props = { ...standardFieldProps };

    setup() {
        this.when = null;
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.value ? toLocaleDateTimeString(this.value, { showSeconds: false }) : "";
    }

    get isLocked() {
        return this.props.record.data.is_locked;
    }

    get presets() {
        const at = (days, hour) => () => DateTime.now().plus({ days }).startOf("day").set({ hour });
        return [
            { label: _t("In one hour"), when: () => DateTime.now().plus({ hours: 1 }) }, // from the press, not from the opening
            { label: _t("This evening, 18:00"), when: at(0, 18) },
            { label: _t("Tomorrow, 9:00"), when: at(1, 9) },
            { label: _t("In three days, 9:00"), when: at(3, 9) },
        ].filter(({ when }) => when() > DateTime.now().plus({ minutes: 5 }));
    }

    async set(when) {
        await callRequest(this, "action_set_reminder", [when ? serializeDateTime(when) : false]);
        await showRequest(this);
    }
}

registry.category("fields").add("sop_clock", {
    component: SopClockField,
    displayName: _t("Reminder clock"),
    supportedTypes: ["datetime"],
    fieldDependencies: [
        { name: "is_locked", type: "boolean" },
        { name: "is_overdue", type: "boolean" },
    ],
});
