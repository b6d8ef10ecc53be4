import { describe, expect, test } from "@odoo/hoot";
import { allowTranslations } from "@web/../tests/web_test_helpers";

import { avatarHue, channelIcon, formatAgo, formatSpan, initials } from "@sop_inbox/inbox/inbox_format";
import { snoozeChoices } from "@sop_inbox/inbox/inbox_toolbar";

const { DateTime } = luxon;

describe.current.tags("headless");

const NOW = DateTime.fromISO("2025-03-12T15:00:00"); // a Wednesday

test("the time of a row: hour today, then the day, then the date", () => {
    allowTranslations();
    const ago = (text) => formatAgo(DateTime.fromISO(text), NOW);
    expect(ago("2025-03-12T09:05:00")).toBe("09:05");
    expect(ago("2025-03-13T09:05:00")).toBe("09:05"); // the other clock is ahead
    expect(ago("2025-03-11T23:59:00")).toBe("Yesterday");
    expect(ago("2025-03-06T00:10:00")).toBe("Thu");
    expect(ago("2025-03-05T10:00:00")).toBe("05/03");
    expect(ago("2024-12-31T10:00:00")).toBe("31/12/24");
    expect(formatAgo(false, NOW)).toBe("");
});

test("a span in its own unit, a minute at least", () => {
    allowTranslations();
    const span = (text) => formatSpan(DateTime.fromISO(text), NOW);
    expect(span("2025-03-12T15:00:20")).toBe("1 min");
    expect(span("2025-03-12T14:01:00")).toBe("59 min");
    expect(span("2025-03-12T16:00:00")).toBe("1 h");
    expect(span("2025-03-11T15:00:00")).toBe("1 d");
});

test("initials: first and last word, whatever stands between them", () => {
    expect(initials("Nguyễn Thị Ánh")).toBe("NÁ");
    expect(initials("lan")).toBe("L");
    expect(initials("🌸 Hoa 🌸")).toBe("H");
    expect(initials("(Shop) Minh")).toBe("SM");
    expect(initials("🌸")).toBe("?");
    expect(initials("")).toBe("?");
    expect(initials(false)).toBe("?");
});

test("the same person has the same colour, a channel its icon", () => {
    expect(avatarHue(8)).toBe(avatarHue("8"));
    expect(avatarHue(8)).not.toBe(avatarHue(9));
    expect(channelIcon("facebook", "comment").icon).toBe("fa-comments");
    expect(channelIcon("zalo", "livechat")).toEqual(channelIcon("zalo", "message"));
    expect(channelIcon("unheard of", "message")).toEqual(channelIcon("livechat", "message"));
});

test("a snoozed conversation comes back in the morning, next Monday on a Monday too", () => {
    allowTranslations();
    const at = (id, now) => snoozeChoices(DateTime.fromISO(now)).find((choice) => choice.id === id).at.toFormat("ccc dd/MM HH:mm");
    expect(at("hour", "2025-03-12T15:20:00")).toBe("Wed 12/03 16:20");
    expect(at("tomorrow", "2025-03-31T23:50:00")).toBe("Tue 01/04 08:00");
    expect(at("monday", "2025-03-12T15:00:00")).toBe("Mon 17/03 08:00");
    expect(at("monday", "2025-03-17T07:00:00")).toBe("Mon 24/03 08:00");
    expect(at("monday", "2025-03-16T23:00:00")).toBe("Mon 17/03 08:00");
});
