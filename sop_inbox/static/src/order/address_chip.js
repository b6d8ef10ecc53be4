import { Component, useState } from "@odoo/owl";

import { Message } from "@mail/core/common/message";
import { Message as MessageModel } from "@mail/core/common/message_model";
import { fields } from "@mail/core/common/record";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";

/** An address in a message: one press gives it to the customer; a ward that is not sure is asked. */
export class AddressChip extends Component {
    static template = "sop_inbox.AddressChip";
    static props = { message: Object, index: Number };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ busy: false, choices: null, why: "" });
    }
    get address() {
        return this.props.message.sop_addresses[this.props.index];
    }
    async use(ward) {
        const id = this.env.sopInbox?.state.panel?.id;
        if (!id || this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const args = [[id], this.props.message.id, this.props.index, ward || false];
            const { choices, why, note } = await this.orm.call("sop.order.form", "action_use_address", args);
            Object.assign(this.state, { choices: choices || null, why: why || "" });
            if (!choices) {
                this.notification.add(note || _t("The customer has this address now."), { type: note ? "warning" : "success" });
                this.env.bus.trigger("SOP_INBOX:ADDRESS");
                this.env.sopInbox.refresh();
            }
        } finally {
            this.state.busy = false;
        }
    }
    close() {
        this.state.choices = null;
    }
}

/** A field of a core model is made in its ``setup``: there is no registry of them. */
patch(MessageModel.prototype, {
    setup() {
        super.setup();
        /** The addresses a customer's message holds; false for all other messages. */
        this.sop_addresses = fields.Attr(false);
    },
});

Message.components = { ...Message.components, AddressChip };
