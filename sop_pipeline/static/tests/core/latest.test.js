import { Deferred, describe, expect, test, tick } from "@odoo/hoot";

import { latest } from "@sop_pipeline/core/latest";

describe.current.tags("headless");

/** A reading whose answers come when the test says so. */
function makeReading() {
    const answers = {};
    const shown = [];
    const read = latest((...args) => (answers[args.join()] = new Deferred()), (answer) => shown.push(answer));
    return { answers, read, shown };
}

test("the one reading under way is shown, read with its arguments", async () => {
    const { answers, read, shown } = makeReading();
    const only = read("list", 2);
    answers["list,2"].resolve("rows");
    await only;
    expect(shown).toEqual(["rows"]);
});

test("an older answer that comes later is dropped", async () => {
    const { answers, read, shown } = makeReading();
    const [first, second] = [read("first"), read("second")];

    answers.second.resolve("new");
    await second;
    answers.first.resolve("old");
    await first;
    expect(shown).toEqual(["new"]);
});

test("an older answer that comes first is dropped too, and who asked for it goes on once the later one is shown", async () => {
    const { answers, read, shown } = makeReading();
    const first = read("first").then(() => expect.step("first"));
    const second = read("second").then(() => expect.step("second"));

    answers.first.resolve("old");
    await tick();
    expect.verifySteps([]);

    answers.second.resolve("new");
    await Promise.all([first, second]);
    expect.verifySteps(["second", "first"]);
    expect(shown).toEqual(["new"]);
});

test("readings one after the other are all shown, an empty answer too", async () => {
    const { answers, read, shown } = makeReading();
    for (const value of ["rows", null, undefined, 0]) {
        const reading = read("list");
        answers.list.resolve(value);
        await reading;
    }
    expect(shown).toEqual(["rows", null, undefined, 0]);
});

test("two readings of their own do not overtake each other", async () => {
    const list = makeReading();
    const panel = makeReading();
    const readings = [list.read("list"), panel.read("panel")];
    panel.answers.panel.resolve("customer");
    list.answers.list.resolve("rows");
    await Promise.all(readings);
    expect([list.shown, panel.shown]).toEqual([["rows"], ["customer"]]);
});

test("a failed reading says so", async () => {
    const { answers, read, shown } = makeReading();
    const reading = read("list");
    answers.list.reject(new Error("no line"));
    await expect(reading).rejects.toThrow("no line");
    expect(shown).toEqual([]);
});
