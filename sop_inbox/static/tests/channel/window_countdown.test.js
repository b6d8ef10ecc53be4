import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, beforeEach, click, Deferred, describe, expect, mockDate, test } from "@odoo/hoot";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { WindowCountdown } from "@sop_inbox/channel/window_countdown";

defineMailModels();
describe.current.tags("desktop");

beforeEach(() => onRpc("sop.duty", "get_state", () => false));

/** What is shown `minutes`, and a little more, before the platform takes no more replies. */
async function countdown(minutes, props = {}) {
    mockDate("2026-03-01 02:00:00");
    const until = luxon.DateTime.now().plus({ minutes, seconds: 30 }).toUTC().toFormat("yyyy-MM-dd HH:mm:ss");
    await mountWithCleanup(WindowCountdown, { props: { window: { until }, ...props } });
}

for (const [minutes, text, isShort] of [
    [7 * 24 * 60 - 30, "Replies are taken for 6 d 23 h", false],
    [24 * 60, "Replies are taken for 1 d 0 h", false],
    [24 * 60 - 1, "Replies are taken for 23 h 59 min", false],
    [120, "Replies are taken for 2 h 0 min", false],
    [119, "Replies are taken for 1 h 59 min", true],
    [0, "Replies are taken for 0 h 0 min", true],
    [-90, "Replies are taken for 0 h 0 min", true], // the clock of the browser is ahead
]) {
    test(`${minutes} minutes before the end`, async () => {
        await countdown(minutes);
        expect(".o_inbox_countdown span").toHaveText(text);
        expect(".o_inbox_countdown").toHaveClass(isShort ? "text-warning" : "text-muted");
    });
}

test("it goes on by itself", async () => {
    await countdown(121);
    await advanceTime(5 * 60_000);
    await animationFrame();
    expect(".o_inbox_countdown span").toHaveText("Replies are taken for 1 h 56 min");
    expect(".o_inbox_countdown").toHaveClass("text-warning");
});

test("the platform's own form is asked for once, however often one presses; refused, it can be asked for again", async () => {
    const answers = [];
    onRpc("sop.conversation", "action_request_info", ({ args }) => {
        expect.step(`ask ${args}`);
        answers.push(new Deferred());
        return answers.at(-1);
    });
    await countdown(60, { askInfo: 4 });
    await click(".o_inbox_ask_info");
    await animationFrame();
    expect(".o_inbox_ask_info").not.toBeEnabled();
    expect.verifySteps(["ask 4"]);
    answers[0].resolve(true);
    await animationFrame();
    expect(".o_inbox_ask_info").toBeEnabled();
    await click(".o_inbox_ask_info");
    expect.verifySteps(["ask 4"]);
    answers[1].resolve(true);
});
