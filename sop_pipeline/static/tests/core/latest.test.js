import { Deferred, describe, expect, test } from "@odoo/hoot";

import { latest } from "@sop_pipeline/core/latest";

describe.current.tags("headless");

/** A reading whose answers come when the test says so. */
function makeReading() {
    const answers = {};
    const read = latest((...args) => (answers[args.join()] = new Deferred()));
    return { answers, read };
}

test("the one reading under way gives its answer, read with its arguments", async () => {
    const { answers, read } = makeReading();
    const only = read("list", 2);
    answers["list,2"].resolve("rows");
    expect(await only).toBe("rows");
});

test("an older answer that comes later is dropped", async () => {
    const { answers, read } = makeReading();
    const [first, second] = [read("first"), read("second")];

    answers.second.resolve("new");
    answers.first.resolve("old");

    expect(await second).toBe("new");
    expect(await first).toBe(undefined);
});

test("an older answer that comes first is dropped too, and nobody waits for ever", async () => {
    const { answers, read } = makeReading();
    const [first, second] = [read("first"), read("second")];

    answers.first.resolve("old");
    expect(await first).toBe(undefined);

    answers.second.resolve("new");
    expect(await second).toBe("new");
});

test("readings one after the other all count, an empty answer too", async () => {
    const { answers, read } = makeReading();
    for (const value of ["rows", null, 0]) {
        const reading = read("list");
        answers.list.resolve(value);
        expect(await reading).toBe(value);
    }
});

test("two readings of their own do not overtake each other", async () => {
    const list = makeReading();
    const panel = makeReading();
    const [rows, customer] = [list.read("list"), panel.read("panel")];
    panel.answers.panel.resolve("customer");
    list.answers.list.resolve("rows");
    expect(await rows).toBe("rows");
    expect(await customer).toBe("customer");
});

test("a failed reading says so", async () => {
    const { answers, read } = makeReading();
    const reading = read("list");
    answers.list.reject(new Error("no line"));
    await expect(reading).rejects.toThrow("no line");
});
