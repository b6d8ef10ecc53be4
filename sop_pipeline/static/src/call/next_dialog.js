import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime, serializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const { DateTime } = luxon;

/** The rating is kept: when to call this customer again, and who to call now. */
export class NextDialog extends Component {
    static template = "sop_pipeline.NextDialog";
    static components = { Dialog };
    static props = {
        call: Object,
        steps: Array,
        proposed: String,
        rule: { type: [String, Boolean], optional: true },
        next_lead: { type: [Object, Boolean], optional: true },
        onCall: Function,
        onPlanned: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            saving: false,
            planned: "",
            at: DateTime.now().plus({ days: 1 }).set({ hour: 9, minute: 0 }).toFormat("yyyy-MM-dd'T'HH:mm"),
        });
    }

    get picked() {
        return DateTime.fromISO(this.state.at);
    }

    async plan(at) {
        if (this.state.saving) {
            return;
        }
        this.state.saving = true;
        try {
            await this.orm.call("sop.call", "action_plan_next", [[this.props.call.call_id], at]);
            this.state.planned = _t("Next call planned: %s", toLocaleDateTimeString(deserializeDateTime(at), { showSeconds: false }));
            this.props.onPlanned();
        } finally {
            this.state.saving = false;
        }
    }

    planPicked() {
        return this.plan(serializeDateTime(this.picked));
    }

    async callNext() {
        const calling = this.props.onCall(this.props.next_lead.lead_id); // before the close: the page is not shown anew in between
        this.props.close();
        await calling;
    }
}
