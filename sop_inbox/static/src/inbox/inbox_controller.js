import { markup, useState, useSubEnv } from "@odoo/owl";

import { useMessageScrolling } from "@mail/utils/common/hooks";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";

import { CustomerPanel } from "../panel/customer_panel";
import { BulkBar } from "./bulk_bar";
import { InboxChips } from "./inbox_chips";
import { useConversation } from "./inbox_conversation";
import { leaveBoxOnEscape, useInboxKeys } from "./inbox_keys";
import { useInboxList } from "./inbox_list";
import { useInboxPanes } from "./inbox_panes";
import { usePresence } from "./inbox_presence";
import { InboxThread } from "./inbox_thread";
import { KeysDialog } from "./keys_dialog";

/**
 * Core's kanban controller laid out as list, chat and customer. The list is core's: search bar, facets,
 * favourites, group by and pager work as in every view.
 */
export class SopInboxController extends KanbanController {
    static template = "sop_inbox.InboxView";
    static components = { ...KanbanController.components, BulkBar, CustomerPanel, InboxChips, InboxThread };

    setup() {
        super.setup();
        this.ui = useService("ui");
        this.inbox = useState({
            id: false,
            panel: null,
            thread: null,
            pane: "list",
            panelOpen: browser.localStorage.getItem("sop_inbox.panel") !== "closed",
            counters: {},
            news: 0,
            others: {},
            keepUnread: false,
            focusReply: false,
        });
        this.panes = useInboxPanes(this.inbox);
        this.list = useInboxList(this.inbox, {
            onUpdate: (items) => this.conversation.noteUpdate(items),
            alsoRead: () => this.conversation.refreshWhenStale(),
            onRead: () => this.conversation.markShownRead(),
        });
        this.conversation = useConversation(this.inbox, this.list, (pane) => this.panes.show(pane));
        const api = this.makeApi();
        useSubEnv({ inDiscussApp: true, messageHighlight: useMessageScrolling(), sopInbox: api });
        useInboxKeys(api);
        this.presence = usePresence(this.inbox);
        this.onKeydown = leaveBoxOnEscape;
    }

    /** ``env.sopInbox``: what every part of the screen, and other modules' parts, may do. */
    makeApi() {
        const { conversation, list, panes } = this;
        return {
            state: this.inbox,
            composerPlaceholder: () => this.composerPlaceholder,
            act: (method, args) => conversation.act(method, args),
            open: (id) => conversation.open(id),
            next: (step) => conversation.goNext(step),
            nextUnanswered: () => conversation.goNextUnanswered(),
            refresh: () => conversation.refresh(),
            reload: () => list.schedule(true),
            showPane: (pane) => panes.show(pane),
            togglePanel: () => panes.togglePanel(),
            toggleTag: (tag) => conversation.toggleTag(tag),
            markUnread: () => conversation.markUnread(),
            focusComposer: () => conversation.focusComposer(),
            openForm: () => this.openForm(),
            showHelp: () => this.dialog.add(KeysDialog, {}),
            toolbar: {},
            replies: {},
        };
    }

    get rootClass() {
        const { pane, panelOpen, id } = this.inbox;
        return `o_inbox_pane_${pane} ${panelOpen ? "o_inbox_with_panel" : ""} ${id ? "o_inbox_has_thread" : ""}`;
    }

    /** Below a post everybody reads the answer. */
    get composerPlaceholder() {
        if (this.inbox.panel?.kind === "comment") {
            return _t("Public answer below the post...");
        }
        return this.ui.isSmall ? _t("Reply...") : _t("Reply... (R)  ·  :: for canned answers");
    }

    get emptyHelp() {
        const [reason, advice] = this.list.emptyReason;
        return markup`<p class="o_view_nocontent_smiling_face">${reason}</p><p>${advice}</p>`;
    }
    get newsText() {
        return _t("%s new", this.inbox.news);
    }

    async openRecord(record, options = {}) {
        if (options.newWindow) {
            return super.openRecord(record, options);
        }
        return this.conversation.open(record.resId, { focusReply: !this.ui.isSmall });
    }
    openForm() {
        return this.actionService.doAction({
            type: "ir.actions.act_window",
            res_model: "sop.conversation",
            res_id: this.inbox.id,
            views: [[false, "form"]],
        });
    }
}
