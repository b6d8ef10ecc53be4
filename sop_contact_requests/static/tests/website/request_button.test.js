import { animationFrame, beforeEach, click, Deferred, describe, edit, expect, test } from "@odoo/hoot";
import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";
import { onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { session } from "@web/session";

setupInteractionWhiteList("sop_contact_requests.request_button");
describe.current.tags("interaction_dev");

const FORM = `
    <form action="/sop/contact-request">
        <input type="text" name="buyer_name"/><textarea name="message"></textarea>
        <button type="submit">Send</button>
    </form>`;
const THANKS = `<h2 tabindex="-1">Thank you</h2><button type="button" class="o_sop_back">Back</button>`;

let opening; // what the server gives for the form: a text, a status, or nothing
let sent; // forms that reached the server and have no answer yet

beforeEach(() => {
    opening = FORM;
    sent = [];
    onRpc("/sop/contact-request/5", () => {
        expect.step("open");
        return typeof opening === "number" ? new Response("Bad Gateway", { status: opening }) : new Response(opening);
    });
    onRpc("/sop/contact-request", async (request) => {
        const data = await request.formData();
        expect.step(`send ${data.get("buyer_name")} ${data.get("fragment")}`);
        sent.push(new Deferred());
        return sent.at(-1);
    });
    patchWithCleanup(browser.location, {
        assign(url) {
            if (String(url).startsWith("/sop/")) {
                expect.step(`go to ${url}`); // the dialog goes through the history besides
            }
        },
    });
});

/** In the dialog, which stands beside the page; null where there is none, or it is closed. */
function inDialog(selector) {
    return document.querySelector(`.o_sop_request_dialog[open] ${selector}`);
}

async function press(target) {
    await click(target);
    await animationFrame();
}

function startPage() {
    return startInteractions(`<div class="o_sop_request"><a class="o_sop_request_button" href="/sop/contact-request/5">I want to be advised</a></div>`);
}

async function startForm() {
    await startPage();
    await press(".o_sop_request_button");
    await animationFrame();
}

async function fillIn(name) {
    await click(inDialog("[name=buyer_name]"));
    if (name) {
        await edit(name);
    }
    await press(inDialog("[type=submit]"));
}

async function answer(response) {
    sent.shift().resolve(response);
    await animationFrame();
    await animationFrame();
}

test("the form opens in a dialog named after the button, ready to be filled in", async () => {
    await startForm();
    expect(inDialog("h2")).toHaveText("I want to be advised");
    expect(inDialog("[name=buyer_name]")).toBeFocused();
    expect.verifySteps(["open"]);
});

test("thanks take the place of the form, and leave with one press", async () => {
    await startForm();
    await fillIn("Lan");
    expect(inDialog("[type=submit]").disabled).toBe(true); // one press is one request
    await answer(new Response(THANKS));
    expect(inDialog("form")).toBe(null);
    await press(inDialog(".o_sop_back"));
    expect(inDialog("h2")).toBe(null);
    expect.verifySteps(["open", "send Lan 1"]);
});

for (const [what, response] of [
    ["is down", () => new Response("<h1>Bad Gateway</h1>", { status: 502 })],
    ["has an error", () => new Response("<h1>Internal Server Error</h1>", { status: 500 })],
    ["answers with nothing", () => new Response("")],
]) {
    test(`a server that ${what} takes nothing of what was typed`, async () => {
        await startForm();
        await fillIn("Lan");
        await answer(response());
        expect(inDialog("[name=buyer_name]").value).toBe("Lan");
        expect(inDialog("h1")).toBe(null);
        await press(inDialog("[type=submit]"));
        expect(document.querySelectorAll(".o_sop_offline").length).toBe(1); // said once
        await answer(new Response(THANKS));
        expect(inDialog("form")).toBe(null);
        expect.verifySteps(["open", "send Lan 1", "send Lan 1"]);
    });
}

test("what is wrong comes back in the form, with the focus on it", async () => {
    await startForm();
    await fillIn("");
    await answer(new Response(FORM.replace("<textarea ", "<textarea class='is-invalid' "), { status: 400 }));
    expect(inDialog("textarea")).toBeFocused();
    expect(inDialog(".o_sop_offline")).toBe(null);
    expect.verifySteps(["open", "send  1"]);
});

test("closed by mistake, what was typed is still there", async () => {
    await startForm();
    await click(inDialog("[name=buyer_name]"));
    await edit("Lan");
    await press(inDialog(".btn-close"));
    expect(inDialog("form")).toBe(null);
    await press(".o_sop_request_button");
    expect(inDialog("[name=buyer_name]").value).toBe("Lan");
    expect.verifySteps(["open"]);
});

test("an empty form is read anew: its stamp grows old", async () => {
    await startForm();
    await press(inDialog(".btn-close"));
    await press(".o_sop_request_button");
    await animationFrame();
    expect(inDialog("form")).not.toBe(null);
    expect.verifySteps(["open", "open"]);
});

test("where the form cannot be read, the browser goes to its page", async () => {
    opening = 503;
    await startForm();
    expect(inDialog("form")).toBe(null);
    expect.verifySteps(["open", "go to /sop/contact-request/5"]);
});

test("without a line too", async () => {
    await startPage();
    patchWithCleanup(window, {
        fetch(url) {
            return String(url).startsWith("/sop/") ? Promise.reject(new TypeError("Failed to fetch")) : super.fetch(...arguments);
        },
    });
    await press(".o_sop_request_button");
    expect.verifySteps(["go to /sop/contact-request/5"]);
});

test("with a captcha the button is a link: its script knows forms of whole pages alone", async () => {
    let isLink;
    await startPage();
    patchWithCleanup(session, { recaptcha_public_key: "key" });
    document.addEventListener(
        "click",
        (ev) => {
            isLink = !ev.defaultPrevented;
            ev.preventDefault();
        },
        { once: true }
    );
    await press(".o_sop_request_button");
    expect(isLink).toBe(true);
    expect(inDialog("form")).toBe(null);
    expect.verifySteps([]);
});
