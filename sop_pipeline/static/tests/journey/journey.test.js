import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, beforeEach, click, describe, expect, mockTimeZone, queryAllTexts, test } from "@odoo/hoot";
import { contains, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

import { waitFor, waitForNone } from "@sop_pipeline/../tests/patience";

import { Journey } from "@sop_pipeline/journey/journey";

defineMailModels();
describe.current.tags("desktop");

const PHASES = ["awareness", "acquisition", "consideration", "experience", "loyalty"];
const TYPES = [
    { id: 1, name: "Survey", phase: "acquisition", icon: "fa-list", acts: false },
    { id: 2, name: "Product sample", phase: "consideration", icon: "fa-flask", acts: false },
    { id: 3, name: "Offer", phase: "consideration", icon: "fa-paper-plane-o", acts: true },
    { id: 4, name: "Gift", phase: "loyalty", icon: "fa-gift", acts: false },
];
const ITEM = { id: 7, name: "Order", icon: "fa-cube", phase: "experience", note: "", channel: "", by_fact: true, mine: false, user: "" };

let journey; // what the server knows

beforeEach(() => {
    journey = {
        phase: "acquisition",
        phases: PHASES.map((code) => ({ code, label: `The ${code}`, count: 0 })),
        items: [],
        more: 0,
        hidden: 0,
        types: TYPES,
        suggestions: [2, 3],
    };
    onRpc("sop.interaction", "get_journey", ({ args }) => {
        expect.step(`read ${args}`);
        return journey;
    });
    onRpc("sop.interaction", "action_add", ({ args }) => {
        expect.step(`add ${args}`);
        return 21;
    });
});

function open(resId = 3) {
    return mountWithCleanup(Journey, { props: { record: { resModel: "crm.lead", resId } } });
}

test("a moment is shown in the time zone of the user", async () => {
    mockTimeZone(+7);
    journey.items = [{ ...ITEM, at: "2026-03-01 18:30:00" }];
    await open();
    expect(".o_sop_event .text-muted").toHaveText(/2, 2026.*1:30/); // the next day in Hà Nội
    expect(".o_sop_event .text-muted").not.toHaveText(/18:30|6:30/);
    expect.verifySteps(["read crm.lead,3"]);
});

test("a lead that is not saved has no journey, and asks for none", async () => {
    await open(false);
    expect(".o_sop_journey").toHaveCount(0);
    expect.verifySteps([]);
});

test("what can only be recorded is suggested, what can be carried out is a button", async () => {
    await open();
    expect(queryAllTexts(".o_sop_suggestion")).toEqual(["Record: Product sample"]);
    expect(queryAllTexts(".o_sop_way")).toEqual(["Offer"]);
    expect(".o_sop_phase_here").toHaveText("The acquisition");
    expect.verifySteps(["read crm.lead,3"]);
});

test("the phase of the customer and the next one are offered, the others when asked for", async () => {
    await open();
    await click(".o_sop_add");
    await waitFor(".o_sop_types");
    expect(queryAllTexts(".o_sop_types .dropdown-header")).toEqual(["The acquisition", "The consideration"]);
    await click(".o_sop_all_phases");
    await animationFrame();
    expect(".o_sop_types .dropdown-header").toHaveCount(5);
    expect(".o_sop_all_phases").toHaveCount(0);
    expect.verifySteps(["read crm.lead,3"]);
});

test("a customer at the start, or past the last phase, is offered something", async () => {
    journey.phase = false;
    await open();
    expect(".o_sop_way").toHaveCount(0);
    expect(".o_sop_phase_here").toHaveCount(0);
    expect.verifySteps(["read crm.lead,3"]);
});

test("recorded, noted, and taken back", async () => {
    onRpc("sop.interaction", "write", ({ args }) => {
        expect.step(`note ${JSON.stringify(args)}`);
        return true;
    });
    onRpc("sop.interaction", "unlink", ({ args }) => {
        expect.step(`undo ${args}`);
        return true;
    });
    await open();
    await click(".o_sop_suggestion");
    await waitFor(".o_sop_added");
    expect(".o_sop_added b").toHaveText("Product sample");
    await contains(".o_sop_added input").edit("two colours", { confirm: "blur" });
    await waitForNone(".o_sop_added");
    expect.verifySteps(["read crm.lead,3", "add crm.lead,3,2", "read crm.lead,3", 'note [[21],{"note":"two colours"}]', "read crm.lead,3"]);

    await click(".o_sop_suggestion");
    await waitFor(".o_sop_undo");
    await click(".o_sop_undo");
    await waitForNone(".o_sop_added");
    expect.verifySteps(["add crm.lead,3,2", "read crm.lead,3", "undo 21", "read crm.lead,3"]);
});

for (const [how, closed, steps] of [
    ["is closed by its cross", { dismiss: true }, []],
    ["is left by a button that cancels", { special: true }, []],
    ["has sent", undefined, ["add crm.lead,3,3", "read crm.lead,3"]],
]) {
    test(`an offer is recorded once it was sent: the window ${how}`, async () => {
        onRpc("sop.interaction", "action_start", () => ({ type: "ir.actions.act_window", res_model: "mail.compose.message" }));
        const view = await open();
        patchWithCleanup(view.action, { doAction: (action, { onClose }) => onClose(closed) });
        await click(".o_sop_way");
        await animationFrame();
        expect.verifySteps(["read crm.lead,3", ...steps]);
    });
}

test("what there is no window for is recorded at once", async () => {
    onRpc("sop.interaction", "action_start", () => false);
    await open();
    await click(".o_sop_way");
    await waitFor(".o_sop_added");
    expect.verifySteps(["read crm.lead,3", "add crm.lead,3,3", "read crm.lead,3"]);
});

test("what is not in the list is said", async () => {
    Object.assign(journey, { items: [{ ...ITEM, at: "2026-03-01 02:30:00" }], more: 12, hidden: 2 });
    await open();
    expect(".o_sop_hidden").toHaveText(/^2 more/);
    expect(".o_sop_timeline + p").toHaveText(/^12 earlier/);
    expect.verifySteps(["read crm.lead,3"]);
});
