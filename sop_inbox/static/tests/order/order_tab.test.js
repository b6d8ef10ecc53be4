import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, beforeEach, click, Deferred, dblclick, describe, destroy, edit, expect, fill, press, queryOne, test } from "@odoo/hoot";
import { makeMockEnv, makeServerError, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";

import { OrderTab } from "@sop_inbox/order/order_tab";

defineMailModels();
describe.current.tags("desktop");

const CUSTOMER = { id: 7, name: "Lan", phone: "0901234567", email: "", street: "25 Lê Lợi", city: "", state_id: false };
const TOTALS = { goods: 200000, shipping: 25000, discount: 0, rounding: 0, tax: 0, total: 225000, cod: 225000 };

let waiting; // calls that reached the server and have no answer yet
let form; // what the server knows

function line(id, values = {}) {
    return { id, product_id: id, name: `Shirt ${id}`, qty: 1, price: 100000, total: 100000, discount: 0, note: "", free: 9, ...values };
}

function order(values = {}) {
    return {
        id: 3,
        name: "S00003",
        currency_id: 1,
        lines: [line(1), line(2)],
        totals: TOTALS,
        payment: "cod",
        note: "",
        extras: [],
        carrier: { id: 5, name: "Post" },
        carrier_cost: 25000,
        fee_stale: false,
        ...values,
    };
}

beforeEach(() => {
    waiting = [];
    form = {
        order: order(),
        customer: CUSTOMER,
        currency_id: 1,
        history: {},
        provinces: [{ id: 1, name: "Hà Nội" }],
        warehouses: [],
        payments: [["cod", "COD"]],
        recent: [],
    };
    onRpc("sop.duty", "get_state", () => false);
    onRpc("sop.order.form", "get_order_form", () => form);
    onRpc("sop.order.form", "action_update_order", ({ args }) => {
        expect.step(JSON.stringify(args[1]));
        const answer = new Deferred();
        waiting.push(answer);
        return answer;
    });
    mockService("notification", { add: (text) => expect.step(`says: ${text}`) });
});

async function mountForm() {
    const sopInbox = {
        refresh: () => expect.step("refresh"),
        reload: () => expect.step("reload"),
        showPane: (pane) => expect.step(`to the ${pane}`),
    };
    await makeMockEnv({ sopInbox });
    return mountWithCleanup(OrderTab, { props: { panel: { id: 11 } } });
}

/** The server answers the oldest call that waits. */
async function answer(values = {}) {
    const call = waiting.shift();
    if (values instanceof Error) {
        call.reject(values);
    } else {
        form = { ...form, order: order(values) };
        call.resolve({ order: form.order, customer: form.customer });
    }
    await animationFrame();
}

const qty = (id) => `.o_order_line[data-product='${id}'] [name=qty]`;

async function type(selector, text) {
    await click(selector);
    await edit(text, { confirm: "blur" });
    await animationFrame();
}

describe("changes", () => {
    test("go to the server one after the other, and the order shown is what came back", async () => {
        await mountForm();
        await type(qty(1), "2");
        await type(qty(2), "1,5");
        expect.verifySteps(['{"line":{"id":1,"qty":2}}']);
        await answer({ lines: [line(1, { qty: 2, total: 200000 }), line(2)], totals: { ...TOTALS, total: 325000 } });
        expect(".o_order_total").toHaveText(/325,?000/);
        expect.verifySteps(['{"line":{"id":2,"qty":1.5}}']);
        await answer({ lines: [line(1, { qty: 2 }), line(2, { qty: 1.5 })] });
        expect(qty(2)).toHaveValue("1.5");
    });

    test("what is typed stays in its box until the server has answered to it", async () => {
        await mountForm();
        await type(qty(1), "2");
        await click(qty(2));
        await edit("8");
        await answer({ lines: [line(1, { qty: 2 }), line(2)] });
        expect(qty(1)).toHaveValue("2");
        expect(qty(2)).toHaveValue("8"); // drawn again meanwhile, but not left yet
        expect.verifySteps(['{"line":{"id":1,"qty":2}}']);
    });

    test("quick presses of plus and minus add up", async () => {
        await mountForm();
        await click(".o_order_line[data-product='1'] [title='One more']");
        await click(".o_order_line[data-product='1'] [title='One more']");
        await animationFrame();
        expect(qty(1)).toHaveValue("3");
        await answer({ lines: [line(1, { qty: 2 }), line(2)] });
        expect(qty(1)).toHaveValue("3");
        await answer({ lines: [line(1, { qty: 3 }), line(2)] });
        expect(qty(1)).toHaveValue("3");
        expect.verifySteps(['{"line":{"id":1,"qty":2}}', '{"line":{"id":1,"qty":3}}']);
    });

    test("a quantity of none removes the line; the same quantity changes nothing", async () => {
        await mountForm();
        await type(qty(1), "1");
        expect.verifySteps([]);
        await click(".o_order_line[data-product='1'] [title='One less']");
        await animationFrame();
        expect.verifySteps(['{"remove":1}']);
    });

    test("what is refused is said in the form, the next one goes on, and what was there stays", async () => {
        await mountForm();
        await type(qty(1), "500");
        await type(qty(2), "2");
        await answer(makeServerError({ message: "There are 9 left." }));
        expect(qty(1)).toHaveValue("1");
        expect.verifySteps(['{"line":{"id":1,"qty":500}}', '{"line":{"id":2,"qty":2}}']);
        await answer({ lines: [line(1), line(2, { qty: 2 })] });
        expect(".o_order_error").toHaveCount(0); // no more, as the later one went through
        await type(qty(1), "500");
        await answer(makeServerError({ message: "There are 9 left." }));
        expect(".o_order_error").toHaveText("There are 9 left.");
        expect.verifySteps(['{"line":{"id":1,"qty":500}}']);
    });

    test("a stale fee is asked for again after the lines changed", async () => {
        await mountForm();
        await type(qty(1), "2");
        await answer({ fee_stale: true });
        expect.verifySteps(['{"line":{"id":1,"qty":2}}', '{"carrier_id":5}']);
    });

    test("made before the form was left are sent, and a refusal is said where one is now", async () => {
        const tab = await mountForm();
        await type(qty(1), "500");
        await type(qty(2), "2");
        destroy(tab);
        await answer(makeServerError({ message: "There are 9 left." }));
        expect.verifySteps(['{"line":{"id":1,"qty":500}}', "says: There are 9 left.", '{"line":{"id":2,"qty":2}}']);
    });
});

describe("money", () => {
    test("goes to the server as people type it, what is understood is shown meanwhile, and rubbish is refused", async () => {
        await mountForm();
        expect(".o_order_fee").toHaveValue(/25,000/); // as people write it
        await click(".o_order_fee");
        await edit("30k", { confirm: false });
        await animationFrame();
        expect(".o_order_understood").toHaveText(/30,?000/);
        await press("Tab");
        await animationFrame();
        await answer({ totals: { ...TOTALS, shipping: 30000 }, fee_by_hand: true });
        expect(".o_order_fee").toHaveValue(/30,000/);
        expect(".o_order_gain").toHaveText(/the shop keeps.*5,?000/);

        await type(".o_order_off", "15,000");
        await answer();
        await type(".o_order_fee", "free");
        await answer(makeServerError({ message: "This is no amount." }));
        expect(".o_order_error").toHaveText("This is no amount.");
        expect.verifySteps(['{"carrier_id":5,"fee":"30k"}', '{"discount":"15,000"}', '{"carrier_id":5,"fee":"free"}']);
    });
});

test("the customer: first of all a sign that they come first, and their number as people write it", async () => {
    form.priority = "VIP";
    form.customer = { ...CUSTOMER, phone: "+84901234567", street: "" };
    await mountForm();
    expect(".o_order_priority").toHaveText("VIP");
    expect(".o_order_customer [name=phone]").toHaveValue("0901 234 567");
    await click(".o_order_customer [name=phone]");
    await edit("+8490", { instantly: true });
    await animationFrame();
    expect(".o_order_customer [name=phone]").toHaveValue("+8490"); // what is being typed stays as it is
});

describe("the trash", () => {
    beforeEach(() => {
        onRpc("sop.order.form", "action_cancel_order", () => {
            expect.step("cancelled");
            return true;
        });
    });

    test("asks before it cancels a quotation the customer has", async () => {
        form.order = order({ state: "sent" });
        await mountForm();
        await click(".o_order_drop");
        await animationFrame();
        expect(".modal-body").toHaveText(/The customer has quotation S00003/);
        await click(".modal .btn-secondary");
        await animationFrame();
        expect.verifySteps([]);
        await click(".o_order_drop");
        await animationFrame();
        await click(".modal .btn-primary");
        await animationFrame();
        expect.verifySteps(["cancelled", "refresh", "reload"]);
    });

    test("drops at once what nobody else has seen", async () => {
        form.order = order({ state: "draft" });
        await mountForm();
        await click(".o_order_drop");
        await animationFrame();
        expect(".modal").toHaveCount(0);
        expect.verifySteps(["cancelled", "refresh", "reload"]);
    });
});

describe("the customer", () => {
    async function write(name, text) {
        await fill(text); // the box has the focus
        expect(`[name=${name}]`).toBeFocused();
    }

    test("is kept once the block is left, and before a product is added", async () => {
        onRpc("sop.order.form", "search_order_products", () => [{ id: 9, name: "Cap", price: 1, stock: [], code: "" }]);
        await mountForm();
        await click(".o_order_edit_customer");
        await animationFrame();
        await click("[name=street]");
        await press("Tab");
        expect.verifySteps([]); // nothing was changed
        await click("[name=city]");
        await write("city", "Bến Thành");
        await click(".o_order_search");
        await animationFrame();
        expect.verifySteps([JSON.stringify({ customer: { city: "Bến Thành", state_id: false } })]);
        await click(".o_order_result");
        await animationFrame();
        expect.verifySteps([]); // in its turn
        form.customer = { ...CUSTOMER, city: "Phường Bến Thành" };
        await answer();
        expect("[name=city]").toHaveValue("Phường Bến Thành");
        expect.verifySteps(["refresh", '{"add":{"product_id":9,"qty":1}}']);
    });

    test("what a colleague changed meanwhile is shown, and not written over", async () => {
        onRpc("sop.order.form", "search_order_products", () => []);
        await mountForm();
        await click(".o_order_edit_customer");
        await animationFrame();
        await click("[name=street]");
        await edit("7 Hàng Bông");
        form = { ...form, customer: { ...CUSTOMER, phone: "0988888888" } };
        await advanceTime(20_000);
        await animationFrame();
        expect("[name=street]").toHaveValue("7 Hàng Bông");
        expect("[name=phone]").toHaveValue("0988 888 888");
        await click(".o_order_search");
        await animationFrame();
        expect.verifySteps(['{"customer":{"street":"7 Hàng Bông"}}']);
        form = { ...form, customer: { ...form.customer, street: "7 Hàng Bông" } };
        await answer();
        expect("[name=street]").toHaveValue("7 Hàng Bông");
        expect.verifySteps(["refresh"]);
    });

    test("refused, what was typed stays, and nothing is confirmed to the old address", async () => {
        onRpc("sop.order.form", "search_order_products", () => []);
        onRpc("sop.order.form", "action_confirm_order", () => expect.step("confirmed"));
        await mountForm();
        await click(".o_order_edit_customer");
        await animationFrame();
        await click("[name=street]");
        await edit("7 Hàng Bông");
        for (const leave of [() => click(".o_order_search"), () => click(".o_order_confirm")]) {
            await leave();
            await animationFrame();
            expect.verifySteps(['{"customer":{"street":"7 Hàng Bông"}}']);
            await answer(makeServerError({ message: "You may not change this contact" }));
        }
        await advanceTime(20_000);
        await animationFrame();
        expect("[name=street]").toHaveValue("7 Hàng Bông");
        expect.verifySteps([]);
    });

    test("typed on is not overwritten by an answer", async () => {
        await mountForm();
        await click(".o_order_edit_customer");
        await animationFrame();
        await type(qty(1), "2");
        await click("[name=city]");
        await write("city", "Bến");
        await answer();
        expect("[name=city]").toHaveValue("Bến");
        expect.verifySteps(['{"line":{"id":1,"qty":2}}']);
    });
});

describe("the quiet look at the stock", () => {
    test("shows what a colleague changed", async () => {
        await mountForm();
        form = { ...form, order: order({ lines: [line(1, { qty: 4 })] }) };
        await advanceTime(20_000);
        await animationFrame();
        expect(".o_order_line").toHaveCount(1);
        expect(qty(1)).toHaveValue("4");
    });

    test("read before a change shows nothing old after it", async () => {
        await mountForm();
        const late = new Deferred();
        onRpc("sop.order.form", "get_order_form", () => late);
        await advanceTime(20_000);
        await type(qty(1), "2");
        await answer({ lines: [line(1, { qty: 2 }), line(2)] });
        late.resolve({ ...form, order: order() });
        await animationFrame();
        expect(qty(1)).toHaveValue("2");
        expect.verifySteps(['{"line":{"id":1,"qty":2}}']);
    });

    test("rests while a change is under way", async () => {
        await mountForm();
        onRpc("sop.order.form", "get_order_form", () => expect.step("look"));
        await type(qty(1), "2");
        await advanceTime(20_000);
        expect.verifySteps(['{"line":{"id":1,"qty":2}}']);
    });
});

describe("the end", () => {
    test("confirms what is shown, once, and leads back to the chat", async () => {
        onRpc("sop.order.form", "action_confirm_order", ({ args }) => {
            expect.step(`confirm ${args[1]} for ${args[2]}`);
            form = { ...form, order: false, recent: [{ id: 3, name: "S00003", state: "sale", total: 225000, currency_id: 1 }] };
            return true;
        });
        await mountForm();
        await dblclick(".o_order_confirm");
        await animationFrame();
        await animationFrame();
        expect(".o_order_recent [data-order='3']").toHaveCount(1);
        expect.verifySteps([
            "confirm 3 for 225000",
            "refresh",
            "reload",
            "says: Order S00003 is made; the receipt is in the chat.",
            "to the thread",
        ]);
    });

    test("pressed right after typing: what was typed is kept first, and the press is not lost", async () => {
        onRpc("sop.order.form", "action_confirm_order", ({ args }) => {
            expect.step(`confirm ${args[1]} for ${args[2]}`);
            return true;
        });
        await mountForm();
        await click(".o_order_edit_customer");
        await animationFrame();
        await click("[name=street]");
        await edit("7 Hàng Bông", { confirm: "blur" });
        await animationFrame();
        expect.verifySteps(['{"customer":{"street":"7 Hàng Bông"}}']);
        await click(".o_order_confirm");
        await animationFrame();
        expect.verifySteps([]);
        form = { ...form, customer: { ...CUSTOMER, street: "7 Hàng Bông" } };
        await answer();
        await animationFrame();
        expect.verifySteps([
            "refresh",
            "confirm 3 for 225000",
            "refresh",
            "reload",
            "says: Order S00003 is made; the receipt is in the chat.",
            "to the thread",
        ]);
    });

    for (const [what, come, says] of [
        ["comes to another sum", () => answer({ totals: { ...TOTALS, total: 325000 } }), ["says: The total is $\u00a0325,000.00 now. Look at it and press again."]],
        ["was refused", () => answer(makeServerError({ message: "There is one left." })), []],
    ]) {
        test(`pressed while a change is under way that ${what}: it is looked at first`, async () => {
            onRpc("sop.order.form", "action_confirm_order", () => expect.step("confirmed"));
            await mountForm();
            await type(qty(1), "2");
            await click(".o_order_confirm");
            await come();
            await animationFrame();
            expect(".o_order_confirm").toBeEnabled();
            expect.verifySteps(['{"line":{"id":1,"qty":2}}', ...says]);
        });
    }

    test("a quotation goes once, however often one presses", async () => {
        const sent = new Deferred();
        onRpc("sop.order.form", "action_send_quotation", ({ args }) => {
            expect.step(`quotation ${args[1]}`);
            return sent;
        });
        await mountForm();
        queryOne(".o_order_quotation").click();
        queryOne(".o_order_quotation").click();
        await animationFrame();
        sent.resolve(true);
        await animationFrame();
        expect.verifySteps(["quotation 3", "refresh", "reload"]);
        expect(".o_order_confirm").toBeEnabled();
    });

    test("refused shows the order as it is now, and the reason stays", async () => {
        onRpc("sop.order.form", "action_confirm_order", () => {
            throw makeServerError({ message: "The code has run out." });
        });
        await mountForm();
        await click(".o_order_confirm");
        await animationFrame();
        expect.verifySteps(['{"promotions":true}']);
        await answer({ totals: { ...TOTALS, total: 250000 } });
        await animationFrame();
        expect(".o_order_total").toHaveText(/250,?000/);
        expect(".o_order_error").toHaveText("The code has run out.");
        expect.verifySteps(["refresh", "reload"]);
    });
});
