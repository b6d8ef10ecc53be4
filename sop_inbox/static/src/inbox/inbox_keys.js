import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { isEventHandled } from "@web/core/utils/misc";

/** Keys of the inbox; they rest while one writes. */
export function inboxKeys() {
    return [
        { key: "n", label: _t("Next one that waits for an answer"), run: (inbox) => inbox.nextUnanswered() },
        { key: "j", label: _t("Next in the list"), run: (inbox) => inbox.next(1) },
        { key: "k", label: _t("Previous in the list"), run: (inbox) => inbox.next(-1) },
        { key: "r", label: _t("Reply"), run: (inbox) => inbox.focusComposer() },
        { key: "c", label: _t("Canned answers"), run: (inbox) => inbox.replies.canned?.() },
        { key: "p", label: _t("Send a product"), run: (inbox) => inbox.replies.product?.() },
        { key: "o", label: _t("Create order"), run: (inbox) => inbox.openOrder?.() },
        { key: "d", label: _t("Done"), run: (inbox) => inbox.act("action_done") },
        { key: "u", label: _t("Mark as unread"), run: (inbox) => inbox.markUnread() },
        { key: "a", label: _t("Assign to me"), run: (inbox) => inbox.act("action_claim") },
        { key: "t", label: _t("Tags"), run: (inbox) => inbox.toolbar.openTags?.() },
        { key: "i", label: _t("Show or hide the customer"), run: (inbox) => inbox.togglePanel() },
        { key: "h", label: _t("This list of keys"), run: (inbox) => inbox.showHelp() },
    ];
}

/** Escape leaves a box one writes in, so that the keys work; a list of suggestions or a message being edited takes it first. */
export function leaveBoxOnEscape(ev) {
    if (ev.key === "Escape" && !isEventHandled(ev, "NavigableList.close") && ev.target.closest(".o-mail-Composer:not(.o-mail-Message *)")) {
        ev.target.blur();
    }
}

export function useInboxKeys(inbox) {
    for (const { key, run } of inboxKeys()) {
        useHotkey(key, () => run(inbox));
    }
}
