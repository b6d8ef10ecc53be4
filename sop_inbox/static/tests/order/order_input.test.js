import { describe, expect, test } from "@odoo/hoot";

import { readAmount, readQuantity } from "@sop_inbox/order/order_input";

describe.current.tags("headless");

test("amounts as people type them", () => {
    for (const text of ["25000", "25.000", "25,000", " 25 000 đ", "25000₫", 25000]) {
        expect(readAmount(text)).toBe(25000);
    }
    const read = {
        "30k": 30000, "1k5": 1500, "30 nghìn": 30000, "1tr2": 1200000, "1tr250": 1250000, "1tr200k": 1200000, "1,5tr": 1500000,
        "12.345.678": 12345678, "0": 0, "500.000 vnđ": 500000,
    }; // prettier-ignore
    for (const [text, amount] of Object.entries(read)) {
        expect(readAmount(text)).toBe(amount, { message: text });
    }
    for (const text of ["", "free", undefined, null, "30", "30x", "30.00", "-30k", "1,5tr2", "50%", "1e6"]) {
        expect(readAmount(text)).toBe(NaN, { message: text });
    }
    expect(readAmount("50%", 300000)).toBe(150000);
    expect(readAmount("9,5", null, 2)).toBe(9.5);
});

test("quantities with a comma or a point", () => {
    expect(readQuantity("3")).toBe(3);
    expect(readQuantity("1,5")).toBe(1.5);
    expect(readQuantity("1.5")).toBe(1.5);
    expect(readQuantity(2)).toBe(2);
    expect(readQuantity("")).toBe(0);
    expect(readQuantity("two")).toBe(NaN);
});
