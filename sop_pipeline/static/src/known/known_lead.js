import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Says, as soon as a number is typed, whose customer it is already; offers to open the lead or to ask for it. */
export class KnownLead extends Component {
    static template = "sop_pipeline.KnownLead";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        this.state = useState({ known: false });
        this.phone = "";
        useRecordObserver((record) => {
            const phone = record.data.phone || "";
            if (phone !== this.phone) {
                this.phone = phone;
                this.look(phone, record.resId);
            }
        });
    }

    async look(phone, leadId) {
        this.state.known = false;
        if (phone.replace(/\D/g, "").length >= 7) {
            this.state.known = await this.keepLast.add(this.orm.silent.call("crm.lead", "get_known_lead", [phone, leadId || null]));
        }
    }

    open() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: this.state.known.lead_id,
            views: [[false, "form"]],
        });
    }

    async ask() {
        const name = await this.orm.call("crm.lead", "action_ask_for_lead", [this.phone]);
        this.state.known.asked = true;
        this.notification.add(_t("%s was asked for this lead.", name), { type: "success" });
    }
}

registry.category("view_widgets").add("sop_known_lead", {
    component: KnownLead,
    fieldDependencies: [{ name: "phone", type: "char" }],
});
