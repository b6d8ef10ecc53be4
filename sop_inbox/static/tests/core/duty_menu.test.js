import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, beforeEach, click, describe, expect, test } from "@odoo/hoot";
import { makeServerError, mockService, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { UserMenu } from "@web/webclient/user_menu/user_menu";

import { HeldCalls } from "@sop_pipeline/../tests/held_calls";
import { waitFor } from "@sop_pipeline/../tests/patience";

defineMailModels();
describe.current.tags("desktop");

const ON = "says: You are on duty: new conversations come to you.";
const AWAY = "says: You are away: no new conversations are assigned to you.";
const SWITCH = ".o-dropdown--menu [data-menu=sop_duty]";

let server;

beforeEach(() => {
    server = new HeldCalls();
    const hold = ({ method, args }) => {
        expect.step([method, ...args].join(" "));
        return server.hold();
    };
    onRpc("sop.duty", "get_state", hold);
    onRpc("sop.duty", "action_set", hold);
    mockService("notification", { add: (text) => expect.step(`says: ${text}`) });
});

async function openMenu() {
    await click(".o_user_menu button");
    await animationFrame();
}

async function pressSwitch() {
    await openMenu();
    await click(SWITCH);
    await animationFrame();
}

/** Open the menu, see the switch, and close it. */
async function isOn() {
    await openMenu();
    const { checked } = await waitFor(`${SWITCH} input`);
    await openMenu();
    return checked;
}

async function start(onDuty = false) {
    await mountWithCleanup(UserMenu);
    await server.answer(onDuty);
    expect.verifySteps(["get_state"]);
}

test("the switch shows what the server says, and turns it", async () => {
    await start(true);
    expect(await isOn()).toBe(true);
    await pressSwitch();
    expect.verifySteps(["action_set false"]);
    await server.answer(false);
    expect.verifySteps([AWAY]);
    expect(await isOn()).toBe(false);
    await pressSwitch();
    await server.answer(true);
    expect.verifySteps(["action_set true", ON]);
    expect(await isOn()).toBe(true);
});

test("pressed before the server has said where one stands, it turns that", async () => {
    await mountWithCleanup(UserMenu);
    await pressSwitch();
    expect.verifySteps(["get_state"]);
    await server.answer(true);
    expect.verifySteps(["action_set false"]);
    await server.answer(false);
    expect.verifySteps([AWAY]);
    expect(await isOn()).toBe(false);
});

test("pressed twice, it is where it was", async () => {
    await start();
    await pressSwitch();
    await pressSwitch();
    expect.verifySteps(["action_set true"]); // the second one waits for the first
    await server.answer(true);
    expect.verifySteps([ON, "action_set false"]);
    await server.answer(false);
    expect.verifySteps([AWAY]);
    expect(await isOn()).toBe(false);
});

test("refused, it stays as it was, says nothing, and can be pressed again", async () => {
    expect.errors(1);
    await start();
    await pressSwitch();
    await server.answer(makeServerError({ message: "not yours" }));
    expect.verifySteps(["action_set true"]);
    expect.verifyErrors([/not yours/]);
    expect(await isOn()).toBe(false);
    await pressSwitch();
    await server.answer(true);
    expect.verifySteps(["action_set true", ON]);
});

test("who does not answer in the inbox has no switch, and the server is not asked", async () => {
    patchWithCleanup(user, { hasGroup: async (group) => group !== "sop_inbox.sop_inbox_group_user" });
    await mountWithCleanup(UserMenu);
    await openMenu();
    expect(SWITCH).toHaveCount(0);
    expect.verifySteps([]);
});
