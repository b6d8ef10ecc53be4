import { _t } from "@web/core/l10n/translation";

export const STATES = ["open", "snoozed", "done", "spam"];

/** States of a conversation, of which one is shown at a time. */
export function stateChips() {
    return [
        { name: "open", label: _t("Open") },
        { name: "snoozed", label: _t("Snoozed") },
        { name: "done", label: _t("Done") },
        { name: "spam", label: _t("Spam") },
    ];
}

/** Filters in the order of their chips, each by its name in the search view; a rare one shows only while there is any. */
export function filterChips() {
    return [
        { name: "unsent", label: _t("Not sent"), icon: "fa-exclamation-circle", rare: true },
        { name: "message", label: _t("Messages"), icon: "fa-envelope-o" },
        { name: "comment", label: _t("Comments"), icon: "fa-comments-o" },
        { name: "livechat", label: _t("Live chat"), icon: "fa-globe" },
        { name: "unread", label: _t("Unread"), icon: "fa-circle" },
        { name: "unanswered", label: _t("Unanswered"), icon: "fa-reply" },
        { name: "overdue", label: _t("Overdue"), icon: "fa-hourglass-end" },
        { name: "phone", label: _t("Has phone"), icon: "fa-phone" },
        { name: "order", label: _t("Has order"), icon: "fa-shopping-cart" },
        { name: "priority", label: _t("Priority"), icon: "fa-star" },
        { name: "transfer", label: _t("Waits for a transfer"), icon: "fa-university", rare: true },
        { name: "call", label: _t("Call to confirm"), icon: "fa-volume-control-phone", rare: true },
        { name: "dropped", label: _t("Dropped order"), icon: "fa-shopping-basket", rare: true },
        { name: "draft", label: _t("Draft order"), icon: "fa-pencil-square-o", rare: true },
        { name: "parcel_failed", label: _t("Delivery failed"), icon: "fa-truck", rare: true },
        { name: "parcel_returning", label: _t("Coming back"), icon: "fa-undo", rare: true },
        { name: "parcel_late", label: _t("Parcel late"), icon: "fa-calendar-times-o", rare: true },
        { name: "mine", label: _t("Mine"), icon: "fa-user" },
        { name: "unassigned", label: _t("Unassigned"), icon: "fa-user-o" },
    ];
}

/** Ways to filter by several tags, each with the domain it makes of their ids. */
export function tagModes() {
    return [
        { id: "any", label: _t("Any tag of"), domain: (ids) => `[('tag_ids', 'in', [${ids}])]` },
        { id: "all", label: _t("All tags of"), domain: (ids) => `[${ids.map((id) => `('tag_ids', 'in', [${id}])`).join(", ")}]` },
        { id: "none", label: _t("None of"), domain: (ids) => `[('tag_ids', 'not in', [${ids}])]` },
    ];
}
