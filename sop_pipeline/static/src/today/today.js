import { latest } from "../core/latest";
import { INTERESTS } from "../interest/interest";
import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** A salesperson's day: which results are missing, who to call now and why, what comes later; worked through with one thumb. */
export class Today extends Component {
    static template = "sop_pipeline.Today";
    static components = { ControlPanel };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.call = useService("sop_call");
        this.controlPanelDisplay = {};
        this.state = useState({ data: null, busy: false });
        this.load = latest(() => this.orm.call("sop.today", "get_data", []), (data) => (this.state.data = data));
        onWillStart(() => this.load());
    }

    get waiting() {
        const { waiting, to_rate: toRate } = this.state.data.todo;
        return [...waiting, ...toRate];
    }

    get sections() {
        const { to_call: now, to_call_count: nowCount, later, later_count: laterCount } = this.state.data;
        return [
            { code: "now", rows: now, count: nowCount },
            { code: "later", rows: later, count: laterCount },
        ];
    }

    face(row) {
        return INTERESTS.find((interest) => interest.code === row.interest)?.image;
    }

    callLabel(row) {
        return _t("Call %(name)s", { name: row.name });
    }

    enterResult(call) {
        this.call.ask(call, () => this.load());
    }

    async dial(row) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.call.callLead(row.lead_id, () => this.load());
        } finally {
            this.state.busy = false;
        }
    }

    open(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: row.lead_id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("sop_today", Today);
