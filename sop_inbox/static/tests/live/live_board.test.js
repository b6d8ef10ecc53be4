import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, beforeEach, click, Deferred, describe, expect, freezeTime, mockTimeZone, queryAllTexts, test } from "@odoo/hoot";
import { getService, makeMockEnv, makeServerError, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { getDefaultConfig } from "@web/views/view";

import { sayOnBus } from "@sop_pipeline/../tests/bus";
import { waitFor } from "@sop_pipeline/../tests/patience";

import { LiveBoard } from "@sop_inbox/live/live_board";

defineMailModels();
describe.current.tags("desktop");

const VARIANTS = [
    { id: 31, name: "M", won: 4, waiting: 0, left: 0 },
    { id: 32, name: "L", won: 0, waiting: 1, left: 2 },
];
const CLAIM = { id: 7, at: "2026-03-04 13:05:09", customer: "Hoa", conversation_id: 4, code: "A1", item_id: 2, variant: "M", words: "a1 m", quantity: 1 };

let board; // what the server knows
let readings; // with no answer yet, while they are held back
let isHeld;

beforeEach(() => {
    freezeTime(); // a slow machine decides nothing
    isHeld = false;
    readings = [];
    board = {
        title: "Live tối nay",
        state: "running",
        counters: { customers: 3, pieces: { won: 4 }, wishes: { won: 2, asked: 1 }, orders: 2, confirmed: 1, amount: 270000, currency_id: 1 },
        items: [{ id: 2, code: "A1", name: "Áo", image: "", price: 90000, variants: VARIANTS }],
        claims: [
            { ...CLAIM, state: "won", phone: "+84901234567", order: { id: 9, name: "S0009", state: "draft" } },
            { ...CLAIM, id: 8, state: "asked", variant: "", phone: "", order: false },
        ],
    };
    onRpc("sop.duty", "get_state", () => false);
    onRpc("sop.live.session", "get_board", ({ args }) => {
        expect.step(`read ${JSON.stringify(args)}`);
        if (!isHeld) {
            return board;
        }
        readings.push(new Deferred());
        return readings.at(-1);
    });
});

async function open(context = { active_id: 5 }) {
    const env = await makeMockEnv({ config: { ...getDefaultConfig(), setDisplayName: (title) => expect.step(`title ${title}`) } });
    await mountWithCleanup(MainComponentsContainer, { env, noMainContainer: true });
    const props = { action: { context }, actionId: 1, className: "", updateActionState: (state) => expect.step(`address ${state.resId}`) };
    await mountWithCleanup(LiveBoard, { env, props });
}

async function openBoard() {
    await open();
    expect.verifySteps(["address 5", "read [[5],false]", "title Live tối nay"]);
    await advanceTime(1000); // the bus listens by then
}

/** Comments came in, the board has heard of them, and has read what there is to read at once. */
async function hear(id = 5) {
    await sayOnBus("sop_inbox/live", { id });
    await advanceTime(60);
    await animationFrame();
}

const number = (code) => `[data-counter=${code}] .o_live_number`;

test("what is sold, left and asked, in the seller's time", async () => {
    mockTimeZone(+7);
    await openBoard();
    expect(number("won")).toHaveText("4");
    expect(number("waiting")).toHaveText("0"); // nobody waits: the server has no such row
    expect(number("orders")).toHaveText("1 / 2");
    expect(queryAllTexts(".o_live_left")).toEqual(["sold out", "left: 2"]);
    expect(".o_live_claim:first").toHaveText(/20:05:09/);
    expect(".o_live_claim:first").toHaveText(/0901 234 567/);
    expect(".o_live_give_out").toHaveCount(0); // nobody waits for anything
});

test("many comments are read once in a while, each livestream by itself", async () => {
    await openBoard();
    await hear(6);
    expect.verifySteps([]);
    await hear();
    expect.verifySteps(["read [[5],false]"]);
    board = { ...board, counters: { ...board.counters, customers: 9 } };
    for (let comment = 0; comment < 3; comment++) {
        await hear();
    }
    expect.verifySteps([]); // not within the same moment
    await advanceTime(700);
    await animationFrame();
    expect.verifySteps(["read [[5],false]"]);
    expect(number("customers")).toHaveText("9");
});

test("one kind of requests is shown, and stays chosen when none is left", async () => {
    await openBoard();
    expect(queryAllTexts("[data-filter]")).toEqual(["All 3", "Sold 2", "Which one? 1"]);
    board = { ...board, claims: board.claims.slice(1) };
    await click("[data-filter=asked]");
    await animationFrame();
    expect.verifySteps(['read [[5],"asked"]']);
    expect(".o_live_claim").toHaveCount(1);
    board = { ...board, claims: [], counters: { ...board.counters, wishes: { won: 3 } } };
    await hear();
    await advanceTime(700);
    await animationFrame();
    expect.verifySteps(['read [[5],"asked"]']);
    expect("[data-filter=asked]").toHaveText("Which one? 0");
    expect("[data-filter=asked]").toHaveClass("active");
});

test("an older answer that comes later is dropped", async () => {
    await openBoard();
    isHeld = true;
    await click("[data-filter=asked]");
    await click("[data-filter=all]");
    readings[1].resolve(board);
    await animationFrame();
    readings[0].resolve({ ...board, claims: [] });
    await animationFrame();
    expect(".o_live_claim").toHaveCount(2);
    expect.verifySteps(['read [[5],"asked"]', "read [[5],false]"]);
});

test("a variant is chosen once: the buttons rest until the board is read again", async () => {
    const answer = new Deferred();
    onRpc("sop.live.claim", "action_choose", ({ args }) => {
        expect.step(`choose ${JSON.stringify(args)}`);
        return answer;
    });
    await openBoard();
    await click(".o_live_choose");
    await animationFrame();
    expect(queryAllTexts(".o-dropdown-item")).toEqual(["M", "L"]);
    await click(".o-dropdown-item:contains(L)");
    await animationFrame();
    expect(".o_live_drop").not.toBeEnabled();
    answer.resolve(true);
    await animationFrame();
    expect(".o_live_drop").toBeEnabled();
    expect.verifySteps(["choose [[8],32]", "read [[5],false]"]);
});

test("a press that is refused leaves the board as it is", async () => {
    expect.errors(1);
    onRpc("sop.live.session", "action_give_out", () => {
        throw makeServerError({ message: "not yours" });
    });
    board.counters.wishes.waiting = 1;
    await openBoard();
    await click(".o_live_give_out");
    await animationFrame();
    expect(".o_live_give_out").toBeEnabled();
    expect(".o_live_claim").toHaveCount(2);
    expect.verifyErrors([/not yours/]);
    expect.verifySteps([]);
});

test("a request is dropped, and a livestream ended, only when one means it", async () => {
    for (const [model, method] of [["sop.live.claim", "action_drop"], ["sop.live.session", "action_close"]]) {
        onRpc(model, method, ({ args }) => {
            expect.step(`${method} ${args[0]}`);
            return true;
        });
    }
    await openBoard();
    await click(".o_live_drop:first");
    await waitFor(".modal");
    expect(".modal-body").toHaveText("Hoa does not get A1; the next one waiting does.");
    await click(".modal .btn-secondary");
    await animationFrame();
    expect.verifySteps([]);
    await click(".o_live_close");
    await waitFor(".modal");
    await click(".modal .btn-primary");
    await animationFrame();
    expect.verifySteps(["action_close 5", "read [[5],false]"]);
});

test("an address without a livestream leads to the list of them", async () => {
    await makeMockEnv();
    patchWithCleanup(getService("action"), { doAction: (action) => expect.step(action) });
    const props = { action: { context: {} }, actionId: 1, className: "", updateActionState: () => expect.step("address") };
    await mountWithCleanup(LiveBoard, { props });
    expect(".o_live").toHaveCount(0);
    expect.verifySteps(["sop_inbox.sop_live_session_action"]);
});
