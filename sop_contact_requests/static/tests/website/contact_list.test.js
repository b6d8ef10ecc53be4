import {
    advanceTime,
    animationFrame,
    beforeEach,
    click,
    Deferred,
    describe,
    edit,
    expect,
    queryAllAttributes,
    queryOne,
    select,
    test,
} from "@odoo/hoot";
import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";
import { makeServerError, mockService, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

import { HeldCalls } from "@sop_pipeline/../tests/held_calls";

setupInteractionWhiteList("sop_contact_requests.contact_list");
describe.current.tags("interaction_dev");

const POLL = 15_000;
const STATES = ["not_contacted", "contact_again", "contacted"];

let server;
let polls; // what the page said of itself at each poll
let news; // what a poll answers
let seen; // what each note that was sent replaces
let saidFor; // ms the last notification stays

beforeEach(() => {
    server = new HeldCalls();
    polls = [];
    seen = [];
    news = { counts: { new: 1, overdue: 0 }, cells: {}, reminders: [], rows: "" };
    onRpc("/my/contact-requests/<int:id>/<string:action>", async (request, { id, action }) => {
        const { params } = await request.json();
        expect.step([id, action, params.value].filter((part) => part !== undefined).join(" "));
        if (action === "note") {
            seen.push(params.seen);
        }
        return server.hold();
    });
    onRpc("/my/contact-requests/poll", async (request) => {
        polls.push((await request.json()).params);
        return news;
    });
    mockService("notification", {
        add: (text, { autocloseDelay } = {}) => {
            saidFor = autocloseDelay;
            expect.step(`says: ${text}`);
        },
    });
});

function row(id, state = "not_contacted", note = "") {
    const options = STATES.map((value) => `<option value="${value}" ${value === state ? "selected" : ""}>${value}</option>`);
    return `
        <div class="o_sop_row" data-id="${id}" data-key="2025-01-01T00:00:00_${id}">
            <div class="o_sop_phone"><button type="button" class="o_sop_reveal">Show number</button></div>
            <select class="o_sop_state o_sop_state_${state}">${options.join("")}</select>
            <textarea class="o_sop_note">${note}</textarea>
            <div class="d-none"><span class="o_sop_message">call ******* now</span></div>
            <input type="datetime-local" class="o_sop_when"/>
            <button type="button" class="o_sop_when_set">Set</button>
            <button type="button" class="o_sop_clear d-none">Remove the reminder</button>
            <div class="o_sop_reminder_slot"></div>
        </div>`;
}

function startList(rows = row(2) + row(1), live = "1") {
    return startInteractions(`
        <div class="o_sop_requests" data-filters="{}" data-live="${live}">
            <a class="o_sop_count_new d-none"><span class="o_sop_number"></span></a>
            <a class="o_sop_count_overdue d-none"><span class="o_sop_number"></span></a>
            <div class="o_sop_pill_slot"></div>
            <div class="o_sop_list"><div class="o_sop_rows">${rows}</div></div>
        </div>`);
}

function cells(state, more = {}) {
    return { state, is_new: false, is_overdue: false, counts: { new: 0, overdue: 0 }, ...more };
}

/** What the browser gets while the line is down. */
function noLine() {
    return new Response("", { status: 502 });
}

async function choose(id, state) {
    await click(`[data-id='${id}'] .o_sop_state`);
    await select(state);
    await animationFrame();
}

async function writeNote(id, text) {
    await click(`[data-id='${id}'] .o_sop_note`);
    await edit(text);
}

async function leave() {
    await click(".o_sop_requests");
    document.activeElement.blur();
    await animationFrame();
}

/** Whether the browser would ask before it leaves the page. */
function asksBeforeLeaving() {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
}

describe("changes of a row", () => {
    test("go one after another, and the last one stays", async () => {
        await startList();
        await choose(1, "contacted");
        await choose(1, "contact_again");
        expect.verifySteps(["1 state contacted"]);
        expect(asksBeforeLeaving()).toBe(true);

        await server.answer(cells("contacted"));
        expect("[data-id='1'] .o_sop_state").toHaveValue("contact_again");
        expect.verifySteps(["1 state contact_again"]);
        expect(asksBeforeLeaving()).toBe(false);

        await server.answer(cells("contact_again"));
        expect("[data-id='1'] .o_sop_state").toHaveValue("contact_again");
        expect("[data-id='1'] .o_sop_state").toHaveClass("o_sop_state_contact_again");
    });

    test("of two rows do not wait for each other", async () => {
        await startList();
        await choose(1, "contacted");
        await choose(2, "contacted");
        expect.verifySteps(["1 state contacted", "2 state contacted"]);
    });

    test("that are refused are taken back, in the server's words", async () => {
        await startList();
        await choose(1, "contacted");
        expect.verifySteps(["1 state contacted"]);
        await server.answer(makeServerError({ message: "Your package has run out." }));
        expect("[data-id='1'] .o_sop_state").toHaveValue("not_contacted");
        expect.verifySteps(["says: Your package has run out."]);
    });

    test("show in the counters", async () => {
        await startList();
        await choose(1, "contacted");
        expect.verifySteps(["1 state contacted"]);
        await server.answer(cells("contacted", { is_overdue: true, counts: { new: 4, overdue: 0 } }));
        expect("[data-id='1']").toHaveClass("o_sop_overdue");
        expect(".o_sop_count_new").toHaveText("4");
        expect(".o_sop_count_new").not.toHaveClass("d-none");
        expect(".o_sop_count_overdue").toHaveClass("d-none");
    });

    test("made before the page was at work are sent when it is", async () => {
        const touched = row(1).replace('<option value="contacted" >', '<option value="contacted" id="picked">');
        const started = startList(touched);
        queryOne("#picked").selected = true;
        queryOne(".o_sop_note").value = "Asks for the price";
        await started;
        await animationFrame();
        expect.verifySteps(["1 note Asks for the price"]);
        expect(seen).toEqual([""]);
        await server.answer(cells("not_contacted", { note: "Asks for the price" }));
        expect.verifySteps(["1 state contacted"]);
    });
});

describe("a note", () => {
    test("is sent once it is left, and the browser asks before it leaves it unsent", async () => {
        await startList();
        await writeNote(1, "Wants it in red");
        expect(asksBeforeLeaving()).toBe(true);
        await leave();
        expect.verifySteps(["1 note Wants it in red"]);
        await server.answer(cells("not_contacted", { note: "Wants it in red" }));
        expect("[data-id='1'] .o_sop_note").toHaveClass("o_sop_saved");
        expect(asksBeforeLeaving()).toBe(false);
    });

    test("that could not be saved stays, marked, and is tried again when it is left", async () => {
        await startList();
        await writeNote(1, "Wants it in red");
        await leave();
        expect.verifySteps(["1 note Wants it in red"]);
        await server.answer(noLine());
        expect.verifySteps(["says: The server cannot be reached. Please try again."]);
        expect("[data-id='1'] .o_sop_note").toHaveValue("Wants it in red");
        expect("[data-id='1'] .o_sop_note").toHaveClass("is-invalid");
        expect(asksBeforeLeaving()).toBe(true);

        await click("[data-id='1'] .o_sop_note");
        await leave();
        expect.verifySteps(["1 note Wants it in red"]);
        await server.answer(cells("not_contacted", { note: "Wants it in red" }));
        expect("[data-id='1'] .o_sop_note").not.toHaveClass("is-invalid");
    });

    test("is sent with what it replaces: one's own of before, as it is kept, though its answer is awaited yet", async () => {
        await startList(row(1, "contacted", "asks"));
        await writeNote(1, "asks, 0901234567");
        await leave();
        await writeNote(1, "asks, wants it in red");
        await leave();
        await server.answer(cells("contacted", { note: "asks, *******" }));
        expect("[data-id='1'] .o_sop_note").toHaveValue("asks, wants it in red");
        expect.verifySteps(["1 note asks, 0901234567", "1 note asks, wants it in red"]);
        await server.answer(cells("contacted", { note: "asks, wants it in red" }));
        await writeNote(1, "sold");
        await leave();
        expect.verifySteps(["1 note sold"]);
        expect(seen).toEqual(["asks", "asks, *******", "asks, wants it in red"]);
    });

    test("is sent with what was saved, where the one before could not be", async () => {
        await startList(row(1, "contacted", "asks"));
        await writeNote(1, "asks for red");
        await leave();
        await writeNote(1, "asks for blue");
        await leave();
        await server.answer(noLine());
        expect.verifySteps(["1 note asks for red", "1 note asks for blue", "says: The server cannot be reached. Please try again."], {
            ignoreOrder: true,
        });
        expect(seen).toEqual(["asks", "asks"]);
    });

    test("that was refused stays, also while others go on and its row moves up", async () => {
        await startList();
        await writeNote(1, "Wants it in red");
        await leave();
        await server.answer(makeServerError({ message: "Somebody has written here." }));
        expect.verifySteps(["1 note Wants it in red", "says: Somebody has written here."]);
        expect(saidFor).toBeGreaterThan(15_000); // two notes are read meanwhile
        news.cells = { 1: cells("contacted", { note: "a colleague's" }) };
        news.rows = row(1, "contacted", "a colleague's");
        await advanceTime(POLL);
        expect("[data-id='1'] .o_sop_state").toHaveValue("contacted");
        expect("[data-id='1'] .o_sop_note").toHaveValue("Wants it in red");
        expect("[data-id='1'] .o_sop_note").toHaveClass("is-invalid");
        expect(asksBeforeLeaving()).toBe(true);

        await click("[data-id='1'] .o_sop_note");
        await leave();
        expect.verifySteps(["1 note Wants it in red"]);
        expect(seen).toEqual(["", ""]); // the colleague's is not seen yet
    });

    test("that was saved though its answer was lost is one's own", async () => {
        await startList();
        await writeNote(1, "Wants it in red");
        await leave();
        await server.answer(noLine());
        news.cells = { 1: cells("not_contacted", { note: "Wants it in red" }) };
        await advanceTime(POLL);
        await writeNote(1, "Wants it in red, soon");
        await leave();
        expect.verifySteps([
            "1 note Wants it in red",
            "says: The server cannot be reached. Please try again.",
            "1 note Wants it in red, soon",
        ]);
        expect(seen).toEqual(["", "Wants it in red"]);
    });

    test("with the line ends of another system is not one that was changed", async () => {
        await startList(row(1, "contacted", "one&#13;&#10;two"));
        expect(asksBeforeLeaving()).toBe(false);
        expect.verifySteps([]);
    });
});

describe("the hidden number", () => {
    test("is asked for once, however often one presses, and shown as people write it", async () => {
        await startList();
        await click("[data-id='1'] .o_sop_reveal");
        await click("[data-id='1'] .o_sop_reveal");
        await animationFrame();
        expect.verifySteps(["1 reveal"]);
        await server.answer({ ...cells("not_contacted"), phone: "+84901234567", message: "call 0901234567 now" });
        expect("[data-id='1'] .o_sop_number_link").toHaveText("0901 234 567");
        expect("[data-id='1'] .o_sop_number_link").toHaveAttribute("href", "tel:+84901234567");
        expect("[data-id='1'] .o_sop_message").toHaveText("call 0901234567 now");
        expect("[data-id='1'] .o_sop_message").toBeVisible();
        expect(".o_sop_reveal").toHaveCount(1);
    });

    test("can be asked for again when the server refused", async () => {
        await startList();
        await click("[data-id='1'] .o_sop_reveal");
        await animationFrame();
        await server.answer(makeServerError({ message: "Your package has run out." }));
        await click("[data-id='1'] .o_sop_reveal");
        await animationFrame();
        expect.verifySteps(["1 reveal", "says: Your package has run out.", "1 reveal"]);
    });
});

test("a reminder at a time that is none is not sent", async () => {
    await startList();
    await click("[data-id='1'] .o_sop_when_set");
    await animationFrame();
    expect("[data-id='1'] .o_sop_when").toHaveClass("is-invalid");
    expect.verifySteps([]);

    queryOne("[data-id='1'] .o_sop_when").value = "2030-05-06T09:30";
    await click("[data-id='1'] .o_sop_when_set");
    await animationFrame();
    expect.verifySteps(["1 reminder 2030-05-06T09:30"]);
    await server.answer({ ...cells("not_contacted"), reminder: "<span>06/05/2030</span>" });
    expect("[data-id='1'] .o_sop_reminder_slot").toHaveText("06/05/2030");
    expect("[data-id='1'] .o_sop_clear").not.toHaveClass("d-none");
});

describe("the poll", () => {
    test("brings new rows to the top, each once", async () => {
        await startList();
        news.rows = row(3) + row(2);
        await advanceTime(POLL);
        expect(polls).toEqual([{ filters: {}, shown: [2, 1], after: "2025-01-01T00:00:00_2" }]);
        expect(queryAllAttributes(".o_sop_row", "data-id")).toEqual(["3", "2", "1"]);
        expect("[data-id='3']").toHaveClass("o_sop_arrived");
        expect("[data-id='2']").not.toHaveClass("o_sop_arrived");
        expect(".o_sop_pill").toHaveText("1 new request");
        expect(document.title.startsWith("(1) ")).toBe(true);
        expect(".o_sop_count_new").toHaveText("1");

        await advanceTime(POLL);
        expect(polls[1].after).toBe("2025-01-01T00:00:00_3");
        expect(".o_sop_row").toHaveCount(3);
        await click(".o_sop_pill");
        await animationFrame();
        expect(".o_sop_pill").toHaveCount(0);
    });

    test("puts who asked again at the top, but not below somebody's hand", async () => {
        await startList();
        news.rows = row(1);
        await click("[data-id='1'] .o_sop_note");
        await advanceTime(POLL);
        expect(queryAllAttributes(".o_sop_row", "data-id")).toEqual(["2", "1"]);
        await leave();
        await advanceTime(POLL);
        expect(queryAllAttributes(".o_sop_row", "data-id")).toEqual(["1", "2"]);
    });

    test("asks an older page for no new rows", async () => {
        await startList(row(1), "");
        await advanceTime(POLL);
        expect(polls[0].after).toBe("9999-01-01T00:00:00_1");
    });

    test("shows what a colleague changed, but never below somebody's hand", async () => {
        await startList();
        await click("[data-id='2'] .o_sop_note");
        await choose(1, "contact_again");
        expect.verifySteps(["1 state contact_again"]);
        await click("[data-id='2'] .o_sop_note");
        news.cells = { 1: cells("contacted"), 2: cells("contacted") };
        await advanceTime(POLL);
        expect("[data-id='1'] .o_sop_state").toHaveValue("contact_again"); // on its way
        expect("[data-id='2'] .o_sop_state").toHaveValue("not_contacted"); // in hand

        await server.answer(cells("contact_again"));
        await leave();
        await advanceTime(POLL);
        expect("[data-id='1'] .o_sop_state").toHaveValue("contacted");
        expect("[data-id='2'] .o_sop_state").toHaveValue("contacted");
    });

    test("brings the note of a colleague, and the buyer's message shows beside it", async () => {
        await startList(row(2) + row(1, "not_contacted", "call ******* now"));
        expect("[data-id='1'] .d-none .o_sop_message").toHaveCount(1);
        news.cells = { 1: cells("contacted", { note: "comes at three" }) };
        await advanceTime(POLL);
        expect("[data-id='1'] .o_sop_note").toHaveValue("comes at three");
        expect("[data-id='1'] .d-none .o_sop_message").toHaveCount(0);
        expect(asksBeforeLeaving()).toBe(false);

        await writeNote(1, "comes at three, asks for the price");
        await leave();
        expect.verifySteps(["1 note comes at three, asks for the price"]);
        expect(seen).toEqual(["comes at three"]);
    });

    test("leaves a note in which somebody writes, and what they saw stays what they saw", async () => {
        await startList();
        await click("[data-id='1'] .o_sop_note");
        news.cells = { 1: cells("contacted", { note: "comes at three" }) };
        await advanceTime(POLL);
        expect("[data-id='1'] .o_sop_note").toHaveValue("");
        await edit("asks for the price");
        await leave();
        expect.verifySteps(["1 note asks for the price"]);
        expect(seen).toEqual([""]);
    });

    test("brings no note by another change of the row while it is written", async () => {
        await startList();
        await choose(1, "contacted");
        await writeNote(1, "asks");
        await server.answer(cells("contacted", { note: "comes at three" }));
        expect("[data-id='1'] .o_sop_note").toHaveValue("asks");
        await leave();
        expect.verifySteps(["1 state contacted", "1 note asks"]);
        expect(seen).toEqual([""]);
    });

    test("takes away what the buyer deleted, and hides what they took back", async () => {
        await startList(row(3) + row(2) + row(1));
        await click("[data-id='2'] .o_sop_reveal");
        await animationFrame();
        await server.answer({ ...cells("not_contacted"), phone: "+84901234567", message: "call 0901234567 now" });
        expect.verifySteps(["2 reveal"]);
        news.gone = [3];
        news.cells = { 2: cells("not_contacted", { withdrawn: "No calls", message: "call ******* now" }) };
        await advanceTime(POLL);
        expect(queryAllAttributes(".o_sop_row", "data-id")).toEqual(["2", "1"]);
        expect("[data-id='2'] .o_sop_phone").toHaveText("No calls");
        expect("[data-id='2'] .o_sop_message").toHaveText("call ******* now");
    });

    test("that was read before a change tells nothing old after it", async () => {
        await startList();
        const late = new Deferred();
        onRpc("/my/contact-requests/poll", () => late);
        await advanceTime(POLL);
        await choose(1, "contacted");
        expect.verifySteps(["1 state contacted"]);
        await server.answer(cells("contacted", { counts: { new: 7, overdue: 0 } }));
        await leave();
        late.resolve({ ...news, cells: { 1: cells("not_contacted"), 2: cells("contacted") }, rows: row(3) });
        await animationFrame();
        expect("[data-id='1'] .o_sop_state").toHaveValue("contacted");
        expect(".o_sop_count_new").toHaveText("7");
        expect(".o_sop_row").toHaveCount(3); // a row that came is new all the same
    });

    test("rings once for a reminder", async () => {
        await startList();
        news.reminders = [{ key: "1_2026-03-01 11:00:00", name: "Lan" }];
        await advanceTime(POLL);
        await advanceTime(POLL);
        expect(polls).toHaveLength(2);
        expect.verifySteps(["says: Reminder: Lan"]);

        news.reminders[0].key = "1_2026-03-02 11:00:00";
        await advanceTime(POLL);
        expect.verifySteps(["says: Reminder: Lan"]); // set anew, it rings anew
    });

    test("rests while the page is hidden, and goes on after a moment without a line", async () => {
        let isHidden = true;
        patchWithCleanup(document, {
            get hidden() {
                return isHidden;
            },
        });
        await startList();
        await advanceTime(POLL);
        expect(polls).toHaveLength(0);

        isHidden = false;
        const online = news;
        news = noLine();
        await advanceTime(POLL);
        expect(polls).toHaveLength(1);
        expect.verifySteps([]);

        news = { ...online, rows: row(3) };
        await advanceTime(POLL);
        expect(".o_sop_row").toHaveCount(3);
    });
});
