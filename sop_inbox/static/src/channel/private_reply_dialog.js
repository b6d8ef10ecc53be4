import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus, useService } from "@web/core/utils/hooks";

/** The one private answer to a comment. */
export class PrivateReplyDialog extends Component {
    static template = "sop_inbox.PrivateReplyDialog";
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, commentId: Number };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ text: "", busy: false });
        useAutofocus({ refName: "text" });
    }
    async send() {
        this.state.busy = true;
        try {
            await this.orm.call("sop.conversation.sending", "action_private_reply", [
                [this.props.conversationId],
                this.state.text,
                this.props.commentId,
            ]);
            this.props.close();
        } finally {
            this.state.busy = false;
        }
    }
}
