import { animationFrame, beforeEach, describe, expect, press, test } from "@odoo/hoot";
import { contains, onRpc } from "@web/../tests/web_test_helpers";

import { BulkBar } from "@sop_inbox/inbox/bulk_bar";

import { defineInbox, makeChats, mountInbox, SopConversation } from "../inbox_test_helpers";

defineInbox();
describe.current.tags("desktop");

let calls; // what was sent to close

beforeEach(() => {
    calls = [];
    SopConversation._records = makeChats(3, (id) => ({ last_inbound_ref: id === 1 ? 0 : id * 10 }));
    for (const method of ["action_done", "action_claim"]) {
        onRpc("sop.conversation", method, ({ args }) => {
            calls.push([method, ...args]);
            return true;
        });
    }
    onRpc("sop.conversation", "action_bulk", ({ args }) => {
        calls.push(args);
        return args[0].map((id) => ({ id, name: `Chat ${id}`, ok: true, error: "" }));
    });
});

async function openChat(index) {
    document.querySelectorAll(".o_inbox_record")[index].click();
    await animationFrame();
}

describe("closing says what the screen showed last", () => {
    test("key D: the last message the list knew of; other keys send nothing", async () => {
        await mountInbox();
        await openChat(0);
        await press("a");
        await animationFrame();
        await press("d");
        await animationFrame();
        expect(calls).toEqual([["action_claim", [3]], ["action_done", [3], 30]]);
    });

    test("a customer who has not written yet is closed without", async () => {
        await mountInbox();
        await openChat(2);
        await press("d");
        await animationFrame();
        expect(calls).toEqual([["action_done", [1], false]]);
    });

    test("many at once: each with its own", async () => {
        await mountInbox();
        await contains(".o_inbox_row_select:eq(0)").click();
        await contains(".o_inbox_row_select:eq(2)").click();
        await contains(".o_inbox_bulk_done").click();
        await animationFrame();
        expect(calls).toEqual([[[3, 1], "done", null, [30, 0]]]);
    });

    test("all that a search finds: read once at the press, sent with each slice", async () => {
        const ids = Array.from({ length: 250 }, (_unused, index) => index + 1);
        const rows = ids.map((id) => ({ id, last_inbound_ref: id * 10 })).reverse();
        const sent = [];
        let reads = 0;
        const bar = {
            props: { root: { isDomainSelected: true, getResIds: async () => ids }, onDone: () => {} },
            progress: {},
            notify: () => {},
            readShown: BulkBar.prototype.readShown,
            orm: {
                searchRead: async (...asked) => {
                    reads++;
                    expect(asked).toEqual(["sop.conversation", [["id", "in", ids]], ["last_inbound_ref"]]);
                    return rows;
                },
                call: async (_model, _method, args) => {
                    rows.forEach((row) => (row.last_inbound_ref += 1)); // everybody writes meanwhile
                    sent.push(args);
                    return args[0].map((id) => ({ id, ok: true }));
                },
            },
        };
        await BulkBar.prototype.run.call(bar, "done");
        expect(reads).toBe(1);
        expect(sent.map(([slice]) => slice.length)).toEqual([100, 100, 50]);
        for (const [slice, , , shown] of sent) {
            expect(shown).toEqual(slice.map((id) => id * 10));
        }
    });
});
