import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, click, describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

import { waitFor } from "@sop_pipeline/../tests/patience";

class Customer extends models.Model {
    _name = "customer";
    phone = fields.Char();
    _records = [
        { id: 4, phone: "0901 234 567" },
        { id: 5, phone: "0901234567 / 0912 345 678 (mẹ)" },
    ];
}

defineMailModels();
defineModels([Customer]);
describe.current.tags("desktop");

let answer;

beforeEach(() => {
    answer = false;
    patchWithCleanup(HTMLAnchorElement.prototype, {
        click() {
            expect.step(`dial ${this.getAttribute("href")}`);
        },
    });
    onRpc("sop.call", "get_todo", () => {
        const waiting = answer ? [answer.params] : [];
        return { count: 0, waiting_count: waiting.length, waiting, to_rate: [] };
    });
    onRpc("sop.call", "action_dial", ({ args }) => {
        expect.step(args);
        return answer;
    });
});

const field = `<field name="phone" widget="phone"/>`;

for (const [name, view, selector] of [
    ["form", { type: "form", resId: 4, arch: `<form>${field}</form>` }, ".o_phone_form_link"],
    ["readonly form", { type: "form", resId: 4, arch: `<form edit="0">${field}</form>` }, ".o_field_phone a"],
    ["list", { type: "list", arch: `<list>${field}</list>` }, ".o_field_phone a"],
    [
        "kanban",
        { type: "kanban", arch: `<kanban><templates><t t-name="card">${field}</t></templates></kanban>` },
        ".o_field_phone a",
    ],
]) {
    test(`a number in a ${name} is an attempt on its record, and asks how it went`, async () => {
        answer = {
            params: { call_id: 7, state: "dialing", name: "Lan", number: "x", tel: "tel:+84901234567", products: [] },
        };
        await mountView({ resModel: "customer", ...view });
        await click(`${selector}:first`);
        await waitFor(".o_sop_answered");
        expect.verifySteps([["0901234567", "customer", 4], "dial tel:+84901234567"]);
    });
}

for (const [name, edit] of [
    ["form", ""],
    ["readonly form", ` edit="0"`],
]) {
    test(`each number of a cell is dialled by itself in a ${name}`, async () => {
        await mountView({ resModel: "customer", type: "form", resId: 5, arch: `<form${edit}>${field}</form>` });
        expect(".o_sop_more_number").toHaveText("0912 345 678 (mẹ)");
        await click(".o_sop_more_number");
        await animationFrame();
        await click(edit ? ".o_form_uri" : ".o_phone_form_link");
        await animationFrame();
        const [more, first] = ["0912345678(mẹ)", "0901234567"];
        expect.verifySteps([[more, "customer", 5], `dial tel:${more}`, [first, "customer", 5], `dial tel:${first}`]);
    });
}

test("a number of nobody is merely dialled", async () => {
    await mountView({ resModel: "customer", type: "list", arch: `<list>${field}</list>` });
    await click(".o_field_phone a:first");
    await animationFrame();
    expect.verifySteps([["0901234567", "customer", 4], "dial tel:0901234567"]);
    expect(".o_dialog").toHaveCount(0);
});
