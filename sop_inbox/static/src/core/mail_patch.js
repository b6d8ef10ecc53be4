import { Message as MessageModel } from "@mail/core/common/message_model";
import { Store } from "@mail/core/common/store_service";
import { Thread } from "@mail/core/common/thread_model";

import { fields } from "@mail/core/common/record";
import { patch } from "@web/core/utils/patch";

import { isCustomerChat, isOurs } from "./customer_chat";

// What core has no registry or hook for. It extends these models by patches too: for its live chat, its calls.

/** Fields of core's models are made in ``setup``; the getters below read these, so that what is shown follows them. */
patch(Store.prototype, {
    setup() {
        super.setup(...arguments);
        /** The chat shown by the inbox screen: its reader need not be a member of it. */
        this.sopInboxThread = fields.One("Thread");
        this.sopInboxIsOpen = false;
    },
});

/** A type of channel is nothing but its answers to core's questions. */
patch(Thread.prototype, {
    get isChatChannel() {
        return this.channel_type === "sop_inbox" || super.isChatChannel;
    },
    get supportsCustomChannelName() {
        return this.channel_type !== "sop_inbox" && super.supportsCustomChannelName;
    },
    /** The team hears a chat it reads without being a member. Core unsubscribes by the same getter: both keep one count. */
    get shouldSubscribeToBusChannel() {
        return super.shouldSubscribeToBusChannel || Boolean(!this.self_member_id && this.store.sopInboxThread?.eq(this));
    },
    /** Core knows of Discuss and chat windows only, and rings and counts as unread what it takes as not shown. */
    computeIsDisplayed() {
        return super.computeIsDisplayed() || Boolean(this.store.sopInboxThread?.eq(this));
    },
    /** Customers' chats live in the inbox: no bubble for each of them on every screen; the live chat's only away from it. */
    get inChathubOnNewMessage() {
        return !(this.channel_type === "sop_inbox" || (isCustomerChat(this) && this.store.sopInboxIsOpen)) && super.inChathubOnNewMessage;
    },
});

/** One colour for the shop and one for the customer; core's separates "I" from all others, wherever a message is drawn. */
patch(MessageModel.prototype, {
    get bubbleColor() {
        if (isCustomerChat(this.thread) && this.message_type !== "notification") {
            return isOurs(this) ? "green" : "blue";
        }
        return super.bubbleColor;
    },
});
