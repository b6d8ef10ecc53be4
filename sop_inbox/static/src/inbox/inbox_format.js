import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { session } from "@web/session";

const { DateTime } = luxon;

/** Signs of a platform that is not installed (any more). */
const NEUTRAL = { message: "fa-globe", comment: "fa-comments", color: "#7c3aed" };

/** Where a conversation comes from, as an icon: each platform has its own (sop.provider). */
export function channelIcon(provider, kind) {
    const icons = session.sop_channels?.[provider] || NEUTRAL;
    return { icon: icons[kind] || icons.message, color: icons.color };
}

/** A DateTime out of what the server or the model gives. */
export function toDateTime(value) {
    return typeof value === "string" ? deserializeDateTime(value) : value;
}

/** Short time of a list row: hour today, weekday this week, else the date. */
export function formatAgo(value, now = DateTime.now()) {
    const at = toDateTime(value);
    if (!at) {
        return "";
    }
    const days = Math.round(now.startOf("day").diff(at.startOf("day"), "days").days);
    if (days <= 0) {
        return at.toFormat("HH:mm");
    }
    if (days === 1) {
        return _t("Yesterday");
    }
    if (days < 7) {
        return at.toFormat("ccc");
    }
    return at.year === now.year ? at.toFormat("dd/MM") : at.toFormat("dd/MM/yy");
}

export function formatExact(value) {
    const at = toDateTime(value);
    return at ? formatDateTime(at, { format: `${localization.dateFormat} HH:mm` }) : "";
}

/** How long until or since a moment: "5 min", "3 h", "2 d". */
export function formatSpan(value, now = DateTime.now()) {
    const at = toDateTime(value);
    const minutes = Math.max(1, Math.round(Math.abs(at.diff(now, "minutes").minutes)));
    if (minutes < 60) {
        return _t("%s min", minutes);
    }
    if (minutes < 60 * 24) {
        return _t("%s h", Math.round(minutes / 60));
    }
    return _t("%s d", Math.round(minutes / 60 / 24));
}

/** First letters of first and last word; one letter for one word. */
export function initials(name) {
    const words = (name || "?").trim().split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
    const letters = words.length > 1 ? [words.at(0), words.at(-1)] : words;
    return letters.map((word) => Array.from(word.replace(/[^\p{L}\p{N}]/gu, ""))[0]).join("").toUpperCase() || "?";
}

/** Small letters without accents, as the server searches. */
export function fold(text) {
    return (text || "").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d");
}

/** The same soft colour for the same person, readable in light and dark. */
export function avatarHue(id) {
    return (Number(id) * 47) % 360;
}

/** What colleagues do in a conversation: who writes comes before who looks. */
export function othersText(others) {
    const writing = others.filter((other) => other.writes);
    const names = (writing.length ? writing : others).map((other) => other.name).join(", ");
    if (!names) {
        return "";
    }
    return writing.length ? _t("%s is writing...", names) : _t("%s is looking", names);
}

/** The name of a tool, "Create order (O)"; without its key on a phone, which has none. */
export function toolName(name) {
    return ({ store }) => (store.env.isSmall ? String(name).replace(/\s*\(\w\)$/, "") : name);
}
