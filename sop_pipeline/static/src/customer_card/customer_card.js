import { CallButton } from "../call/call_button";
import { spaced } from "../core/phone";
import { Component } from "@odoo/owl";
import { formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Who the customer is, at a glance, with the button to call them (rows P2, P7). */
export class CustomerCard extends Component {
    static template = "sop_pipeline.CustomerCard";
    static components = { CallButton };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get data() {
        return this.props.record.data;
    }

    get name() {
        return this.data.contact_name || this.data.partner_id?.display_name || this.data.partner_name || this.data.name || "";
    }

    get number() {
        return spaced(this.data.phone);
    }

    get initial() {
        return this.name.trim().slice(0, 1).toUpperCase();
    }

    get avatar() {
        return this.data.partner_id && `/web/image/res.partner/${this.data.partner_id.id}/avatar_128`;
    }

    /** The five stages for the narrow screen, where the status bar shows only the current one (row P1). */
    get stages() {
        const stages = this.props.record.fields.sop_code.selection;
        const current = stages.findIndex(([code]) => code === this.data.sop_code);
        return stages.map(([code, label], index) => ({ code, label, done: index < current, current: index === current }));
    }

    get birthDate() {
        return this.data.sop_birthdate && formatDate(this.data.sop_birthdate);
    }

    get gender() {
        const [, label] = this.props.record.fields.sop_gender.selection.find(([code]) => code === this.data.sop_gender) || [];
        return label;
    }

    /** The factual tags and people's own (row P7), which the form's field lets one change. */
    get tags() {
        return (this.data.tag_ids?.records || []).map(({ data, resId }) => ({ id: resId, name: data.display_name, color: data.color || 0 }));
    }

    /** How the lead ended, instead of Odoo's ribbon, which would cover the call button. */
    get outcome() {
        if (this.data.won_status === "won") {
            return { label: _t("Won"), class: "text-bg-success" };
        }
        if (this.data.won_status === "lost") {
            return { label: _t("Lost"), class: "text-bg-danger" };
        }
        return this.data.active ? null : { label: _t("Archived"), class: "text-bg-secondary" };
    }

    /** A masked number has too few digits to be called. */
    get canCall() {
        return this.props.record.resId && (this.data.phone || "").replace(/\D/g, "").length > 5;
    }

    get canVerify() {
        return !this.data.sop_is_verified && this.props.record.resId && (this.data.phone || this.data.email_from);
    }

    /** Other leads of the same phone, e-mail or company, which a phone's menu would hide. */
    async openDuplicates() {
        this.action.doAction(await this.orm.call("crm.lead", "action_show_potential_duplicates", [[this.props.record.resId]]));
    }

    async verify() {
        if (await this.props.record.save()) {
            await this.orm.call("crm.lead", "action_sop_verify", [[this.props.record.resId]]);
            await this.props.record.load();
        }
    }
}

registry.category("view_widgets").add("sop_customer_card", {
    component: CustomerCard,
    fieldDependencies: [
        { name: "name", type: "char" },
        { name: "contact_name", type: "char" },
        { name: "partner_name", type: "char" },
        { name: "partner_id", type: "many2one", relation: "res.partner" },
        { name: "phone", type: "char" },
        { name: "email_from", type: "char" },
        { name: "active", type: "boolean" },
        { name: "won_status", type: "selection" },
        { name: "sop_code", type: "selection" },
        { name: "sop_gender", type: "selection" },
        { name: "sop_birthdate", type: "date" },
        { name: "sop_is_verified", type: "boolean" },
        { name: "duplicate_lead_count", type: "integer" },
    ],
});
