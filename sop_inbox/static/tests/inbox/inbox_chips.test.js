import { advanceTime, animationFrame, beforeEach, click, Deferred, describe, expect, fill, press as keyPress, queryAllTexts, queryOne, test } from "@odoo/hoot";
import { contains, onRpc } from "@web/../tests/web_test_helpers";

import { CrmTag, defineInbox, mountInbox, SopConversation } from "../inbox_test_helpers";

defineInbox();
describe.current.tags("desktop");

let domain; // what the list was last asked for

beforeEach(() => {
    SopConversation._records = [
        { id: 1, name: "Lan", kind: "message", tag_ids: [1] },
        { id: 2, name: "Minh", kind: "comment", is_unanswered: true, tag_ids: [1, 2] },
        { id: 3, name: "Hoa", kind: "message", state: "done" },
        { id: 4, name: "Nam", kind: "message", state: "snoozed", is_unanswered: true, tag_ids: [2] },
    ];
    onRpc("sop.conversation", "web_search_read", ({ kwargs }) => {
        domain = kwargs.domain;
    });
});

const chip = (name) => `[data-chip='${name}']`;

async function press(name) {
    await contains(chip(name)).click();
    await animationFrame();
}

function names() {
    return queryAllTexts(".o_inbox_row_name").sort();
}

describe("a chip", () => {
    test("is the filter of the search view: pressed here, shown and removed there", async () => {
        await mountInbox();
        expect(chip("all")).toHaveAttribute("aria-pressed", "true");
        await press("comment");
        expect(names()).toEqual(["Minh"]);
        expect(".o_facet_value").toHaveText("Comments");
        expect(chip("comment")).toHaveAttribute("aria-pressed", "true");
        expect(chip("all")).toHaveAttribute("aria-pressed", "false");

        await contains(".o_facet_remove").click();
        await animationFrame();
        expect(chip("comment")).toHaveAttribute("aria-pressed", "false");
        expect(names()).toHaveLength(4);
    });

    test("adds to the others; All takes off every one but the state", async () => {
        await mountInbox();
        await press("done");
        await press("message");
        await press("unanswered");
        expect(domain).toEqual(["&", ["state", "=", "done"], "&", ["kind", "=", "message"], ["is_unanswered", "=", true]]);
        await press("all");
        expect(domain).toEqual([["state", "=", "done"]]);
        expect(names()).toEqual(["Hoa"]);
    });

    test("of days: messages between two of them; All takes it off as well", async () => {
        await mountInbox();
        await press("date");
        for (const [name, day] of [["since", "2026-11-03"], ["until", "2026-11-01"]]) {
            queryOne(`[name=${name}]`).value = day;
            queryOne(`[name=${name}]`).dispatchEvent(new Event("input"));
        }
        await animationFrame();
        await contains(".o_inbox_days button").click();
        await animationFrame();
        expect(".o_inbox_days").toHaveCount(0);
        expect(domain).toEqual([["talked", "=", "2026-11-01/2026-11-03"]]);
        expect(chip("date")).toHaveText("01/11/2026 – 03/11/2026");
        expect(chip("all")).toHaveAttribute("aria-pressed", "false");
        await press("all");
        expect(domain).toEqual([]);
        expect(chip("all")).toHaveAttribute("aria-pressed", "true");
    });

    test("of a state takes the place of the other state; pressed again all are shown", async () => {
        await mountInbox({ context: { search_default_open: 1 } });
        expect(names()).toEqual(["Lan", "Minh"]);
        await press("snoozed");
        expect(names()).toEqual(["Nam"]);
        expect(".o_facet_value").toHaveCount(1);
        await press("snoozed");
        expect(names()).toHaveLength(4);
        expect(".o_facet_value").toHaveCount(0);
    });
});

describe("numbers", () => {
    test("are counted within the states shown, and read again when these change", async () => {
        onRpc("sop.conversation", "get_counters", ({ args }) => {
            expect.step(JSON.stringify(args[0]));
            return { all: 2, message: 0, comment: 1234 };
        });
        await mountInbox({ context: { search_default_open: 1 } });
        expect.verifySteps(['[["state","in",["open"]]]']);
        expect(`${chip("all")} .o_inbox_chip_count`).toHaveText("2");
        expect(`${chip("message")} .o_inbox_chip_count`).toHaveText("0");
        expect(chip("message")).toHaveClass("o_inbox_chip_zero");
        expect(`${chip("comment")} .o_inbox_chip_count`).toHaveText("999+");
        expect(`${chip("comment")} .o_inbox_chip_count`).toHaveAttribute("title", "1,234");
        expect(`${chip("unanswered")} .o_inbox_chip_count`).toHaveText("");

        await press("comment"); // another filter, the same states
        expect.verifySteps([]);
        await press("open");
        expect.verifySteps(["[]"]);
    });

    test("an older answer that comes later is dropped", async () => {
        const answers = [];
        onRpc("sop.conversation", "get_counters", () => {
            answers.push(new Deferred());
            return answers.at(-1);
        });
        await mountInbox();
        await press("open");
        answers[1].resolve({ all: 2 });
        await animationFrame();
        answers[0].resolve({ all: 4 });
        await animationFrame();
        expect(`${chip("all")} .o_inbox_chip_count`).toHaveText("2");
    });

    test("what did not go shows only while there is any", async () => {
        let unsent = 0;
        onRpc("sop.conversation", "get_counters", () => ({ unsent }));
        await mountInbox();
        expect(chip("unsent")).toHaveCount(0);
        unsent = 1;
        await press("open");
        expect(chip("unsent")).toHaveCount(1);
        await press("unsent");
        unsent = 0;
        await press("done"); // while it is pressed it can be taken off
        expect(chip("unsent")).toHaveCount(1);
        await press("unsent");
        expect(chip("unsent")).toHaveCount(0);
    });
});

describe("tags", () => {
    async function pick(name) {
        await contains(`.o_inbox_tag_choice:contains(${name})`).click();
        await animationFrame();
    }
    async function pickMode(label) {
        await press("tag-mode");
        await contains(`.o-dropdown-item:contains(${label})`).click();
        await animationFrame();
    }

    test("any of them, all of them or none of them", async () => {
        await mountInbox();
        await press("tag");
        await pick("VIP");
        expect(names()).toEqual(["Lan", "Minh"]);
        await pick("Wholesale");
        expect(names()).toEqual(["Lan", "Minh", "Nam"]);
        expect(".o_facet_value").toHaveText("Any tag of: VIP, Wholesale");
        expect(`${chip("tag")} .o_inbox_chip_count`).toHaveText("2");
        queryOne(chip("tag")).click(); // closes the menu

        await pickMode("All tags of");
        expect(names()).toEqual(["Minh"]);
        await pickMode("None of");
        expect(names()).toEqual(["Hoa"]);
        expect(".o_facet_value").toHaveCount(1);

        await contains(".o_facet_remove").click();
        await animationFrame();
        expect(names()).toHaveLength(4);
        expect(`${chip("tag")} .o_inbox_chip_count`).toHaveCount(0);
    });

    test("one beyond the first 200 is found by typing; of two answers the later words count", async () => {
        CrmTag._records = Array.from({ length: 201 }, (_unused, index) => ({ id: index + 1, name: `Tag ${String(index + 1).padStart(3, "0")}` }));
        const held = { "Tag 20": new Deferred(), "Tag 201": new Deferred() };
        onRpc("sop.inbox.screen", "get_tags", async ({ args: [text], parent }) => {
            expect.step(text);
            await held[text];
            return parent();
        });
        await mountInbox();
        await press("tag");
        expect(".o_inbox_tag_choice").toHaveCount(200);
        await click(".o_inbox_tag_menu input");
        for (const text of Object.keys(held)) {
            await fill(text.slice(queryOne(".o_inbox_tag_menu input").value.length));
            await advanceTime(250);
        }
        held["Tag 201"].resolve();
        await animationFrame();
        held["Tag 20"].resolve();
        await animationFrame();
        expect(queryAllTexts(".o_inbox_tag_choice")).toEqual(["Tag 201"]);
        expect.verifySteps(["", "Tag 20", "Tag 201"]);
    });

    test("Enter takes what the last words find, also before their answer is there", async () => {
        CrmTag._records = Array.from({ length: 201 }, (_unused, index) => ({ id: index + 1, name: `Tag ${String(index + 1).padStart(3, "0")}` }));
        SopConversation._records[0].tag_ids = [201];
        await mountInbox();
        await press("tag");
        await click(".o_inbox_tag_menu input");
        await fill("tag 201");
        await keyPress("Enter");
        await animationFrame();
        expect(names()).toEqual(["Lan"]);
        expect(".o_facet_value").toHaveText("Any tag of: Tag 201");
    });

    test("when all are there, typing asks nobody", async () => {
        onRpc("sop.inbox.screen", "get_tags", ({ args: [text] }) => {
            expect.step(`asked: ${text}`);
        });
        await mountInbox();
        await press("tag");
        await click(".o_inbox_tag_menu input");
        await fill("whole");
        await advanceTime(250);
        expect(queryAllTexts(".o_inbox_tag_choice")).toEqual(["Wholesale"]);
        expect.verifySteps(["asked: "]);
    });
});
