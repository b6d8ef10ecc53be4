import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, beforeEach, click, Deferred, describe, expect, press, queryAllAttributes, queryAllTexts, test } from "@odoo/hoot";
import { contains, defineModels, fields, getService, makeServerError, MockServer, mockService, models, mountView, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";

import { waitFor, waitForNone } from "@sop_pipeline/../tests/patience";

class CrmLead extends models.Model {
    _name = "crm.lead";

    name = fields.Char();
    stage_id = fields.Many2one({ relation: "crm.stage" });
    email_from = fields.Char({ string: "Email" });
    contact_name = fields.Char({ string: "Contact Name" });
    date_deadline = fields.Date({ string: "Expected Closing" });
    company_currency = fields.Many2one({ relation: "res.currency" });
    expected_revenue = fields.Monetary({ string: "Expected Revenue", currency_field: "company_currency" });

    _records = [{ id: 3, name: "Lan", stage_id: 1, company_currency: 1 }];
}

class CrmStage extends models.Model {
    _name = "crm.stage";

    name = fields.Char();

    _records = [
        { id: 1, name: "Contact" },
        { id: 2, name: "Collect" },
        { id: 3, name: "Convert" },
    ];
}

defineMailModels();
defineModels([CrmLead, CrmStage]);
describe.current.tags("desktop");

let required; // the fields the second stage requires
let hidden; // those of them the user may not write
let refusal; // what the server refuses for another reason: a message
let moving; // the answer to a move that is allowed, held back

beforeEach(() => {
    required = ["email_from"];
    hidden = [];
    refusal = "";
    moving = Promise.resolve();
    onRpc("crm.lead", "web_save", ({ args: [ids, values], parent }) => {
        expect.step(JSON.stringify(values));
        if (refusal) {
            throw makeServerError({ type: "ValidationError", message: refusal });
        }
        const [lead] = MockServer.env["crm.lead"].read(ids, required);
        const names = values.stage_id === 2 ? required.filter((name) => !lead[name]) : [];
        if (names.length) {
            const context = { sop_missing: { lead_id: 3, stage_id: 2, stage: "Collect", fields: names.filter((name) => !hidden.includes(name)) } };
            throw makeServerError({ type: "ValidationError", message: `Fill in first: ${names}`, context });
        }
        return values.stage_id ? moving.then(() => parent()) : parent();
    });
});

async function openLead() {
    const bar = `<field name="stage_id" widget="statusbar" options="{'clickable': 1}"/>`;
    await mountView({ type: "form", resModel: "crm.lead", resId: 3, arch: `<form><header>${bar}</header><field name="name"/></form>` });
    patchWithCleanup(getService("action"), { doAction: (action) => expect.step(action) });
}

/** Press the second stage on the bar; the server refuses it. */
async function moveOn() {
    await click(".o_statusbar_status button[data-value='2']");
    await waitFor(".modal");
    expect.verifySteps(['{"stage_id":2}']);
}

const box = (name) => `.modal [name=${name}] input`;
const save = () => click(".modal .o_form_button_save");
const stage = () => queryAllTexts(".o_form_view:first .o_arrow_button_current");

test("what is missing is asked, saved, and the move is made", async () => {
    expect.errors(1);
    await openLead();
    await moveOn();
    expect(".modal-title").toHaveText("Before Collect");
    expect(".modal [role=status]").toHaveText("Fill in first: email_from");
    expect(stage()).toEqual(["Contact"]);
    await contains(box("email_from")).edit("lan@example.com");
    moving = new Deferred();
    await save();
    await expect.waitForSteps(['{"email_from":"lan@example.com"}', '{"stage_id":2}']);
    expect(".modal").toHaveCount(1); // until the lead is there
    moving.resolve();
    await waitForNone(".modal");
    expect.verifySteps(["soft_reload"]);
    expect.verifyErrors([/Fill in first/]);
});

test("the first box has the focus, and no calendar opens over the others", async () => {
    expect.errors(1);
    required = ["date_deadline", "email_from", "contact_name"];
    await openLead();
    await moveOn();
    expect(queryAllAttributes(".modal .o_field_widget", "name")).toEqual(["email_from", "contact_name", "date_deadline"]);
    expect(box("email_from")).toBeFocused();
    expect(".o_datetime_picker").toHaveCount(0);
    expect.verifyErrors([/Fill in first/]);
});

test("an amount is asked for in its currency, which is not asked for", async () => {
    expect.errors(1);
    required = ["expected_revenue"];
    await openLead();
    await moveOn();
    expect(queryAllAttributes(".modal .o_field_widget:visible", "name")).toEqual(["expected_revenue"]);
    expect(".modal [name=expected_revenue]").toHaveText(/\$/);
    await contains(box("expected_revenue")).edit("250");
    await save();
    await expect.waitForSteps(['{"expected_revenue":250}', '{"stage_id":2}', "soft_reload"]);
    expect.verifyErrors([/Fill in first/]);
});

test("nothing goes to the server while a box is empty", async () => {
    expect.errors(1);
    await openLead();
    await moveOn();
    await save();
    await animationFrame();
    expect(".modal [name=email_from]").toHaveClass("o_field_invalid");
    expect.verifySteps([]);
    expect.verifyErrors([/Fill in first/]);
});

test("a text the server refuses stays in its box, and no move is made", async () => {
    expect.errors(2);
    await openLead();
    await moveOn();
    refusal = "No such address";
    await contains(box("email_from")).edit("lan@");
    await save();
    await waitFor(".o_error_dialog, .modal:contains(No such address)");
    expect(".modal [name=email_from] input").toHaveValue("lan@");
    expect.verifySteps(['{"email_from":"lan@"}']);
    expect.verifyErrors([/Fill in first/, /No such address/]);
});

test("closed without an answer, the lead is as it was", async () => {
    expect.errors(2);
    await openLead();
    for (const close of [() => press("Escape"), () => click(".modal .o_form_button_cancel")]) {
        await moveOn();
        await contains(box("email_from")).edit("lan@example.com");
        await close();
        await waitForNone(".modal");
    }
    expect(stage()).toEqual(["Contact"]);
    expect(".o_form_status_indicator_buttons").toHaveClass("invisible"); // there is nothing to save
    expect.verifySteps([]);
    expect.verifyErrors([/Fill in first/, /Fill in first/]);
});

test("what was typed on the lead before stays typed, and is saved without the move", async () => {
    expect.errors(1);
    await openLead();
    await contains("[name=name] input").edit("Lan Anh");
    await click(".o_statusbar_status button[data-value='2']");
    await waitFor(".modal");
    expect.verifySteps(['{"name":"Lan Anh","stage_id":2}']);
    await click(".modal .o_form_button_cancel");
    await waitForNone(".modal");
    expect(stage()).toEqual(["Contact"]);
    expect("[name=name] input").toHaveValue("Lan Anh");
    await click(".o_form_button_save");
    await animationFrame();
    expect.verifySteps(['{"name":"Lan Anh"}']);
    expect.verifyErrors([/Fill in first/]);
});

test("a move that lacks something else by then asks for that, and one dialog is left at the end", async () => {
    expect.errors(2);
    await openLead();
    await moveOn();
    required = ["email_from", "contact_name"];
    await contains(box("email_from")).edit("lan@example.com");
    await save();
    await waitFor(box("contact_name"));
    expect(".modal").toHaveCount(1);
    await contains(box("contact_name")).edit("Lan");
    await save();
    await waitForNone(".modal");
    const steps = ['{"email_from":"lan@example.com"}', '{"stage_id":2}', "soft_reload", '{"contact_name":"Lan"}', '{"stage_id":2}', "soft_reload"];
    expect.verifySteps(steps);
    expect.verifyErrors([/Fill in first/, /Fill in first/]);
});

test("a lead that was moved meanwhile stays where it is", async () => {
    expect.errors(1);
    mockService("notification", { add: (message) => expect.step(message) });
    await openLead();
    await moveOn();
    await contains(box("email_from")).edit("lan@example.com");
    MockServer.env["crm.lead"].write([3], { stage_id: 3 });
    await save();
    await waitForNone(".modal");
    const told = "The lead was moved meanwhile and stays there. What you filled in is saved.";
    expect.verifySteps(['{"email_from":"lan@example.com"}', told, "soft_reload"]);
    expect.verifyErrors([/Fill in first/]);
});

test("what only others may fill in is said, without boxes", async () => {
    expect.errors(1);
    hidden = ["email_from"];
    await openLead();
    await click(".o_statusbar_status button[data-value='2']");
    await waitFor(".modal:contains(Fill in first)");
    expect(".modal .o_field_widget").toHaveCount(0);
    expect.verifySteps(['{"stage_id":2}']);
    expect.verifyErrors([/Fill in first/]);
});

test("another refusal is said as in core, without boxes", async () => {
    expect.errors(1);
    refusal = "Not your lead";
    await openLead();
    await moveOn();
    expect(".modal").toHaveText(/Not your lead/);
    expect(".modal .o_field_widget").toHaveCount(0);
    expect.verifyErrors([/Not your lead/]);
});
