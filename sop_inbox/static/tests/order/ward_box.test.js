import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, beforeEach, click, Deferred, describe, edit, expect, freezeTime, pointerDown, press, queryAllTexts, test } from "@odoo/hoot";
import { makeMockEnv, makeServerError, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { reactive } from "@odoo/owl";

import { WardBox } from "@sop_inbox/order/ward_box";

defineMailModels();
describe.current.tags("desktop");

const WARDS = [
    { id: 1, name: "Phường Bến Thành", display_name: "Phường Bến Thành, TP Hồ Chí Minh", state_id: 12 },
    { id: 2, name: "Phường Bến Nghé", display_name: "Phường Bến Nghé, TP Hồ Chí Minh", state_id: 12 },
    { id: 3, name: "Xã Bến Quan", display_name: "Xã Bến Quan, Quảng Trị", state_id: 13 },
];

let customer; // of the draft order
let answers; // of the server, held back; by what was asked

beforeEach(() => {
    freezeTime(); // a slow machine decides nothing
    answers = {};
    onRpc("sop.duty", "get_state", () => false);
    onRpc("res.city", "web_name_search", ({ args, kwargs }) => {
        const [, province] = kwargs.domain;
        expect.step(`${args[0]} in ${province ? province[2] : "all"}`);
        answers[args[0]] = new Deferred();
        return answers[args[0]];
    });
});

async function mountBox(values = {}) {
    const state = reactive({ customer: { city: "", state_id: false, ...values } });
    customer = state.customer;
    const env = await makeMockEnv({ orderDraft: { state } });
    await mountWithCleanup(WardBox, { env });
}

/** Type as people do; the keys have rested by then. */
async function type(text) {
    await click("[name=city]");
    await edit(text);
    await advanceTime(200);
}

async function answer(text, wards = WARDS) {
    const asked = answers[text];
    if (wards instanceof Error) {
        asked.reject(wards);
    } else {
        asked.resolve(wards);
    }
    await animationFrame();
}

async function look(text) {
    await type(text);
    await answer(text);
    expect.verifySteps([`${text} in all`]);
}

const names = () => queryAllTexts("[role=option]");
const chosen = () => queryAllTexts("[aria-selected=true]");

test("what is typed finds wards, and the one pressed brings its province", async () => {
    await mountBox();
    await look("ben");
    expect(names()).toEqual(WARDS.map((ward) => ward.display_name));
    expect("[name=city]").toHaveAttribute("aria-expanded", "true");
    await pointerDown("[role=option]:last");
    await animationFrame();
    expect("[name=city]").toHaveValue("Xã Bến Quan");
    expect("[name=city]").toBeFocused();
    expect(customer.state_id).toBe(13);
    expect("[name=city]").toHaveAttribute("aria-expanded", "false");
});

test("by the keyboard: round and round, Enter takes it, Escape leaves what was typed", async () => {
    await mountBox();
    await look("ben");
    await press("ArrowUp");
    await animationFrame();
    expect(chosen()).toEqual(["Xã Bến Quan, Quảng Trị"]);
    await press("ArrowDown");
    await press("ArrowDown");
    await animationFrame();
    expect(chosen()).toEqual(["Phường Bến Nghé, TP Hồ Chí Minh"]);
    await press("Escape");
    await animationFrame();
    expect(names()).toEqual([]);
    expect(customer).toEqual({ city: "ben", state_id: false });

    await look("bens");
    expect(chosen()).toEqual(["Phường Bến Thành, TP Hồ Chí Minh"]);
    await press("Enter");
    await animationFrame();
    expect(customer).toEqual({ city: "Phường Bến Thành", state_id: 12 });
    expect(names()).toEqual([]);
});

test("in the province that is chosen; an empty box asks nothing and offers nothing", async () => {
    await mountBox({ state_id: 12 });
    await type("ben");
    await answer("ben");
    expect.verifySteps(["ben in 12"]);
    await type("  ");
    await animationFrame();
    expect(names()).toEqual([]);
    expect.verifySteps([]);
});

test("the ward that is in the box already is not offered", async () => {
    await mountBox();
    await look("Phường Bến Nghé");
    expect(names()).toEqual([WARDS[0].display_name, WARDS[2].display_name]);
});

test("an answer to what is typed no more shows nothing", async () => {
    await mountBox();
    await type("ben");
    await type("bens");
    expect.verifySteps(["ben in all", "bens in all"]);
    await answer("bens", WARDS.slice(2));
    await answer("ben");
    expect(names()).toEqual(["Xã Bến Quan, Quảng Trị"]);
});

for (const [how, close] of [["left", () => click(document.body)], ["closed by Escape", () => press("Escape")]]) {
    test(`a box ${how} stays closed when the answer comes, until more is typed`, async () => {
        await mountBox();
        await type("ben");
        await close();
        await answer("ben");
        expect(names()).toEqual([]);
        expect(customer.city).toBe("ben");
        await type("bens");
        await answer("bens");
        expect(names()).toHaveLength(3);
        expect.verifySteps(["ben in all", "bens in all"]);
    });
}

test("a ward taken while more was typed is the end of it: nothing is looked up after", async () => {
    await mountBox();
    await look("ben");
    await edit("bens");
    await press("Enter");
    await advanceTime(200);
    expect(customer.city).toBe("Phường Bến Thành");
    for (const text of Object.keys(answers)) {
        await answer(text);
    }
    expect(names()).toEqual([]);
    expect.verifySteps(["Phường Bến Thành in 12"]);
});

test("where the server refuses, the box takes any text", async () => {
    await mountBox();
    await type("ben");
    await answer("ben", makeServerError({ message: "not yours" }));
    expect(names()).toEqual([]);
    expect(customer.city).toBe("ben");
    expect.verifySteps(["ben in all"]);
    await look("bens");
    expect(names()).toHaveLength(3);
});
