import { useState } from "@odoo/owl";

import { DiscussContent } from "@mail/core/public_web/discuss_content";

import { InboxToolbar } from "./inbox_toolbar";

/** Core's chat with the inbox's own header, and the vendor's reason where a reply cannot go. */
export class InboxThread extends DiscussContent {
    static template = "sop_inbox.InboxThread";
    static components = { ...DiscussContent.components, InboxToolbar };

    setup() {
        super.setup();
        this.inbox = useState(this.env.sopInbox.state);
    }
    actionPanelAutoOpenFn() {}

    get closedWindow() {
        const window = this.inbox.panel?.window;
        return window && !window.open ? window : false;
    }
}
