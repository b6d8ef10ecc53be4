import { onMounted, onWillUnmount, status, useEffect, useState, useSubEnv } from "@odoo/owl";

import { useMessageScrolling } from "@mail/utils/common/hooks";
import { router } from "@web/core/browser/router";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { KanbanController } from "@web/views/kanban/kanban_controller";

import { latest } from "@sop_pipeline/core/latest";

import { CustomerPanel } from "../panel/customer_panel";
import { BulkBar } from "./bulk_bar";
import { InboxChips } from "./inbox_chips";
import { useInboxKeys } from "./inbox_keys";
import { usePanes } from "./inbox_panes";
import { InboxThread } from "./inbox_thread";
import { KeysDialog } from "./keys_dialog";

const FIRST_RELOAD = 120; // ms after a message until the list is read again
const NEXT_RELOAD = 700; // ms between two readings while many messages come
const PAGE = 40;

/**
 * Core's kanban controller laid out as list, chat and customer. The list is core's: search bar, facets,
 * favourites, group by and pager work as in every view. What changed is always read from the server, whole
 * and in its order, so rows are never double and never out of order, whatever the bus delivers.
 */
export class SopInboxController extends KanbanController {
    static template = "sop_inbox.InboxView";
    static components = { ...KanbanController.components, BulkBar, CustomerPanel, InboxChips, InboxThread };

    setup() {
        super.setup();
        this.store = useService("mail.store");
        this.orm = useService("orm");
        this.busService = useService("bus_service");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.inbox = useState({
            id: false,
            panel: null,
            thread: null,
            pane: "list",
            panelOpen: browser.localStorage.getItem("sop_inbox.panel") !== "closed",
            counters: {},
            keepUnread: false,
            focusReply: false,
        });
        this.keepLast = new KeepLast();
        this.readCounters = latest((domain) => this.orm.silent.call("sop.conversation", "get_counters", [domain]));
        this.readPanel = latest((id) => this.orm.silent.call("sop.conversation", "get_panel", [[id]]));
        this.lastReload = 0;
        this.api = this.makeApi();
        useSubEnv({ inDiscussApp: true, messageHighlight: useMessageScrolling(), sopInbox: this.api });
        this.onBusUpdate = this.onBusUpdate.bind(this);
        this.onReconnect = () => this.scheduleReload();
        this.onFocus = () => this.markShownRead();
        onMounted(() => this.start());
        onWillUnmount(() => this.stop());
        useEffect(
            () => {
                this.loadCounters();
            },
            () => [JSON.stringify(this.stateDomain)]
        );
        useInboxKeys(this.api);
        this.showPane = usePanes((pane) => this.setPane(pane));
    }

    makeApi() {
        return {
            state: this.inbox,
            composerPlaceholder: this.ui.isSmall ? _t("Reply...") : _t("Reply... (R)  ·  :: for canned answers"),
            act: (method, args) => this.act(method, args),
            open: (id) => this.openConversation(id),
            next: (step) => this.goNext(step),
            nextUnanswered: () => this.goNextUnanswered(),
            refresh: () => this.refreshPanel(),
            reload: () => this.scheduleReload(true),
            showPane: (pane) => this.showPane(pane),
            togglePanel: () => this.togglePanel(),
            toggleTag: (tag) => this.toggleTag(tag),
            markUnread: () => this.markUnread(),
            focusComposer: () => this.focusComposer(),
            openForm: () => this.openForm(),
            showHelp: () => this.dialog.add(KeysDialog, {}),
            toolbar: {},
            replies: {},
        };
    }

    // === LIFE ===

    start() {
        this.store.sopInboxIsOpen = true;
        this.busService.subscribe("sop_inbox/update", this.onBusUpdate);
        this.busService.addEventListener("BUS:RECONNECT", this.onReconnect);
        browser.addEventListener("focus", this.onFocus);
        const wanted = Number(this.props.context.sop_conversation_id || router.current.sop_conversation);
        if (wanted) {
            if (this.ui.isSmall) {
                router.replaceState({ sop_conversation: undefined }, { sync: true }); // the chat is a step on top of the list's
            }
            // once the screen itself has its address
            const open = () => browser.setTimeout(() => status(this) !== "destroyed" && this.openConversation(wanted));
            this.env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", open, { once: true });
        }
    }
    stop() {
        this.store.sopInboxIsOpen = false;
        this.store.sopInboxThread = undefined;
        this.busService.unsubscribe("sop_inbox/update", this.onBusUpdate);
        this.busService.removeEventListener("BUS:RECONNECT", this.onReconnect);
        browser.removeEventListener("focus", this.onFocus);
        browser.clearTimeout(this.reloadTimer);
    }

    get rootClass() {
        const { pane, panelOpen, id } = this.inbox;
        return `o_inbox_pane_${pane} ${panelOpen ? "o_inbox_with_panel" : ""} ${id ? "o_inbox_has_thread" : ""}`;
    }

    // === LIST ===

    /** Filters on the state are what the chips' numbers are counted within. */
    get stateDomain() {
        const searchModel = this.env.searchModel;
        const active = ["open", "snoozed", "done", "spam"].filter((name) => {
            const item = Object.values(searchModel.searchItems).find((item) => item.name === name);
            return item && searchModel.query.some((part) => part.searchItemId === item.id);
        });
        return active.length ? [["state", "in", active]] : [];
    }

    async loadCounters() {
        try {
            const counters = await this.readCounters(this.stateDomain);
            if (counters) {
                this.inbox.counters = counters;
            }
        } catch (error) {
            this.ignoreWhenGone(error);
        }
    }

    onBusUpdate({ items }) {
        if (this.inbox.id && items.some((item) => item.id === this.inbox.id)) {
            this.panelIsStale = true;
        }
        this.scheduleReload();
    }

    /** Read the list soon: at once after a pause, at a steady pace while many messages come. */
    scheduleReload(now = false) {
        browser.clearTimeout(this.reloadTimer);
        const wait = now ? 0 : Math.max(FIRST_RELOAD, this.lastReload + NEXT_RELOAD - Date.now());
        this.reloadTimer = browser.setTimeout(() => this.reload(), wait);
    }

    async reload() {
        this.lastReload = Date.now();
        try {
            await Promise.all([this.model.root.load(), this.loadCounters(), this.panelIsStale && this.refreshPanel()]);
        } catch (error) {
            return this.ignoreWhenGone(error);
        }
        this.markShownRead();
    }

    /** The screen was left, or the line is down and the reconnection will read again. */
    ignoreWhenGone(error) {
        if (status(this) !== "destroyed" && error.name !== "ConnectionLostError") {
            throw error;
        }
    }

    get rows() {
        const root = this.model.root;
        return root.isGrouped ? root.groups.flatMap((group) => (group.isFolded ? [] : group.list.records)) : root.records;
    }

    get hasMore() {
        const root = this.model.root;
        return !root.isGrouped && root.offset + root.records.length < root.count;
    }

    onScroll(ev) {
        const el = ev.target;
        if (!this.loadingMore && this.hasMore && el.scrollTop + el.clientHeight > el.scrollHeight - 400) {
            this.loadMore();
        }
    }

    async loadMore() {
        this.loadingMore = true;
        try {
            await this.model.root.load({ limit: this.model.root.limit + PAGE });
        } finally {
            this.loadingMore = false;
        }
    }

    // === ONE CONVERSATION ===

    async openRecord(record, options = {}) {
        if (options.newWindow) {
            return super.openRecord(record, options);
        }
        return this.openConversation(record.resId, { focusReply: !this.ui.isSmall });
    }

    /** A click leads into the reply box; keys leave the keys working. */
    async openConversation(id, { focusReply = false } = {}) {
        this.inbox.id = id;
        this.inbox.focusReply = focusReply;
        this.inbox.keepUnread = false;
        this.showPane("thread");
        if (this.inbox.pane === "thread") {
            // before the answer: F5, or a step back and forward, finds the chat again
            router.replaceState({ sop_conversation: id }, { sync: true });
        }
        let panel, thread;
        try {
            panel = await this.keepLast.add(this.orm.call("sop.conversation", "get_panel", [[id]]));
            thread = await this.keepLast.add(
                this.store.Thread.getOrFetch({ model: "discuss.channel", id: panel.channel_id })
            );
        } catch (error) {
            this.closeConversation();
            return this.ignoreWhenGone(error);
        }
        if (status(this) === "destroyed") {
            return;
        }
        Object.assign(this.inbox, { panel, thread: thread || null });
        if (this.inbox.pane !== "list") {
            this.store.sopInboxThread = thread;
        }
        this.markShownRead();
    }

    closeConversation() {
        Object.assign(this.inbox, { id: false, panel: null, thread: null });
        this.store.sopInboxThread = undefined;
        router.replaceState({ sop_conversation: undefined });
        this.showPane("list");
    }

    async refreshPanel() {
        this.panelIsStale = false;
        const id = this.inbox.id;
        if (!id) {
            return;
        }
        const panel = await this.readPanel(id);
        if (panel && id === this.inbox.id) {
            this.inbox.panel = panel;
        }
    }

    /** What a person has before his eyes is read, up to the message the list knew of. */
    async markShownRead() {
        const row = this.rows.find((record) => record.resId === this.inbox.id);
        const looking = document.hasFocus() && (!this.ui.isSmall || this.inbox.pane === "thread");
        if (!row?.data.unread_count || !looking || !this.inbox.thread || this.inbox.keepUnread) {
            return;
        }
        await this.orm.silent.call("sop.conversation", "action_mark_read", [[row.resId], row.data.last_inbound_ref]);
    }

    async markUnread() {
        this.inbox.keepUnread = true;
        await this.act("action_mark_unread");
        if (this.ui.isSmall) {
            this.showPane("list");
        }
    }

    /** Call a method of the conversation shown, then show what came of it. */
    async act(method, args = []) {
        if (!this.inbox.id) {
            return;
        }
        const id = this.inbox.id;
        try {
            await this.orm.call("sop.conversation", method, [[id], ...args]);
        } finally {
            this.panelIsStale = true;
            await this.reload();
        }
        if (["action_done", "action_spam", "action_snooze"].includes(method) && !this.rows.some((row) => row.resId === id)) {
            this.afterClosing();
        }
    }

    /** The conversation left the list: go on with the next one that waits, or back to the list on a phone. */
    afterClosing() {
        if (this.ui.isSmall) {
            return this.showPane("list");
        }
        const next = this.rows.find((row) => row.data.is_unanswered) || this.rows[0];
        return next ? this.openConversation(next.resId) : this.closeConversation();
    }

    async toggleTag(tag) {
        const has = this.inbox.panel.tags.some((known) => known.id === tag.id);
        await this.orm.write("sop.conversation", [this.inbox.id], { tag_ids: [[has ? 3 : 4, tag.id]] });
        await this.refreshPanel();
        this.scheduleReload(true);
    }

    goNext(step) {
        const rows = this.rows;
        const index = rows.findIndex((row) => row.resId === this.inbox.id);
        const target = rows[index + step] || (index === -1 && rows[0]);
        if (target) {
            this.openConversation(target.resId);
        }
    }

    /** The next row that waits for an answer, below and then above; beyond the page the server is asked. */
    async goNextUnanswered() {
        const rows = this.rows;
        const index = rows.findIndex((row) => row.resId === this.inbox.id);
        const target = [...rows.slice(index + 1), ...rows.slice(0, Math.max(index, 0))].find((row) => row.data.is_unanswered);
        if (target) {
            return this.openConversation(target.resId);
        }
        const domain = [["is_unanswered", "=", true], ["state", "=", "open"], ["id", "!=", this.inbox.id || 0]];
        const [id] = await this.orm.search("sop.conversation", domain, { limit: 1 });
        if (id) {
            return this.openConversation(id);
        }
        this.notification.add(_t("Nobody is waiting for an answer."), { type: "success" });
    }

    focusComposer() {
        if (this.inbox.thread) {
            this.showPane("thread");
            this.inbox.thread.composer.autofocus++;
        }
    }

    openForm() {
        return this.actionService.doAction({
            type: "ir.actions.act_window",
            res_model: "sop.conversation",
            res_id: this.inbox.id,
            views: [[false, "form"]],
        });
    }

    // === PANES ===

    setPane(pane) {
        this.inbox.pane = pane;
        if (pane === "list" && this.ui.isSmall) {
            this.store.sopInboxThread = undefined;
        } else if (this.inbox.thread) {
            this.store.sopInboxThread = this.inbox.thread;
        }
    }
    togglePanel() {
        if (this.ui.isSmall) {
            return this.showPane(this.inbox.pane === "panel" ? "thread" : "panel");
        }
        this.inbox.panelOpen = !this.inbox.panelOpen;
        browser.localStorage.setItem("sop_inbox.panel", this.inbox.panelOpen ? "open" : "closed");
    }
}
