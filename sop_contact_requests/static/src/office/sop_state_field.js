import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

/** The status as a list box that can be changed in a list without opening the row for editing. */
export class SopStateField extends SelectionField {
    static template = "sop_contact_requests.SopStateField";

    get state() {
        return this.props.record.data[this.props.name];
    }

    get isLocked() {
        return this.props.record.data.is_locked;
    }

    /** One choice after another, so that the last one stays; a refused one is taken back. */
    async onPick({ target }) {
        const { record } = this.props;
        const { orm } = this.env.services; // not the row's own: the list may be read again, and the row be another, before the answer
        const args = [[record.resId], target.value];
        try {
            await record.model.mutex.exec(() => orm.call("sop.contact.request", "action_set_state", args));
        } catch (error) {
            target.value = this.state;
            throw error;
        }
        await record.load();
        this.env.bus.trigger("SOP-REQUESTS-CHANGED");
    }
}

registry.category("fields").add("sop_state", {
    ...selectionField,
    component: SopStateField,
    displayName: _t("Status of a contact request"),
    fieldDependencies: [{ name: "is_locked", type: "boolean" }],
});
