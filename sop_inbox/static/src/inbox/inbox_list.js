import { onMounted, onWillUnmount, useComponent, useEffect, useRef } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { latest } from "@sop_pipeline/core/latest";

import { STATES } from "./chip_names";
import { useIgnoreWhenGone } from "./ignore_when_gone";
import { countNews } from "./inbox_places";

const FIRST_RELOAD = 120; // ms after a message until the list is read again
const NEXT_RELOAD = 700; // ms between two readings while many messages come
const PAGE = 40;
const EMPTY = {
    open: [_t("All is answered here"), _t("New messages and comments appear by themselves.")],
    snoozed: [_t("Nothing is snoozed"), _t("A snoozed conversation waits here until its time, or until the customer writes.")],
    done: [_t("Nothing is done yet"), _t("Conversations you close are found here.")],
    spam: [_t("No spam"), _t("What is marked as spam waits for no answer and is found here.")],
    all: [_t("No conversation yet"), _t("Connect a channel under Configuration: messages and comments appear here by themselves.")],
};

/**
 * The list and the chips' numbers. What changed is always read from the server, whole and in its order, so rows
 * are never double and never out of order, whatever the bus delivers. While the pointer or the focus is in it, or it is
 * scrolled, rows keep their places and what is new is a number to press.
 *
 * @param {Object} inbox the screen's state, whose ``counters`` and ``news`` are kept here
 * @param {Object} reactions
 * @param {(items: Object[]) => void} reactions.onUpdate conversations changed, before the list is read again
 * @param {() => Promise} reactions.alsoRead is read together with the list
 * @param {() => void} reactions.onRead the list is read
 */
export function useInboxList(inbox, { onUpdate, alsoRead, onRead }) {
    const controller = useComponent();
    const orm = useService("orm");
    const bus = useService("bus_service");
    const ignoreWhenGone = useIgnoreWhenGone();
    const readCounters = latest(
        () => orm.silent.call("sop.conversation", "get_counters", [list.stateDomain]),
        (counters) => (inbox.counters = counters)
    );
    let lastReload = 0;
    let timer;
    let isLoadingMore = false;
    const scroller = useRef("listScroll");
    const heard = new Set(); // conversations with news since the list was last in the server's order
    let hasPointer = false;

    const list = {
        get root() {
            return controller.model.root;
        },
        get rows() {
            const { root } = list;
            return root.isGrouped ? root.groups.flatMap((group) => (group.isFolded ? [] : group.list.records)) : root.records;
        },
        get hasMore() {
            const { root } = list;
            return !root.isGrouped && root.offset + root.records.length < root.count;
        },
        /** The names of the filters that are on. */
        get filters() {
            const { searchItems, query } = controller.env.searchModel;
            const items = query.map((part) => searchItems[part.searchItemId]);
            return items.filter(({ type }) => !/groupby/i.test(type)).map(({ name }) => name);
        },
        /** Filters on the state are what the chips' numbers are counted within. */
        get stateDomain() {
            const active = STATES.filter((name) => list.filters.includes(name));
            return active.length ? [["state", "in", active]] : [];
        },
        /** Why the list is empty: [what is so, what to do]. */
        get emptyReason() {
            const states = list.filters.filter((name) => STATES.includes(name));
            if (list.filters.length > states.length) {
                return [_t("No conversation answers to these filters"), _t("Press “All” to take them off.")];
            }
            return EMPTY[states.length === 1 ? states[0] : "all"];
        },

        /** Saved views: one that was just made here is counted, too. */
        get views() {
            const { searchItems } = controller.env.searchModel;
            return String(Object.values(searchItems).map((item) => item.serverSideId).filter(Boolean));
        },

        async loadCounters() {
            try {
                await readCounters();
            } catch (error) {
                ignoreWhenGone(error);
            }
        },

        /** Whether somebody is in the list: then no row moves under their hand or eye. A row that was clicked keeps the focus without being used. */
        get isHeld() {
            const { el } = scroller;
            return Boolean(el) && (hasPointer || el.scrollTop > 0 || Boolean(el.querySelector(":focus-visible")));
        },
        onEnter(ev) {
            hasPointer = ev.pointerType !== "touch";
        },
        onLeave() {
            hasPointer = false;
            list.settle();
        },
        /** The focus has left the list: new rows take their places. */
        settle() {
            if (inbox.news && !list.isHeld) {
                list.schedule();
            }
        },
        showNews() {
            scroller.el.scrollTop = 0;
            return list.reload({ free: true });
        },

        /**
         * Read the list soon: at once after a pause, at a steady pace while many messages come.
         *
         * @param {boolean} now after something was done here: rows that left the list leave the screen too
         */
        schedule(now = false) {
            browser.clearTimeout(timer);
            const wait = now ? 0 : Math.max(FIRST_RELOAD, lastReload + NEXT_RELOAD - Date.now());
            timer = browser.setTimeout(() => list.reload({ own: now }), wait);
        },
        /** Load what the list shows anew (see ``SopInboxModel.holdPlaces``). */
        async read(params, { own = false, free = false, more = false } = {}) {
            const { model } = controller;
            const shown = list.root.isGrouped ? [] : list.root.records.map((record) => record.resId);
            const onFound = (found, isHeld) => {
                inbox.news = isHeld ? countNews(shown, found, heard, inbox.id) : 0;
                if (!isHeld) {
                    heard.clear();
                }
            };
            const isHeld = () => !free && shown.length > 0 && list.isHeld;
            const reading = { domain: JSON.stringify(list.root.domain), shown, isHeld, openId: inbox.id, own, more, onFound };
            model.reading = reading;
            try {
                await list.root.load(params);
            } finally {
                if (model.reading === reading) {
                    model.reading = undefined;
                }
            }
        },
        async reload(how) {
            lastReload = Date.now();
            try {
                await Promise.all([list.read({}, how), list.loadCounters(), alsoRead()]);
            } catch (error) {
                return ignoreWhenGone(error);
            }
            onRead();
        },

        onScroll({ target }) {
            list.settle();
            if (!isLoadingMore && list.hasMore && target.scrollTop + target.clientHeight > target.scrollHeight - 400) {
                list.loadMore();
            }
        },
        async loadMore() {
            isLoadingMore = true;
            try {
                await list.read({ limit: list.root.limit + PAGE }, { more: true });
            } finally {
                isLoadingMore = false;
            }
        },
    };

    const onBusUpdate = ({ items }) => {
        items.forEach((item) => heard.add(item.id));
        onUpdate(items);
        list.schedule();
    };
    const onReconnect = () => list.schedule();
    onMounted(() => {
        bus.subscribe("sop_inbox/update", onBusUpdate);
        bus.addEventListener("BUS:RECONNECT", onReconnect);
    });
    onWillUnmount(() => {
        bus.unsubscribe("sop_inbox/update", onBusUpdate);
        bus.removeEventListener("BUS:RECONNECT", onReconnect);
        browser.clearTimeout(timer);
    });
    useEffect(
        () => {
            list.loadCounters();
        },
        () => [JSON.stringify(list.stateDomain), list.views]
    );
    return list;
}
