import { Component, useState } from "@odoo/owl";

import { registerComposerAction } from "@mail/core/common/composer_actions";
import { Dialog } from "@web/core/dialog/dialog";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { isCustomerChat } from "../core/customer_chat";
import { formatExact } from "../inbox/inbox_format";
import { snoozeChoices } from "../inbox/inbox_toolbar";

const { DateTime } = luxon;

/** A reply that goes later, while the platform still takes it. */
export class LaterDialog extends Component {
    static template = "sop_inbox.LaterDialog";
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, text: String, until: { optional: true }, onDone: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ text: this.props.text, at: "", unlessWritten: true, busy: false });
    }
    /** Times that are still inside the platform's window. */
    get choices() {
        const until = this.props.until;
        return snoozeChoices().filter((choice) => !until || choice.at < until);
    }
    get untilText() {
        return this.props.until ? _t("Until %s", formatExact(this.props.until)) : "";
    }
    pick(at) {
        this.state.at = at.toFormat("yyyy-MM-dd'T'HH:mm");
    }
    async schedule() {
        const at = DateTime.fromISO(this.state.at);
        if (!at.isValid || !this.state.text.trim()) {
            return;
        }
        this.state.busy = true;
        try {
            const args = [[this.props.conversationId], this.state.text, serializeDateTime(at), !this.state.unlessWritten];
            await this.orm.call("sop.conversation.later", "action_schedule", args);
            this.props.close();
            this.props.onDone();
        } finally {
            this.state.busy = false;
        }
    }
}

/** What waits to be sent, above the reply box. */
export class ScheduledReplies extends Component {
    static template = "sop_inbox.ScheduledReplies";
    static props = { conversationId: Number, rows: Array };

    setup() {
        this.orm = useService("orm");
    }
    exact(value) {
        return formatExact(value);
    }
    async cancel(row) {
        await this.orm.call("sop.conversation.later", "action_cancel", [[this.props.conversationId], row.id]);
        this.env.sopInbox.refresh();
    }
}

registerComposerAction("sop-later", {
    condition: ({ composer, owner }) =>
        Boolean(
            owner.env.sopInbox &&
                isCustomerChat(composer.targetThread) &&
                !composer.message &&
                owner.env.sopInbox.state.panel?.kind !== "livechat"
        ),
    icon: "fa fa-clock-o",
    name: _t("Send later"),
    sequence: 59,
    onSelected: ({ composer, owner }) => {
        const inbox = owner.env.sopInbox;
        const { window } = inbox.state.panel || {};
        owner.env.services.dialog.add(LaterDialog, {
            conversationId: inbox.state.id,
            text: composer.composerText,
            until: window?.until ? DateTime.fromSQL(window.until, { zone: "utc" }).toLocal() : undefined,
            onDone: () => {
                composer.clear();
                inbox.refresh();
            },
        });
    },
});
