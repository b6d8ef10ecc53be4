import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime, toLocaleDateTimeString, serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const { DateTime } = luxon;

/** "Did the customer answer?", asked when the person comes back from the dialler (rows P2, P3). */
export class AnswerDialog extends Component {
    static template = "sop_pipeline.AnswerDialog";
    static components = { Dialog };
    static props = {
        call: Object,
        onResult: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({
            asking: true,
            saving: false,
            reason: false,
            callBackOn: DateTime.now().plus({ days: 1 }).set({ hour: 9, minute: 0 }).toFormat("yyyy-MM-dd'T'HH:mm"),
        });
        this.today = DateTime.now().toFormat("yyyy-MM-dd'T'HH:mm");
        this.reasons = [
            { code: "no_answer", label: _t("No answer"), icon: "fa-bell-slash-o" },
            { code: "busy", label: _t("Busy"), icon: "fa-phone-square" },
            { code: "wrong_number", label: _t("Wrong number"), icon: "fa-ban" },
            { code: "call_later", label: _t("Call later"), icon: "fa-clock-o" },
        ];
    }

    /** When it was, of a call that has waited for its result. */
    get at() {
        const at = this.props.call.at && deserializeDateTime(this.props.call.at);
        return at && at < DateTime.now().minus({ minutes: 30 }) ? toLocaleDateTimeString(at, { showSeconds: false }) : "";
    }

    ask(asking) {
        Object.assign(this.state, { asking, reason: false });
    }

    async answered() {
        await this.save(() => this.orm.call("sop.call", "action_answered", [[this.props.call.call_id]]));
    }

    async notAnswered(reason) {
        if (reason === "call_later" && this.state.reason !== reason) {
            this.state.reason = reason; // asks for the time first
            return;
        }
        const day = reason === "call_later" ? serializeDateTime(DateTime.fromISO(this.state.callBackOn)) : null;
        const saved = await this.save(async () => {
            await this.orm.call("sop.call", "action_not_answered", [[this.props.call.call_id], reason, day]);
            return false;
        });
        if (saved && day) {
            const at = toLocaleDateTimeString(deserializeDateTime(day), { showSeconds: false });
            this.notification.add(_t("Next call planned: %s", at), { type: "success" });
        }
    }

    /** One save at a time; where it fails the dialog stays and the button works again. */
    async save(request) {
        if (this.state.saving) {
            return false;
        }
        this.state.saving = true;
        try {
            const next = await request();
            this.props.close();
            this.props.onResult(next || null);
            return true;
        } finally {
            this.state.saving = false;
        }
    }
}
