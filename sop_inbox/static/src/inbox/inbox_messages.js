import { Message } from "@mail/core/common/message";
import { Thread } from "@mail/core/common/thread";

import { isOurs } from "../core/customer_chat";

/** In the inbox the shop is on the right, whichever colleague wrote. */
export class InboxMessage extends Message {
    get isAlignedRight() {
        return isOurs(this.message);
    }
    get attClass() {
        return { ...super.attClass, o_inbox_ours: this.isAlignedRight };
    }
}

/** Core's list of messages. */
export class InboxMessages extends Thread {
    static components = { ...Thread.components, Message: InboxMessage };
}
