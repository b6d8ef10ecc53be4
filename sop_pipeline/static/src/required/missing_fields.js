import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";
import { createElement, serializeXML } from "@web/core/utils/xml";
import { Record } from "@web/model/relational_model/record";
import { StatusBarField } from "@web/views/fields/statusbar/statusbar_field";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

/** What a refused move lacks (row P9): `lead_id, stage_id, stage, fields`; undefined of any other error. */
function missingOf(error) {
    return error instanceof RPCError ? error.data?.context?.sop_missing : undefined;
}

/** A refused move leaves the screen as it was: the lead in its stage, other changes kept. */
patch(Record.prototype, {
    async _save() {
        try {
            return await super._save(...arguments);
        } catch (error) {
            if (this.resModel === "crm.lead" && this.resId && missingOf(error) && "stage_id" in this._changes) {
                delete this._changes.stage_id;
                this.data.stage_id = this._values.stage_id;
                this.dirty = Boolean(Object.keys(this._changes).length);
            }
            throw error;
        }
    },
});

/** A stage that was only tried on the bar leaves nothing to save either: neither what its onchange computed. */
patch(StatusBarField.prototype, {
    async selectItem(item) {
        const { record } = this.props;
        const wasDirty = await record.isDirty();
        try {
            return await super.selectItem(item);
        } catch (error) {
            if (!wasDirty && missingOf(error)) {
                await record.discard();
            }
            throw error;
        }
    },
});

/** A small form of the missing fields alone. */
class MissingFieldsDialog extends FormViewDialog {
    static props = { ...FormViewDialog.props, arch: String, fields: Object };

    setup() {
        super.setup();
        const { arch, fields, resModel } = this.props;
        Object.assign(this.viewProps, { arch, fields, relatedModels: { [resModel]: { fields } } });
    }
}

/** The fields that say in which currency the amounts are. */
function currenciesOf(names, fields) {
    return [...new Set(names.flatMap((name) => fields[name].currency_field || []))];
}

function buildArch(message, names, fields) {
    const alert = createElement("div", { class: "alert alert-warning", role: "status" }, [document.createTextNode(message)]);
    const isDate = (name) => fields[name].type.startsWith("date"); // last: the first is focused, and a calendar would cover the others
    const rows = names.toSorted((one, other) => isDate(one) - isDate(other)).map((name) => {
        const widget = fields[name].type === "many2many" ? { widget: "many2many_tags" } : {};
        return createElement("field", { name, required: "1", ...widget });
    });
    rows.push(...currenciesOf(names, fields).map((name) => createElement("field", { name, invisible: "1" })));
    return serializeXML(createElement("form", {}, [createElement("sheet", {}, [alert, createElement("group", {}, [createElement("group", {}, rows)])])]));
}

/** Asks for the fields, saves them, and makes the move that was refused, unless the lead was moved while the form stood open. */
async function askForMissing(env, message, { lead_id: leadId, stage_id: stageId, stage, fields: names }) {
    const { action, dialog, notification, orm } = env.services;
    const readStage = async () => (await orm.read("crm.lead", [leadId], ["stage_id"]))[0]?.stage_id[0];
    const loadFields = (fieldNames) => env.services.field.loadFields("crm.lead", { fieldNames });
    const [fields, stageBefore] = await Promise.all([loadFields(names), readStage()]);
    const currencies = currenciesOf(names, fields);
    if (currencies.length) {
        Object.assign(fields, await loadFields(currencies));
    }
    const close = dialog.add(MissingFieldsDialog, {
        resModel: "crm.lead",
        resId: leadId,
        title: _t("Before %s", stage),
        size: "md",
        canExpand: false,
        arch: buildArch(message, names, fields),
        fields,
        onRecordSaved: async () => {
            try {
                if ((await readStage()) === stageBefore) {
                    await orm.webSave("crm.lead", [leadId], { stage_id: stageId }, { specification: {} });
                } else {
                    notification.add(_t("The lead was moved meanwhile and stays there. What you filled in is saved."), { type: "info" });
                }
            } catch (error) {
                close(); // the form has done its part: what else the move lacks is asked anew
                await action.doAction("soft_reload"); // what was filled in is shown
                throw error;
            }
            await action.doAction("soft_reload");
        },
    });
}

registry.category("error_handlers").add(
    "sop_missing_fields",
    (env, error, originalError) => {
        const missing = missingOf(originalError);
        if (!missing?.lead_id || !missing.fields.length) {
            return false; // core says it
        }
        error.unhandledRejectionEvent?.preventDefault();
        askForMissing(env, originalError.data.message, missing);
        return true;
    },
    { sequence: 10 }
);
