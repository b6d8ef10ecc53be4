import { describe, expect, test } from "@odoo/hoot";
import { spaced } from "@sop_pipeline/core/phone";

describe.current.tags("headless");

test("a Vietnamese number is written as people write it", () => {
    for (const number of ["+84901234567", "+84 901 234 567", "0901234567", "090.123.4567", "090-123-4567", "(090) 123 4567"]) {
        expect(spaced(number)).toBe("0901 234 567");
    }
});

test("any other text stays as it is", () => {
    for (const number of ["", "+33612345678", "0283 822 1234", "1900 1234", "0901 234 567 / 0912 345 678", "***567", false, undefined]) {
        expect(spaced(number)).toBe(number);
    }
});
