import { onMounted, onWillUnmount, useComponent, useEffect } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

import { latest } from "@sop_pipeline/core/latest";

import { useIgnoreWhenGone } from "./ignore_when_gone";

const FIRST_RELOAD = 120; // ms after a message until the list is read again
const NEXT_RELOAD = 700; // ms between two readings while many messages come
const PAGE = 40;
const STATES = ["open", "snoozed", "done", "spam"];

/**
 * The list and the chips' numbers. What changed is always read from the server, whole and in its order, so rows
 * are never double and never out of order, whatever the bus delivers.
 *
 * @param {Object} inbox the screen's state, whose ``counters`` are kept here
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
    const readCounters = latest((domain) => orm.silent.call("sop.conversation", "get_counters", [domain]));
    let lastReload = 0;
    let timer;
    let isLoadingMore = false;

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
        /** Filters on the state are what the chips' numbers are counted within. */
        get stateDomain() {
            const { searchItems, query } = controller.env.searchModel;
            const active = STATES.filter((name) => {
                const item = Object.values(searchItems).find((item) => item.name === name);
                return item && query.some((part) => part.searchItemId === item.id);
            });
            return active.length ? [["state", "in", active]] : [];
        },

        async loadCounters() {
            try {
                const counters = await readCounters(list.stateDomain);
                if (counters) {
                    inbox.counters = counters;
                }
            } catch (error) {
                ignoreWhenGone(error);
            }
        },

        /** Read the list soon: at once after a pause, at a steady pace while many messages come. */
        schedule(now = false) {
            browser.clearTimeout(timer);
            const wait = now ? 0 : Math.max(FIRST_RELOAD, lastReload + NEXT_RELOAD - Date.now());
            timer = browser.setTimeout(() => list.reload(), wait);
        },
        async reload() {
            lastReload = Date.now();
            try {
                await Promise.all([list.root.load(), list.loadCounters(), alsoRead()]);
            } catch (error) {
                return ignoreWhenGone(error);
            }
            onRead();
        },

        onScroll({ target }) {
            if (!isLoadingMore && list.hasMore && target.scrollTop + target.clientHeight > target.scrollHeight - 400) {
                list.loadMore();
            }
        },
        async loadMore() {
            isLoadingMore = true;
            try {
                await list.root.load({ limit: list.root.limit + PAGE });
            } finally {
                isLoadingMore = false;
            }
        },
    };

    const onBusUpdate = ({ items }) => {
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
        () => [JSON.stringify(list.stateDomain)]
    );
    return list;
}
