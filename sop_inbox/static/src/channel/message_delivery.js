import { Component, useState } from "@odoo/owl";

import { Message } from "@mail/core/common/message";
import { Message as MessageModel } from "@mail/core/common/message_model";
import { fields } from "@mail/core/common/record";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

import { PrivateReplyDialog } from "./private_reply_dialog";

const LABELS = {
    queued: { icon: "fa-clock-o", text: _t("Waiting to be sent") },
    sending: { icon: "fa-clock-o", text: _t("On its way") },
    unknown: { icon: "fa-question-circle", text: _t("Not known whether it arrived") },
    sent: { icon: "fa-check", text: _t("Sent") },
    delivered: { icon: "fa-check", text: _t("Delivered") },
    read: { icon: "fa-eye", text: _t("Read") },
    failed: { icon: "fa-exclamation-circle", text: _t("Not sent") },
};

/** It was tried, and did not go: it is not as if it had not been sent yet. */
const WAITS_AGAIN = { icon: "fa-clock-o", text: _t("Not sent yet, it is tried again") };

/** How far a message came at the platform, and what can be done with a comment there. */
export class MessageDelivery extends Component {
    static template = "sop_inbox.MessageDelivery";
    static props = { message: Object };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ busy: false });
    }
    get delivery() {
        return this.props.message.sop_delivery;
    }
    get label() {
        const { state, reason } = this.delivery;
        return state === "queued" && reason ? WAITS_AGAIN : LABELS[state];
    }
    async call(method, id) {
        this.state.busy = true;
        try {
            await this.orm.call("sop.channel.message", method, [[id]]);
        } finally {
            this.state.busy = false;
        }
    }
    retry() {
        return this.call("action_retry", this.delivery.id);
    }
    arrived() {
        return this.call("action_arrived", this.delivery.id);
    }
    takeBack() {
        return this.call("action_take_back", this.delivery.id);
    }
    hide() {
        return this.call(this.delivery.comment.hidden ? "action_unhide" : "action_hide", this.delivery.comment.id);
    }
    like() {
        return this.call(this.delivery.comment.liked ? "action_unlike" : "action_like", this.delivery.comment.id);
    }
    remove() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete the comment?"),
            body: _t("It is deleted on the page, for everybody and for good."),
            confirmLabel: _t("Delete"),
            confirm: () => this.call("action_delete", this.delivery.comment.id),
            cancel: () => {},
        });
    }
    answerPrivately() {
        this.dialog.add(PrivateReplyDialog, {
            conversationId: this.env.sopInbox?.state.panel?.id,
            commentId: this.delivery.comment.id,
        });
    }
}

/** A field of a core model, and what must hold wherever core asks for it: there is no hook before a message is updated. */
patch(MessageModel.prototype, {
    setup() {
        super.setup();
        /** What the server says of the message's way to the platform; false for all other messages. */
        this.sop_delivery = fields.Attr(false);
    },
    /** News of the bus may overtake the answer to the request that made the message: the older one is dropped. */
    update(data) {
        if (data.sop_delivery?.version < this.sop_delivery?.version) {
            delete data.sop_delivery;
        }
        return super.update(data);
    },
    /** The customer would go on seeing the old words: what goes to a platform is taken back while it waits, or stays. */
    get editable() {
        return !this.sop_delivery && super.editable;
    },
});

// Core's own way to show more below a message (MessageSeenIndicator): there is no slot. Chat windows show it too.
Message.components = { ...Message.components, MessageDelivery };
