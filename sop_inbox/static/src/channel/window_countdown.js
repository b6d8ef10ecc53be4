import { Component, onWillUnmount, useState } from "@odoo/owl";

import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

const MINUTE = 60_000;

/** How long the platform still takes a reply, above the reply box. */
export class WindowCountdown extends Component {
    static template = "sop_inbox.WindowCountdown";
    static props = { window: Object, askInfo: { type: Number, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ now: Date.now(), asking: false });
        const timer = setInterval(() => (this.state.now = Date.now()), MINUTE / 2);
        onWillUnmount(() => clearInterval(timer));
    }
    get minutes() {
        const until = deserializeDateTime(this.props.window.until).toMillis();
        return Math.max(0, Math.floor((until - this.state.now) / MINUTE));
    }
    get text() {
        const hours = Math.floor(this.minutes / 60);
        const values = { days: Math.floor(hours / 24), hours: hours % 24, minutes: this.minutes % 60 };
        if (values.days) {
            return _t("Replies are taken for %(days)s d %(hours)s h", values);
        }
        return _t("Replies are taken for %(hours)s h %(minutes)s min", values);
    }
    /** The platform's own form for name, phone and address. */
    async askInfo() {
        if (!this.state.asking) {
            this.state.asking = true;
            try {
                await this.orm.call("sop.conversation", "action_request_info", [[this.props.askInfo]]);
            } finally {
                this.state.asking = false;
            }
        }
    }
    get isShort() {
        return this.minutes < 120;
    }
}
