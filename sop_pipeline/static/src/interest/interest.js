import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The three faces, in the order of the source's dialog. */
export const INTERESTS = [
    { code: "not_interested", label: _t("Not interested") },
    { code: "thinking", label: _t("Thinking") },
    { code: "interested", label: _t("Interested") },
].map((interest) => ({ ...interest, image: `/sop_pipeline/static/src/img/${interest.code}.svg` }));

/** Shows an interest as its face and name, or as its face alone; read-only, since only a rated call sets it. */
export class InterestField extends Component {
    static template = "sop_pipeline.InterestField";
    static props = { ...standardFieldProps, compact: { type: Boolean, optional: true }, face: { type: Boolean, optional: true } };

    get interest() {
        return INTERESTS.find((interest) => interest.code === this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("sop_interest", {
    component: InterestField,
    supportedTypes: ["selection"],
    extractProps: ({ options }) => ({ compact: Boolean(options.compact), face: Boolean(options.face) }),
});
