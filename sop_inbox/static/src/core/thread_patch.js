import { Composer } from "@mail/core/common/composer";
import { Message } from "@mail/core/common/message";
import { Message as MessageModel } from "@mail/core/common/message_model";
import { Store } from "@mail/core/common/store_service";
import { ThreadAction } from "@mail/core/common/thread_actions";
import { Thread } from "@mail/core/common/thread_model";

import { fields } from "@mail/core/common/record";
import { patch } from "@web/core/utils/patch";

/** What of Discuss's own header makes sense in a chat with a customer. */
const INBOX_THREAD_ACTIONS = ["search-messages", "attachments", "pinned-messages"];

patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** The chat shown by the inbox screen: its reader need not be a member of it. */
        this.sopInboxThread = fields.One("Thread");
        this.sopInboxIsOpen = false;
    },
});

patch(Thread.prototype, {
    get sopIsCustomerChat() {
        return this.channel_type === "sop_inbox" || this.channel_type === "livechat";
    },
    get isChatChannel() {
        return this.channel_type === "sop_inbox" || super.isChatChannel;
    },
    get supportsCustomChannelName() {
        return this.channel_type !== "sop_inbox" && super.supportsCustomChannelName;
    },
    /** The team hears a chat it reads without being a member. */
    get shouldSubscribeToBusChannel() {
        return (
            super.shouldSubscribeToBusChannel ||
            Boolean(!this.self_member_id && this.store.sopInboxThread?.eq(this))
        );
    },
    computeIsDisplayed() {
        return super.computeIsDisplayed() || Boolean(this.store.sopInboxThread?.eq(this));
    },
    /** Customers' chats live in the inbox: no bubble for each of them on every screen; the live chat's only away from it. */
    get inChathubOnNewMessage() {
        return !(this.channel_type === "sop_inbox" || (this.sopIsCustomerChat && this.store.sopInboxIsOpen)) && super.inChathubOnNewMessage;
    },
});

patch(ThreadAction.prototype, {
    _condition({ action, owner }) {
        if (owner.env?.sopInbox && !INBOX_THREAD_ACTIONS.includes(action.id)) {
            return false;
        }
        return super._condition(...arguments);
    },
});

patch(Composer.prototype, {
    /** Escape leaves the reply box, so that the keys of the inbox work. */
    onKeydown(ev) {
        if (ev.key === "Escape" && this.env.sopInbox && !this.props.composer.message) {
            this.ref.el?.blur();
            return;
        }
        return super.onKeydown(ev);
    },
    get placeholder() {
        if (this.env.sopInbox && this.thread?.sopIsCustomerChat) {
            return this.env.sopInbox.composerPlaceholder;
        }
        return super.placeholder;
    },
});

patch(MessageModel.prototype, {
    /** Whether we, a person or a bot, said it to a customer. */
    get sopIsOurs() {
        const author = this.author_id;
        return Boolean(this.thread?.sopIsCustomerChat && author && author.main_user_id?.share !== true);
    },
    get bubbleColor() {
        if (this.thread?.sopIsCustomerChat && this.message_type !== "notification") {
            return this.sopIsOurs ? "green" : "blue";
        }
        return super.bubbleColor;
    },
});

patch(Message.prototype, {
    /** In the inbox the shop is on the right, whichever colleague wrote. */
    get isAlignedRight() {
        return this.env.sopInbox && this.message.thread?.sopIsCustomerChat ? this.message.sopIsOurs : super.isAlignedRight;
    },
    get attClass() {
        return { ...super.attClass, o_inbox_ours: Boolean(this.env.sopInbox && this.isAlignedRight) };
    },
});
