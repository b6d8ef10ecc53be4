import { beforeEach, describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";
import { allowTranslations, mockService } from "@web/../tests/web_test_helpers";

import { ringReminders } from "@sop_contact_requests/website/seller_bell";

setupInteractionWhiteList("sop_contact_requests.seller_bell");
describe.current.tags("interaction_dev");

const notification = { add: (text, { title }) => expect.step([title, text].filter(Boolean).join(": ")) };

let heard; // listeners on the bus: name -> function

beforeEach(() => {
    heard = {};
    mockService("notification", notification);
    mockService("bus_service", {
        start: () => {},
        subscribe(name, callback) {
            expect(name in heard).toBe(false); // a page has one bell
            heard[name] = callback;
        },
        unsubscribe: (name) => delete heard[name],
        addEventListener: () => {},
        removeEventListener: () => {},
    });
});

/** A page with core's two menus: the large one and that of phones. */
function startPage(more = "") {
    const menu = `<a class="o_sop_menu" data-heard="10"><span class="o_sop_new_count">2</span></a>`;
    return startInteractions(menu + menu + more);
}

const news = (id, listing = "Máy ảnh cũ") => heard["sop_contact_requests/news"]({ listing }, { id });

test("a new request rings once and is counted in both menus", async () => {
    await startPage();
    news(11);
    expect.verifySteps(["New contact request: Máy ảnh cũ"]);
    expect(queryAllTexts(".o_sop_new_count")).toEqual(["3", "3"]);
});

test("what the page has counted already does not ring again", async () => {
    await startPage();
    news(9);
    news(10);
    expect.verifySteps([]);
    expect(queryAllTexts(".o_sop_new_count")).toEqual(["2", "2"]);
});

test("on the open list the list itself looks, and no bell rings", async () => {
    await startPage(`<div class="o_sop_requests"></div>`);
    document.addEventListener("sop-requests-news", () => expect.step("look"), { once: true });
    news(11);
    expect.verifySteps(["look"]);
    expect(queryAllTexts(".o_sop_new_count")).toEqual(["2", "2"]);
});

test("a reminder rings once, whichever page of the browser it rang in", async () => {
    await startPage();
    const ring = (key) => heard["sop_contact_requests/reminder"]({ key, name: `Khách ${key}` });
    ring("1:08:00");
    ring("1:08:00");
    ringReminders([{ key: "1:08:00", name: "Khách" }, { key: "2:09:00", name: "Hoa" }], notification);
    expect.verifySteps(["Reminder: Khách 1:08:00", "Reminder: Hoa"]);
});

test("the memory of what has rung does not grow without end", () => {
    allowTranslations();
    const many = Array.from({ length: 300 }, (_unused, index) => ({ key: `k${index}`, name: "x" }));
    ringReminders(many, { add: () => {} });
    ringReminders([{ key: "k299", name: "the last" }, { key: "k0", name: "the first" }], notification);
    expect.verifySteps(["Reminder: the first"]);
});

test("a request handed over is said once, although the bus repeats it", async () => {
    await startPage();
    for (let time = 0; time < 2; time++) {
        heard["sop_contact_requests/handed"]({ name: "Hoa", by: "Minh" }, { id: 12 });
    }
    expect.verifySteps(["Minh hands Hoa over to you."]);
});

for (const [page, html, rings] of [
    ["the bell is silent on a page of the shop, whose cart is in the session", `<section class="oe_website_sale"></section>`, false],
    ["the bell is silent in the checkout", `<div class="oe_website_sale"></div>`, false],
    ["the bell rings on an order of the portal, which can be bought again", `<button class="oe_website_sale"></button>`, true],
]) {
    test(page, async () => {
        await startPage(html);
        expect("sop_contact_requests/news" in heard).toBe(rings);
    });
}
