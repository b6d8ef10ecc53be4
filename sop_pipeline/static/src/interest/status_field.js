import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/** Offers the statuses of the lead's own stage; the database refuses the others. */
export class StatusField extends SelectionField {
    get options() {
        const stage = this.props.record.data.sop_code;
        return super.options.filter(([code]) => !code || code.startsWith(`${stage}.`));
    }
}

registry.category("fields").add("sop_status", {
    ...selectionField,
    component: StatusField,
    fieldDependencies: [{ name: "sop_code", type: "selection" }],
});
