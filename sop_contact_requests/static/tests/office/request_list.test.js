import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, beforeEach, click, describe, expect, freezeTime, mockDate, mockTimeZone, queryAll, queryAllTexts, select, test } from "@odoo/hoot";
import { defineModels, fields, makeServerError, MockServer, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

import { sayOnBus } from "@sop_pipeline/../tests/bus";
import { HeldCalls } from "@sop_pipeline/../tests/held_calls";

class SopContactRequest extends models.Model {
    _name = "sop.contact.request";

    name = fields.Char();
    state = fields.Selection({ selection: [["not_contacted", "Not contacted"], ["contact_again", "Contact again"], ["contacted", "Contacted"]] });
    is_locked = fields.Boolean();
    is_overdue = fields.Boolean();
    reminder_at = fields.Datetime();

    _records = [
        { id: 1, name: "Hoa", state: "not_contacted" },
        { id: 2, name: "Lan", state: "not_contacted", reminder_at: "2026-03-04 01:30:00", is_overdue: true },
        { id: 3, name: "Khoá", state: "contacted", is_locked: true },
    ];
}

defineMailModels();
defineModels([SopContactRequest]);
describe.current.tags("desktop");

const ARCH = `
    <list js_class="sop_request_list">
        <field name="name"/><field name="state" widget="sop_state"/><field name="reminder_at" widget="sop_clock"/>
    </list>`;

let server;

beforeEach(() => {
    freezeTime(); // a slow machine decides nothing
    server = new HeldCalls();
    mockTimeZone(+7);
    const hold = (name) => ({ args }) => {
        expect.step(`${name} ${JSON.stringify(args)}`);
        return server.hold();
    };
    onRpc("sop.contact.request", "action_set_state", hold("state"));
    onRpc("sop.contact.request", "action_set_reminder", hold("reminder"));
    onRpc("sop.contact.request", "get_counters", () => ({ new: 0, overdue: 0 }));
});

const mountList = () => mountView({ type: "list", resModel: "sop.contact.request", arch: ARCH });
const boxes = () => queryAll(".o_sop_state");

async function choose(row, state) {
    await click(boxes()[row]);
    await select(state);
    await animationFrame();
}

describe("the status", () => {
    test("is sent as it is chosen, one choice after another", async () => {
        await mountList();
        await choose(0, "contact_again");
        await choose(0, "contacted");
        expect.verifySteps(['state [[1],"contact_again"]']); // the second one waits for the first
        await server.answer();
        expect.verifySteps(['state [[1],"contacted"]']);
        MockServer.env["sop.contact.request"].write([1], { state: "contacted" });
        await server.answer();
        expect(boxes()[0].value).toBe("contacted");
    });

    test("that is refused is taken back, and the reason is said", async () => {
        expect.errors(1);
        await mountList();
        await choose(0, "contacted");
        await server.answer(makeServerError({ message: "The right has ended" }));
        expect(boxes()[0].value).toBe("not_contacted");
        expect.verifySteps(['state [[1],"contacted"]']);
        expect.verifyErrors([/The right has ended/]);
    });

    test("of a locked request cannot be changed", async () => {
        await mountList();
        expect(boxes()[2].disabled).toBe(true);
        expect(boxes()[0].disabled).toBe(false);
    });
});

describe("the clock", () => {
    /** What the menu offers at a time of the day in Hà Nội. */
    async function offered(utc) {
        mockDate(utc);
        await mountList();
        await click(".o_data_row:first .o_sop_clock");
        await animationFrame();
        return queryAllTexts(".o-dropdown--menu .o-dropdown-item");
    }

    test("offers times to come", async () => {
        expect(await offered("2026-03-04 08:20:00")).toEqual(["In one hour", "This evening, 18:00", "Tomorrow, 9:00", "In three days, 9:00"]);
    });

    test("offers no evening that is over, or as good as", async () => {
        expect(await offered("2026-03-04 10:56:00")).toEqual(["In one hour", "Tomorrow, 9:00", "In three days, 9:00"]);
    });

    test("sets a time of the user's day", async () => {
        await offered("2026-03-04 18:30:00"); // half past one in the morning of the 5th
        await click(".o-dropdown--menu .o-dropdown-item:contains(Tomorrow)");
        await animationFrame();
        expect.verifySteps(['reminder [[1],"2026-03-06 02:00:00"]']);
        await server.answer();
    });

    test("is red once it has passed, shown in the user's time, and can be removed", async () => {
        mockDate("2026-03-04 08:20:00");
        await mountList();
        expect(".o_sop_clock_field .text-danger").toHaveCount(1);
        expect(".o_sop_clock_field .text-danger").toHaveText(/8:30/);
        await click(queryAll(".o_sop_clock")[1]);
        await animationFrame();
        await click(".o-dropdown--menu .o-dropdown-item.text-danger");
        await animationFrame();
        expect.verifySteps(["reminder [[2],false]"]);
        await server.answer();
        expect(".o_sop_clock").toHaveCount(2); // none on the locked one
    });
});

describe("what arrives", () => {
    /** Something changed elsewhere. */
    async function hear() {
        await sayOnBus("sop_contact_requests/changed", {});
        await advanceTime(100);
        await animationFrame();
    }

    test("is shown, once for several changes in a row", async () => {
        await mountList();
        await advanceTime(1000); // the bus listens by then
        onRpc("sop.contact.request", "web_search_read", () => expect.step("read"));
        MockServer.env["sop.contact.request"].create({ name: "Mới", state: "not_contacted" });
        await hear();
        await hear();
        await advanceTime(1000);
        await animationFrame();
        expect(".o_data_row").toHaveCount(4);
        expect.verifySteps(["read"]);
    });

    test("waits while a choice is being saved", async () => {
        await mountList();
        await advanceTime(1000);
        onRpc("sop.contact.request", "web_search_read", () => expect.step("read"));
        await choose(0, "contacted");
        MockServer.env["sop.contact.request"].create({ name: "Mới", state: "not_contacted" });
        await hear();
        await advanceTime(5000);
        expect(".o_data_row").toHaveCount(3);
        expect.verifySteps(['state [[1],"contacted"]']);
        await server.answer();
        await advanceTime(1000);
        await animationFrame();
        expect(".o_data_row").toHaveCount(4);
        expect.verifySteps(["read"]);
    });
});
