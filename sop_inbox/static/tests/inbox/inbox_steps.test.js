import { describe, expect, test } from "@odoo/hoot";

import { nextRow, nextUnanswered, rowAfterClosing } from "@sop_inbox/inbox/inbox_steps";

describe.current.tags("headless");

/** Rows out of a word: a capital letter waits for an answer. */
function rows(word) {
    return [...word].map((name) => ({ resId: name.toLowerCase(), data: { is_unanswered: name !== name.toLowerCase() } }));
}

test("down and up the list", () => {
    const list = rows("abc");
    expect(nextRow(list, "a", 1).resId).toBe("b");
    expect(nextRow(list, "c", -1).resId).toBe("b");
    expect(nextRow(list, "c", 1)).toBe(undefined);
    expect(nextRow(list, "a", -1)).toBe(undefined);
});

test("from a conversation that is not in the list to its first one", () => {
    expect(nextRow(rows("abc"), "z", 1).resId).toBe("a");
    expect(nextRow(rows("abc"), false, -1).resId).toBe("a");
    expect(nextRow([], false, 1)).toBe(undefined);
});

test("the next one that waits: below first, then from the top, never the one shown", () => {
    expect(nextUnanswered(rows("AbCd"), "b").resId).toBe("c");
    expect(nextUnanswered(rows("AbCd"), "c").resId).toBe("a");
    expect(nextUnanswered(rows("abCd"), "c")).toBe(undefined);
    expect(nextUnanswered(rows("abCD"), "z").resId).toBe("c");
    expect(nextUnanswered([], false)).toBe(undefined);
});

test("after closing: the first one that waits, else the first one", () => {
    expect(rowAfterClosing(rows("abCD")).resId).toBe("c");
    expect(rowAfterClosing(rows("abc")).resId).toBe("a");
    expect(rowAfterClosing([])).toBe(undefined);
});
