import { onMounted, onWillUnmount, status, useComponent } from "@odoo/owl";

import { router } from "@web/core/browser/router";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

import { latest } from "@sop_pipeline/core/latest";

import { useIgnoreWhenGone } from "./ignore_when_gone";
import { isClosing, lastShown, nextRow, nextUnanswered, rowAfterClosing, UNDO } from "./inbox_steps";

/**
 * The conversation shown: opened, read, acted upon, left for another one.
 *
 * @param {Object} inbox the screen's state, whose ``id``, ``panel`` and ``thread`` are kept here
 * @param {ReturnType<import("./inbox_list").useInboxList>} list
 * @param {(pane: string) => void} showPane
 */
export function useConversation(inbox, list, showPane) {
    const controller = useComponent();
    const store = useService("mail.store");
    const orm = useService("orm");
    const ui = useService("ui");
    const notification = useService("notification");
    const ignoreWhenGone = useIgnoreWhenGone();
    const keepLast = new KeepLast();
    const readPanel = latest(
        (id) => orm.silent.call("sop.conversation", "get_panel", [[id]]),
        (panel) => panel.id === inbox.id && (inbox.panel = panel)
    );
    let panelIsStale = false;

    const conversation = {
        /** A click leads into the reply box; keys leave the keys working. */
        async open(id, { focusReply = false } = {}) {
            Object.assign(inbox, { id, focusReply, keepUnread: false });
            showPane("thread");
            if (inbox.pane === "thread") {
                // before the answer: F5, or a step back and forward, finds the chat again
                router.replaceState({ sop_conversation: id }, { sync: true });
            }
            let panel, thread;
            try {
                panel = await keepLast.add(orm.call("sop.conversation", "get_panel", [[id]]));
                thread = await keepLast.add(store.Thread.getOrFetch({ model: "discuss.channel", id: panel.channel_id }));
            } catch (error) {
                conversation.close();
                return ignoreWhenGone(error);
            }
            if (status(controller) === "destroyed") {
                return;
            }
            Object.assign(inbox, { panel, thread: thread || null });
            if (inbox.pane !== "list") {
                store.sopInboxThread = thread;
            }
            conversation.markShownRead();
        },
        close() {
            Object.assign(inbox, { id: false, panel: null, thread: null });
            store.sopInboxThread = undefined;
            router.replaceState({ sop_conversation: undefined });
            showPane("list");
        },

        noteUpdate(items) {
            panelIsStale ||= Boolean(inbox.id) && items.some((item) => item.id === inbox.id);
        },
        async refreshWhenStale() {
            if (panelIsStale) {
                await conversation.refresh();
            }
        },
        async refresh() {
            panelIsStale = false;
            const { id } = inbox;
            if (!id) {
                return;
            }
            await readPanel(id);
        },

        /** What a person has before their eyes is read, up to the message the list knew of. */
        async markShownRead() {
            const row = list.rows.find((record) => record.resId === inbox.id);
            const looking = document.hasFocus() && (!ui.isSmall || inbox.pane === "thread");
            if (!row?.data.unread_count || !looking || !inbox.thread || inbox.keepUnread) {
                return;
            }
            await orm.silent.call("sop.conversation", "action_mark_read", [[row.resId], row.data.last_inbound_ref]);
        },
        async markUnread() {
            inbox.keepUnread = true;
            await conversation.act("action_mark_unread");
            if (ui.isSmall) {
                showPane("list");
            }
        },

        /** Call a method of the conversation shown, then show what came of it. What neither chat nor list shows yet is not closed. */
        async act(method, args = []) {
            const { id } = inbox;
            if (!id) {
                return;
            }
            const sent = isClosing(method) ? [...args, lastShown(list.rows, inbox)] : args;
            try {
                await orm.call("sop.conversation", method, [[id], ...sent]);
            } finally {
                panelIsStale = true;
                await list.reload({ own: true });
            }
            if (isClosing(method)) {
                conversation.offerUndo(id);
                if (!list.rows.some((row) => row.resId === id)) {
                    conversation.afterClosing();
                }
            }
        },
        /** A key pressed too soon: for some seconds the conversation can be had back as it was, open. */
        offerUndo(id) {
            const undo = async () => {
                close();
                await orm.call("sop.conversation", "action_reopen", [[id]]);
                list.schedule(true);
                await conversation.open(id);
            };
            const close = notification.add(_t("The conversation is closed."), {
                type: "info",
                autocloseDelay: UNDO,
                buttons: [{ name: _t("Undo"), primary: true, onClick: undo }],
            });
        },
        /** It left the list: go on with the next one that waits, or back to the list on a phone. */
        afterClosing() {
            if (ui.isSmall) {
                return showPane("list");
            }
            const row = rowAfterClosing(list.rows);
            return row ? conversation.open(row.resId) : conversation.close();
        },
        async toggleTag(tag) {
            const { id, tags } = inbox.panel; // the one on the screen: another may be on its way there
            const has = tags.some((known) => known.id === tag.id);
            await orm.write("sop.conversation", [id], { tag_ids: [[has ? 3 : 4, tag.id]] });
            await conversation.refresh();
            list.schedule(true);
        },

        goNext(step) {
            const row = nextRow(list.rows, inbox.id, step);
            if (row) {
                conversation.open(row.resId);
            }
        },
        /** Beyond the page the server is asked. */
        async goNextUnanswered() {
            const row = nextUnanswered(list.rows, inbox.id);
            if (row) {
                return conversation.open(row.resId);
            }
            const domain = [["is_unanswered", "=", true], ["state", "=", "open"], ["id", "!=", inbox.id || 0]];
            const [id] = await orm.search("sop.conversation", domain, { limit: 1 });
            if (id) {
                return conversation.open(id);
            }
            notification.add(_t("No customer is waiting for an answer."), { type: "success" });
        },
        focusComposer() {
            if (inbox.thread) {
                showPane("thread");
                inbox.thread.composer.autofocus++;
            }
        },
    };

    const onFocus = () => conversation.markShownRead();
    onMounted(() => {
        store.sopInboxIsOpen = true;
        browser.addEventListener("focus", onFocus);
        const wanted = Number(controller.props.context.sop_conversation_id || router.current.sop_conversation);
        if (wanted) {
            if (ui.isSmall) {
                router.replaceState({ sop_conversation: undefined }, { sync: true }); // the chat is a step on top of the list's
            }
            // once the screen itself has its address
            const open = () => browser.setTimeout(() => status(controller) !== "destroyed" && conversation.open(wanted));
            controller.env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", open, { once: true });
        }
    });
    onWillUnmount(() => {
        store.sopInboxIsOpen = false;
        store.sopInboxThread = undefined;
        browser.removeEventListener("focus", onFocus);
    });
    return conversation;
}
