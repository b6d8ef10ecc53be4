import { advanceTime, animationFrame, beforeEach, Deferred, describe, expect, hover, queryAllTexts, queryOne, test } from "@odoo/hoot";
import { contains, MockServer, onRpc, pagerNext, pagerPrevious } from "@web/../tests/web_test_helpers";

import { defineInbox, hearOf, makeChats, mountInbox, SopConversation } from "../inbox_test_helpers";

defineInbox();
describe.current.tags("desktop");

const FIRST = 120; // ms from the first message to the reading
const NEXT = 700; // ms between two readings

let reads; // what each reading of the list asked for

beforeEach(() => {
    reads = [];
    onRpc("sop.conversation", "web_search_read", ({ kwargs }) => {
        reads.push(kwargs);
    });
});

function names() {
    return queryAllTexts(".o_inbox_row_name");
}

/** A message came: it is the newest of the list now, and the bus says so. */
async function arrive(id, minute) {
    MockServer.env["sop.conversation"].write([id], { last_message_at: `2025-01-01 11:${minute}:00` });
    await hearOf(id);
}

describe("the list is read again", () => {
    test("soon after a message, in the server's order", async () => {
        await mountInbox({ limit: 3 });
        expect(names()).toEqual(["Chat 5", "Chat 4", "Chat 3"]);

        await arrive(1, "00");
        expect(reads).toHaveLength(1);
        await advanceTime(FIRST);
        await animationFrame();
        expect(reads).toHaveLength(2);
        expect(names()).toEqual(["Chat 1", "Chat 5", "Chat 4"]);
    });

    test("at a steady pace while many messages come, and once more after the last one", async () => {
        await mountInbox({ limit: 3 });
        for (let minute = 10; minute < 40; minute++) {
            await arrive(1 + (minute % 5), String(minute));
        }
        await advanceTime(2 * NEXT);
        await animationFrame();
        expect(reads.length).toBeGreaterThan(1);
        expect(reads.length).toBeLessThan(10);
        expect(names()).toEqual(["Chat 5", "Chat 4", "Chat 3"]);
        expect(MockServer.env["sop.conversation"].read([5], ["last_message_at"])[0].last_message_at).toBe("2025-01-01 11:39:00");
    });

    test("when the line is back", async () => {
        const env = await mountInbox({ limit: 3 });
        env.services.bus_service.trigger("BUS:RECONNECT");
        await advanceTime(FIRST);
        expect(reads).toHaveLength(2);
    });

    test("quietly: a line that is down is no news", async () => {
        await mountInbox({ limit: 3 });
        onRpc("sop.conversation", "get_counters", () => new Response("", { status: 502 }));
        await hearOf(1);
        await advanceTime(FIRST);
        await animationFrame();
        expect(names()).toHaveLength(3);
    });

    test("what was chosen stays chosen", async () => {
        await mountInbox({ limit: 3 });
        await contains(".o_inbox_row_select:eq(1)").click();
        expect(".o_record_selected .o_inbox_row_name").toHaveText("Chat 4");
        await hover(".o_inbox_thread"); // nobody is in the list: the new one goes to the top
        await arrive(1, "00");
        await advanceTime(NEXT);
        await animationFrame();
        expect(names()).toEqual(["Chat 1", "Chat 5", "Chat 4"]);
        expect(".o_record_selected .o_inbox_row_name").toHaveText("Chat 4");
    });
});

describe("somebody is in the list", () => {
    const settle = async () => {
        await advanceTime(NEXT);
        await animationFrame();
    };

    test("50 messages: a click opens the row that was under it, each time", async () => {
        SopConversation._records = makeChats(20);
        await mountInbox({ limit: 10 });
        await hover(".o_inbox_record:eq(0)");
        const before = names();
        let wrong = 0;
        for (let minute = 0; minute < 50; minute++) {
            const at = `${10 + (minute % 50)}`;
            const under = queryAllTexts(".o_inbox_row_name")[minute % 10];
            await arrive(1 + ((minute * 7) % 20), at);
            await settle();
            await hover(`.o_inbox_record:eq(${minute % 10})`);
            wrong += names()[minute % 10] === under ? 0 : 1;
        }
        expect(wrong).toBe(0);
        expect(names()).toEqual(before);
        expect(".o_inbox_news").toHaveCount(1);
        await contains(".o_inbox_record:eq(6)").click();
        expect(".o_inbox_record_shown .o_inbox_row_name").toHaveText(before[6]);
    });

    test("what has come is a number; a press shows it", async () => {
        await mountInbox({ limit: 3 });
        await hover(".o_inbox_record:eq(0)");
        await arrive(1, "00");
        await arrive(3, "01");
        await settle();
        expect(names()).toEqual(["Chat 5", "Chat 4", "Chat 3"]);
        expect(".o_inbox_news").toHaveText("2 new");
        await contains(".o_inbox_news").click();
        await animationFrame();
        expect(names()).toEqual(["Chat 3", "Chat 1", "Chat 5"]);
        expect(".o_inbox_news").toHaveCount(0);
    });

    test("once nobody is, what has come takes its place", async () => {
        await mountInbox({ limit: 3 });
        await hover(".o_inbox_record:eq(0)");
        await arrive(1, "00");
        await settle();
        expect(names()[0]).toBe("Chat 5");
        await hover(".o_inbox_thread");
        await settle();
        expect(names()).toEqual(["Chat 1", "Chat 5", "Chat 4"]);
        expect(".o_inbox_news").toHaveCount(0);
    });
});

describe("an empty list says what is so", () => {
    for (const [filter, reason] of [
        ["open", "All is answered here"],
        ["done", "Nothing is done yet"],
        ["comment", "No conversation answers to these filters"],
        ["group_state", "No conversation yet"],
    ]) {
        test(filter, async () => {
            SopConversation._records = [];
            await mountInbox({ context: { [`search_default_${filter}`]: 1 } });
            expect(".o_view_nocontent p:first").toHaveText(reason);
        });
    }
});

describe("pages", () => {
    test("after the first are found by the last row before them, not by counting off", async () => {
        SopConversation._records = makeChats(8);
        await mountInbox({ limit: 3 });
        expect(names()).toEqual(["Chat 8", "Chat 7", "Chat 6"]);
        await pagerNext();
        expect(names()).toEqual(["Chat 5", "Chat 4", "Chat 3"]);
        expect(reads.at(-1).offset).toBe(0);
        expect(reads.at(-1).domain).toEqual([
            "&",
            ["last_message_at", "<=", "2025-01-01 10:05:00"],
            "|",
            ["last_message_at", "<", "2025-01-01 10:05:00"],
            ["id", "<", 6],
        ]);
        expect(".o_pager_limit").toHaveText("8");

        // a row that arrives meanwhile pushes none onto the next page twice
        MockServer.env["sop.conversation"].create({ name: "New", last_message_at: "2025-01-01 12:00:00" });
        await pagerNext();
        expect(names()).toEqual(["Chat 2", "Chat 1"]);
        await pagerPrevious();
        expect(names()).toEqual(["Chat 5", "Chat 4", "Chat 3"]);
    });

    test("of the same second lose no row and double none", async () => {
        SopConversation._records = makeChats(5, () => ({ last_message_at: "2025-01-01 10:00:00" }));
        await mountInbox({ limit: 3 });
        const first = names();
        await pagerNext();
        expect([...first, ...names()].sort()).toEqual(["Chat 1", "Chat 2", "Chat 3", "Chat 4", "Chat 5"]);
    });

    test("grow while one scrolls down, one reading at a time", async () => {
        SopConversation._records = makeChats(60);
        await mountInbox({ limit: 3 });
        const answer = new Deferred();
        onRpc("sop.conversation", "web_search_read", ({ kwargs }) => {
            expect.step(`limit ${kwargs.limit}`);
            return answer; // nothing of its own: core's answer follows
        });
        const scroll = () => queryOne(".o_inbox_list_scroll").dispatchEvent(new Event("scroll"));
        scroll();
        scroll();
        await animationFrame();
        expect.verifySteps(["limit 43"]);
        answer.resolve();
        await animationFrame();
        expect(names()).toHaveLength(43);

        scroll();
        await animationFrame();
        await animationFrame();
        expect(names()).toHaveLength(60);
        scroll();
        await animationFrame();
        expect.verifySteps(["limit 83"]); // all are there: nothing more is asked
    });
});
