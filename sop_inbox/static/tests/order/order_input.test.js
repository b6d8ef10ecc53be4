import { describe, expect, test } from "@odoo/hoot";

import { readAmount, readQuantity } from "@sop_inbox/order/order_input";

describe.current.tags("headless");

test("amounts as people type them", () => {
    for (const text of ["25000", "25.000", "25,000", " 25 000 đ", "25000₫", 25000]) {
        expect(readAmount(text)).toBe(25000);
    }
    for (const text of ["", "free", undefined, null]) {
        expect(readAmount(text)).toBe(0);
    }
});

test("quantities with a comma or a point", () => {
    expect(readQuantity("3")).toBe(3);
    expect(readQuantity("1,5")).toBe(1.5);
    expect(readQuantity("1.5")).toBe(1.5);
    expect(readQuantity(2)).toBe(2);
    expect(readQuantity("")).toBe(0);
    expect(readQuantity("two")).toBe(NaN);
});
