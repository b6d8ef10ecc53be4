import { animationFrame, beforeEach, describe, expect, test } from "@odoo/hoot";
import { getService, onRpc, serverState } from "@web/../tests/web_test_helpers";

import { sayOnBus } from "@sop_pipeline/../tests/bus";

import { othersText } from "@sop_inbox/inbox/inbox_format";
import { byConversation } from "@sop_inbox/inbox/inbox_presence";

import { defineInbox, mountInbox } from "../inbox_test_helpers";

defineInbox();
describe.current.tags("desktop");

const lan = { name: "Lan", conversation: 4, writes: 0, at: 100_000 };
let told; // what one has told the others

beforeEach(() => {
    told = [];
    onRpc("sop.inbox.screen", "action_look", ({ args }) => {
        told.push([args[0][0], args[1]]);
        return true;
    });
});

/** A colleague says where they are; the screen has heard it then. */
async function hear(user, conversation, state) {
    await sayOnBus("sop_inbox/look", { user, conversation, state });
    await animationFrame();
}

test("who looks, who writes, and who has left without a word", () => {
    const heard = new Map([
        [7, lan],
        [8, { ...lan, name: "Minh", writes: 99_000 }],
        [9, { ...lan, name: "Hoa", conversation: false }],
    ]);
    expect(byConversation(heard, 101_000)).toEqual({ 4: [{ id: 7, name: "Lan", writes: false }, { id: 8, name: "Minh", writes: true }] });
    expect(byConversation(heard, 110_000)[4].map((other) => other.writes)).toEqual([false, false]);
    expect(byConversation(heard, 161_000)).toEqual({});
});

test("who writes comes before who looks", async () => {
    await mountInbox(); // words are there by then
    expect(othersText([])).toBe("");
    expect(String(othersText([{ name: "Lan" }, { name: "Minh" }]))).toBe("Lan, Minh is looking");
    expect(String(othersText([{ name: "Lan" }, { name: "Minh", writes: true }]))).toBe("Minh is writing...");
});

test("a colleague who comes is told that one is here, once; one's own word is not heard", async () => {
    await mountInbox();
    getService("bus_service"); // listens
    document.querySelector(".o_inbox_record").click();
    await animationFrame();
    expect(told).toEqual([[5, "looking"]]);
    await hear({ id: 99, name: "Minh" }, 5, "looking");
    await hear({ id: 99, name: "Minh" }, 5, "writing");
    expect(told).toEqual([[5, "looking"], [5, "looking"]]);
    await hear({ id: serverState.userId, name: "Tôi" }, 5, "looking");
    await hear({ id: 99, name: "Minh" }, 5, "gone");
    await hear({ id: 98, name: "Hoa" }, 4, "looking");
    expect(told).toHaveLength(2);
});
