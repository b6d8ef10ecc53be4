import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, beforeEach, click, Deferred, describe, expect, test } from "@odoo/hoot";
import { getService, makeMockEnv, MockServer, mountWithCleanup, onRpc, patchWithCleanup, serverState } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { MainComponentsContainer } from "@web/core/main_components_container";

import { waitFor, waitForNone } from "@sop_pipeline/../tests/patience";

defineMailModels();
describe.current.tags("desktop");

const DIALING = { call_id: 7, state: "dialing", name: "Lan", number: "0901 234 567", tel: "tel:+84901234567", products: [] };
const ANSWERED = { ...DIALING, state: "answered" };
const NOTHING = { count: 0, waiting_count: 0, waiting: [], to_rate: [] };

let todo; // what the server still wants from the user

beforeEach(() => {
    todo = NOTHING;
    patchWithCleanup(HTMLAnchorElement.prototype, {
        click() {
            expect.step(`dial ${this.getAttribute("href")}`);
        },
    });
    onRpc("sop.call", "get_todo", () => todo);
    onRpc("crm.lead", "action_sop_call", ({ args }) => {
        expect.step(`call lead ${args[0]}`);
        todo = { ...NOTHING, waiting_count: 1, waiting: [DIALING] };
        return { type: "ir.actions.client", tag: "sop_call", params: DIALING };
    });
    onRpc("sop.call", "action_answered", ({ args }) => {
        expect.step(`answered ${args[0]}`);
        todo = { ...NOTHING, count: 1, to_rate: [ANSWERED] };
        return ANSWERED;
    });
    onRpc("sop.call", "action_rate", ({ args }) => {
        const [[id], interest, products, note] = args;
        expect.step(`rate ${id} ${interest} [${products}] ${note}`);
        todo = NOTHING;
        return true;
    });
    onRpc("sop.call", "get_next_steps", () => ({
        steps: [{ code: "soon", label: "In 30 minutes", at: "2026-03-01 02:30:00" }],
        proposed: "soon",
        rule: false,
        next_lead: { lead_id: 9, name: "Hoa", why: "new" },
    }));
    onRpc("sop.call", "action_plan_next", ({ args }) => {
        expect.step(`plan ${args[0]} ${args[1]}`);
        return true;
    });
});

async function startCalls() {
    const env = await makeMockEnv();
    await mountWithCleanup(MainComponentsContainer, { noMainContainer: true });
    env.bus.trigger("WEB_CLIENT_READY");
    await animationFrame();
    return getService("sop_call");
}

/** What the page does anew is a step of the test. */
function noteActions() {
    patchWithCleanup(getService("action"), {
        doAction(action) {
            expect.step(action);
        },
    });
}

/** Choose the first face and send it. */
async function rate() {
    await click(".o_sop_face[data-interest='interested']");
    await animationFrame();
    await click(".o_sop_send_rating");
}

/** The user's calls changed elsewhere: in another tab, or by the telephone exchange. */
function hear(payload) {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, "sop_pipeline.call", payload);
}

test("from the press of the button to the rating", async () => {
    const calls = await startCalls();
    await calls.callLead(3, () => expect.step("done"));
    expect.verifySteps(["call lead 3", "dial tel:+84901234567"]);
    await waitFor(".o_sop_answered");
    expect(calls.state.waiting[0].call_id).toBe(7);

    await click(".o_sop_answered");
    await waitFor(".o_sop_face");
    expect.verifySteps(["answered 7", "done"]);
    expect(".o_dialog").toHaveCount(1);
    expect(calls.state.count).toBe(1);

    await rate();
    await waitFor(".o_sop_next_dialog");
    expect.verifySteps(["rate 7 interested [] ", "done"]);
    expect(".o_sop_next_dialog .alert").toHaveText("Rating saved: Lan");
    await click("[data-step='soon']");
    await waitFor(".o_sop_planned");
    expect.verifySteps(["plan 7 2026-03-01 02:30:00", "done"]);
    await click(".o_sop_next_lead");
    await waitFor(".o_sop_answered");
    expect.verifySteps(["call lead 9", "dial tel:+84901234567"]);
    expect(".o_dialog").toHaveCount(1);
    todo = NOTHING;
    hear({ call_id: 7 });
    await waitForNone(".o_dialog");
    expect(calls.state).toEqual({ count: 0, toRate: [], waitingCount: 0, waiting: [] });
});

test("the page is shown anew once nothing is asked any more: that closes every dialog", async () => {
    const calls = await startCalls();
    noteActions();
    await calls.callLead(3, calls.reload);
    await waitFor(".o_sop_answered");
    await click(".o_sop_answered");
    await waitFor(".o_sop_face");
    await animationFrame();
    expect.verifySteps(["call lead 3", "dial tel:+84901234567", "answered 7"]);
    expect(".o_dialog").toHaveCount(1);

    await rate();
    await waitFor(".o_sop_next_dialog");
    await animationFrame();
    expect.verifySteps(["rate 7 interested [] "]);

    await click("[data-step='soon']");
    await waitFor(".o_sop_planned");
    await animationFrame();
    expect.verifySteps(["plan 7 2026-03-01 02:30:00"]); // what was planned stays readable, beside the next lead
    expect(".o_sop_next_lead").toHaveCount(1);
    await click(".o_dialog .btn-close");
    await waitForNone(".o_dialog");
    expect.verifySteps(["soft_reload"]);
});

test("what next is asked, and works, also behind a page that never says that it was read", async () => {
    const calls = await startCalls();
    const neverRead = () => new Promise(() => {}); // as core's KeepLast, or a page that was left
    await calls.callLead(3, neverRead);
    await waitFor(".o_sop_answered");
    const reading = new Deferred(); // the rating is sent before the to-do list after the answer is read
    onRpc("sop.call", "get_todo", async () => {
        await reading;
        return todo;
    });
    await click(".o_sop_answered");
    await waitFor(".o_sop_face");
    await rate();
    await waitFor(".o_sop_next_dialog");
    reading.resolve();
    await click("[data-step='soon']");
    await waitFor(".o_sop_planned");
    await animationFrame();
    await click(".o_sop_next_lead");
    await waitFor(".o_sop_answered");
    const first = ["call lead 3", "dial tel:+84901234567", "answered 7", "rate 7 interested [] ", "plan 7 2026-03-01 02:30:00"];
    expect.verifySteps([...first, "call lead 9", "dial tel:+84901234567"]);
});

test("where what next cannot be read, the page is shown anew all the same", async () => {
    expect.errors(1);
    const calls = await startCalls();
    onRpc("sop.call", "get_next_steps", () => Promise.reject(new Error("no line")));
    noteActions();
    calls.ask(ANSWERED, calls.reload);
    await waitFor(".o_sop_face");
    await rate();
    await waitForNone(".o_sop_face");
    await animationFrame();
    expect.verifySteps(["rate 7 interested [] ", "soft_reload"]);
    expect.verifyErrors(["no line"]);
});

test("the next lead is called without the page shown anew in between", async () => {
    todo = { ...NOTHING, count: 1, to_rate: [ANSWERED] };
    const calls = await startCalls();
    noteActions();
    calls.ask(ANSWERED, calls.reload);
    await waitFor(".o_sop_face");
    await rate();
    await waitFor(".o_sop_next_dialog");
    await click("[data-step='soon']");
    await waitFor(".o_sop_planned");
    expect.verifySteps(["rate 7 interested [] ", "plan 7 2026-03-01 02:30:00"]);
    await click(".o_sop_next_lead");
    await waitFor(".o_sop_answered");
    expect.verifySteps(["call lead 9", "dial tel:+84901234567"]);
    expect(".o_dialog").toHaveCount(1);
});

test("a call has one dialog, however often it is asked for", async () => {
    todo = { ...NOTHING, count: 1, to_rate: [ANSWERED] };
    const calls = await startCalls();
    calls.ask(ANSWERED);
    calls.ask(ANSWERED);
    hear({ call_id: 7, rate: true });
    await waitFor(".o_sop_face");
    await animationFrame();
    expect(".o_dialog").toHaveCount(1);

    calls.ask({ ...ANSWERED, call_id: 8 });
    await animationFrame();
    expect(".o_dialog").toHaveCount(2);
});

test("a dialog that was put off can be opened again", async () => {
    const calls = await startCalls();
    calls.ask(DIALING);
    await waitFor(".o_sop_answered");
    await click(".modal-footer .btn:contains(Ask me later)");
    await waitForNone(".o_dialog");
    calls.ask(DIALING);
    await waitFor(".o_sop_answered");
});

test("a call answered or rated elsewhere is asked for no more", async () => {
    todo = { ...NOTHING, count: 1, to_rate: [ANSWERED] };
    const calls = await startCalls();
    calls.ask(ANSWERED);
    await waitFor(".o_sop_face");
    todo = NOTHING;
    hear({ call_id: 7 });
    await waitForNone(".o_dialog");
    expect(calls.state.count).toBe(0);
});

test("a call the exchange saw answered asks for its rating, where somebody looks", async () => {
    const calls = await startCalls();
    todo = { ...NOTHING, count: 1, to_rate: [ANSWERED] };
    hear({ call_id: 7 }); // a change, but none that asks
    await animationFrame();
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);

    patchWithCleanup(browser, { document: { visibilityState: "hidden" } });
    hear({ call_id: 7, rate: true });
    await animationFrame();
    await animationFrame();
    expect(calls.state.count).toBe(1);
    expect(".o_dialog").toHaveCount(0);

    browser.document.visibilityState = "visible";
    hear({ call_id: 7, rate: true });
    await waitFor(".o_sop_face");
});

test("what was left open when the browser closed is asked for at the next start", async () => {
    todo = { count: 1, waiting_count: 2, waiting: [DIALING, { ...DIALING, call_id: 3, state: "unknown" }], to_rate: [{ ...ANSWERED, call_id: 5 }] };
    const calls = await startCalls();
    await waitFor(".o_sop_answered");
    expect(".o_dialog").toHaveCount(1);
    expect(calls.state.waiting.map((call) => call.call_id)).toEqual([7, 3]);
    expect(calls.state.count).toBe(1);
});

test("an older reading that comes later changes nothing, and who asked for it waits for the newer one", async () => {
    const calls = await startCalls();
    const answers = [];
    onRpc("sop.call", "get_todo", () => {
        answers.push(new Deferred());
        return answers.at(-1);
    });
    const older = calls.refresh().then(() => expect.step("older"));
    const newer = calls.refresh().then(() => expect.step("newer"));
    await animationFrame();

    answers[0].resolve({ ...NOTHING, count: 9 });
    await animationFrame();
    expect.verifySteps([]);
    expect(calls.state.count).toBe(0);

    answers[1].resolve({ ...NOTHING, count: 1, to_rate: [ANSWERED] });
    await Promise.all([older, newer]);
    expect(calls.state.count).toBe(1);
    expect.verifySteps(["newer", "older"]);
});
