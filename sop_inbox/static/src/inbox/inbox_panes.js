import { onMounted, onWillUnmount } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { useService } from "@web/core/utils/hooks";

const PANES = ["list", "thread", "panel"];

/**
 * On a phone each pane is a step of the browser's history: its Back leads from the customer to the chat,
 * from the chat to the list, and only from there out of the inbox.
 *
 * @param {(pane: string) => void} show brings a pane on screen
 * @returns {(pane: string) => void} goes to a pane
 */
export function usePanes(show) {
    const ui = useService("ui");
    let depth = 0; // steps of the history that are ours
    let target; // where a step back of our own leads

    function onPopState() {
        if (!depth) {
            return;
        }
        if (document.querySelector(".o_bottom_sheet")) {
            router.skipLoad = true; // the sheet takes this Back for itself
            target = undefined;
            return;
        }
        depth = target ?? depth - 1;
        target = undefined;
        router.skipLoad = depth > 0;
        show(PANES[depth]);
    }
    onMounted(() => browser.addEventListener("popstate", onPopState));
    onWillUnmount(() => {
        browser.removeEventListener("popstate", onPopState);
        router.skipLoad = false;
    });

    return (pane) => {
        const wanted = PANES.indexOf(pane);
        if (!ui.isSmall || wanted === depth) {
            return show(pane);
        }
        if (target !== undefined) {
            return; // tapped twice: the first step back is under way
        }
        if (wanted < depth) {
            target = wanted;
            return browser.history.go(wanted - depth);
        }
        for (; depth < wanted; depth++) {
            browser.history.pushState(browser.history.state, "", browser.location.href);
        }
        router.skipLoad = true;
        show(pane);
    };
}

/**
 * The screen's panes: beside each other, or one at a time on a phone.
 *
 * @param {Object} inbox the screen's state, whose ``pane`` and ``panelOpen`` are kept here
 */
export function useInboxPanes(inbox) {
    const store = useService("mail.store");
    const ui = useService("ui");
    const show = usePanes((pane) => {
        inbox.pane = pane;
        if (pane === "list" && ui.isSmall) {
            store.sopInboxThread = undefined;
        } else if (inbox.thread) {
            store.sopInboxThread = inbox.thread;
        }
    });
    return {
        show,
        togglePanel() {
            if (ui.isSmall) {
                return show(inbox.pane === "panel" ? "thread" : "panel");
            }
            inbox.panelOpen = !inbox.panelOpen;
            browser.localStorage.setItem("sop_inbox.panel", inbox.panelOpen ? "open" : "closed");
        },
    };
}
