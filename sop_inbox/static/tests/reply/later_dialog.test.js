import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, beforeEach, click, Deferred, describe, expect, mockDate, mockTimeZone, queryAllAttributes, queryOne, test } from "@odoo/hoot";
import { contains, makeDialogMockEnv, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { LaterDialog } from "@sop_inbox/reply/later_dialog";

const { DateTime } = luxon;

defineMailModels();
describe.current.tags("desktop");

let answers; // of the server, held back

beforeEach(() => {
    answers = [];
    mockTimeZone(+7);
    mockDate("2026-03-04 08:20:00"); // UTC, a Wednesday: 15:20 in Hà Nội
    onRpc("sop.duty", "get_state", () => false);
    onRpc("sop.conversation.later", "action_schedule", ({ args }) => {
        expect.step(JSON.stringify(args));
        answers.push(new Deferred());
        return answers.at(-1);
    });
});

async function open(props = {}) {
    const env = await makeDialogMockEnv();
    await mountWithCleanup(LaterDialog, {
        env,
        props: { close: () => expect.step("close"), conversationId: 4, text: "Dạ còn ạ", onDone: () => expect.step("done"), ...props },
    });
}

test("only times are offered at which the platform still takes a reply", async () => {
    await open({ until: DateTime.now().plus({ hours: 2 }) });
    expect(queryAllAttributes("[data-choice]", "data-choice")).toEqual(["hour"]);
});

test("without an end, all of them", async () => {
    await open();
    expect(queryAllAttributes("[data-choice]", "data-choice")).toEqual(["hour", "three", "tomorrow", "monday"]);
});

test("a time of the user's day reaches the server as UTC, and the reply goes once", async () => {
    await open();
    expect(".o_inbox_schedule").not.toBeEnabled();
    await click("[data-choice=tomorrow]");
    await animationFrame();
    expect(queryOne("[name=at]").value).toBe("2026-03-05T08:00");
    await click(".o_inbox_schedule");
    await animationFrame();
    expect(".o_inbox_schedule").not.toBeEnabled();
    expect.verifySteps(['[[4],"Dạ còn ạ","2026-03-05 01:00:00",false]']);
    answers[0].resolve(true);
    await animationFrame();
    expect.verifySteps(["close", "done"]);
});

test("also when the customer writes before, where the box is cleared", async () => {
    await open();
    await click("[data-choice=hour]");
    await click("[name=unless_written]");
    await animationFrame();
    await click(".o_inbox_schedule");
    expect.verifySteps(['[[4],"Dạ còn ạ","2026-03-04 09:20:00",true]']);
    answers[0].resolve(true);
    await animationFrame();
    expect.verifySteps(["close", "done"]);
});

test("nothing goes without words or without a time", async () => {
    await open({ text: "" });
    await click("[data-choice=hour]");
    await animationFrame();
    expect(".o_inbox_schedule").not.toBeEnabled();
    await contains("[name=text]").edit("   ");
    expect(".o_inbox_schedule").not.toBeEnabled();
    await contains("[name=text]").edit("Dạ còn ạ");
    expect(".o_inbox_schedule").toBeEnabled();
    expect.verifySteps([]);
});

test("refused, the dialog stays with its words, and works again", async () => {
    expect.errors(1);
    await open();
    await click("[data-choice=hour]");
    await animationFrame();
    await click(".o_inbox_schedule");
    await animationFrame();
    answers[0].reject(new Error("refused"));
    await animationFrame();
    expect(".o_inbox_schedule").toBeEnabled();
    expect(queryOne("[name=text]").value).toBe("Dạ còn ạ");
    expect.verifyErrors([/refused/]);
    expect.verifySteps(['[[4],"Dạ còn ạ","2026-03-04 09:20:00",false]']);
});
