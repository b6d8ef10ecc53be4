import { describe, expect, test } from "@odoo/hoot";

import { countNews, keepOpen, keepPlaces } from "@sop_inbox/inbox/inbox_places";

const rows = (...ids) => ids.map((id) => ({ id }));
const ids = (found) => found.map((row) => row.id);

describe("rows keep their places", () => {
    test("whatever the order at the server", () => {
        expect(ids(keepPlaces([5, 4, 3], rows(9, 3, 5), rows(4), false))).toEqual([5, 4, 3]);
        expect(ids(keepPlaces([5, 4, 3], rows(5, 3), [], false))).toEqual([5, 3]); // erased meanwhile
    });
    test("and older ones asked for come behind them, new ones do not", () => {
        expect(ids(keepPlaces([5, 4], rows(9, 4, 5, 3, 2), [], true))).toEqual([5, 4, 3, 2]);
    });
    test("the one shown as well, where nobody is in the list", () => {
        expect(ids(keepOpen([5, 4, 3], rows(9, 3, 5), { id: 4 }))).toEqual([9, 4, 3, 5]);
        expect(ids(keepOpen([5, 4, 3], rows(3, 5, 4), { id: 3 }))).toEqual([5, 4, 3]);
        expect(ids(keepOpen([5, 4], rows(9, 5), { id: 7 }))).toEqual([9, 5]); // it was not in the list
        expect(ids(keepOpen([5, 4], rows(9, 5), undefined))).toEqual([9, 5]); // it left it
    });
    test("and what has come is counted", () => {
        expect(countNews([5, 4, 3], rows(9, 3, 5, 4), new Set([9, 3]), 0)).toBe(2);
        expect(countNews([5, 4, 3], rows(3, 5, 4), new Set([3]), 3)).toBe(0); // the one shown is no news
        expect(countNews([5, 4, 3], rows(5, 3, 4), new Set(), 0)).toBe(0); // nobody wrote
        expect(countNews([5, 4], rows(5, 4, 3), new Set([3]), 0)).toBe(0); // below
    });
});
