import { toRaw, useState } from "@odoo/owl";

import { DiscussContent } from "@mail/core/public_web/discuss_content";
import { useService } from "@web/core/utils/hooks";

import { TemplateDialog } from "../channel/template_dialog";
import { WindowCountdown } from "../channel/window_countdown";
import { ScheduledReplies } from "../reply/later_dialog";
import { InboxMessages } from "./inbox_messages";
import { InboxToolbar } from "./inbox_toolbar";

/** What of Discuss's own header makes sense in a chat with a customer. */
const ACTIONS = ["search-messages", "attachments", "pinned-messages"];

/** Core's chat with the inbox's own header, and the platform's reason where a reply cannot go. */
export class InboxThread extends DiscussContent {
    static template = "sop_inbox.InboxThread";
    static components = { ...DiscussContent.components, InboxToolbar, ScheduledReplies, Thread: InboxMessages, WindowCountdown };

    setup() {
        super.setup();
        const shown = toRaw(this.threadActions);
        shown.transformedActions = shown.transformedActions.filter(({ id }) => ACTIONS.includes(id));
        this.dialog = useService("dialog");
        this.inbox = useState(this.env.sopInbox.state);
    }
    actionPanelAutoOpenFn() {}

    get closedWindow() {
        const window = this.inbox.panel?.window;
        return window && !window.open ? window : false;
    }
    openTemplates() {
        const { id, window } = this.inbox.panel;
        this.dialog.add(TemplateDialog, { conversationId: id, templates: window.templates });
    }
}
