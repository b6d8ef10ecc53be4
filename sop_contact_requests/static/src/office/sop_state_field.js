import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";
import { callRequest, showRequest } from "./request_call";

/** The status as a list box that can be changed in a list without opening the row for editing. */
export class SopStateField extends SelectionField {
    static template = "sop_contact_requests.SopStateField";

    get state() {
        return this.props.record.data[this.props.name];
    }

    get isLocked() {
        return this.props.record.data.is_locked;
    }

    /** Let the list know whether the box is open: it is not read again meanwhile. */
    onOpen(isOpen) {
        this.props.record.model.isPicking = isOpen;
    }

    /** One choice after another, so that the last one stays; a refused one is taken back. */
    async onPick({ target }) {
        this.onOpen(false);
        try {
            await callRequest(this, "action_set_state", [target.value]);
        } catch (error) {
            target.value = this.state;
            throw error;
        }
        await showRequest(this);
    }
}

registry.category("fields").add("sop_state", {
    ...selectionField,
    component: SopStateField,
    displayName: _t("Status of a contact request"),
    fieldDependencies: [{ name: "is_locked", type: "boolean" }],
});
