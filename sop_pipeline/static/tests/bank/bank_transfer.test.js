import { advanceTime, animationFrame, beforeEach, describe, expect, freezeTime, test } from "@odoo/hoot";
import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";
import { onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

setupInteractionWhiteList("sop_pipeline.bank_transfer");
describe.current.tags("interaction_dev");

const WAITS = { paid: false, thanks: "", part: "", amount: "250.000 ₫" };

let state; // what the server answers: a state, or a status that is none

beforeEach(() => {
    freezeTime(); // a slow machine decides nothing
    state = WAITS;
    onRpc("/sop/bank/state/<int:order>", (request, { order }) => {
        expect.step(`${order} ${new URL(request.url).searchParams.get("access_token")}`);
        return typeof state === "number" ? new Response("", { status: state }) : new Response(JSON.stringify(state));
    });
    patchWithCleanup(browser.location, {
        reload() {
            expect.step("reload");
        },
    });
});

function startBox(more = "") {
    return startInteractions(`
        <div class="o_sop_bank_transfer" data-order-id="5" data-token="a+b/c" ${more}>
            <div class="o_sop_bank_waiting d-flex"><span class="o_sop_bank_amount">300.000 ₫</span><p class="o_sop_bank_part d-none"></p></div>
            <div class="o_sop_bank_done d-none"><span class="o_sop_bank_thanks"></span></div>
        </div>`);
}

async function wait(ms) {
    await advanceTime(ms);
    await animationFrame();
}

test("what is still to pay is shown, and asked for again", async () => {
    state = { ...WAITS, part: "50.000 ₫ have come" };
    await startBox();
    expect.verifySteps([]);
    await wait(2000);
    expect.verifySteps(["5 a+b/c"]); // the token as it is
    expect(".o_sop_bank_amount").toHaveText("250.000 ₫");
    expect(".o_sop_bank_part").toHaveText("50.000 ₫ have come");
    expect(".o_sop_bank_part").not.toHaveClass("d-none");
    await wait(2100);
    expect.verifySteps(["5 a+b/c"]);
});

test("money that is there is thanked for, and asked for no more", async () => {
    state = { ...WAITS, paid: true, thanks: "Thank you, Giang" };
    await startBox();
    await wait(2000);
    expect(".o_sop_bank_done").not.toHaveClass("d-none");
    expect(".o_sop_bank_thanks").toHaveText("Thank you, Giang");
    expect(".o_sop_bank_waiting").toHaveClass("d-none");
    expect(".o_sop_bank_waiting").not.toHaveClass("d-flex");
    await wait(60_000);
    expect.verifySteps(["5 a+b/c"]);
});

test("where the money opens more on the page, it is read anew, once", async () => {
    state = { ...WAITS, paid: true };
    await startBox(`data-reload="1"`);
    await wait(60_000);
    expect.verifySteps(["5 a+b/c", "reload"]);
});

for (const status of [403, 500, 502]) {
    test(`an answer of ${status} changes nothing on the page, and the next is asked for`, async () => {
        state = status;
        await startBox();
        await wait(2000);
        expect(".o_sop_bank_amount").toHaveText("300.000 ₫");
        expect(".o_sop_bank_done").toHaveClass("d-none");
        state = { ...WAITS, paid: true, thanks: "Thank you" };
        await wait(2100);
        expect(".o_sop_bank_thanks").toHaveText("Thank you");
        expect.verifySteps(["5 a+b/c", "5 a+b/c"]);
    });
}

test("a line that is down for a moment ends nothing", async () => {
    await startBox();
    const isBack = patchWithCleanup(browser, { fetch: () => Promise.reject(new TypeError("Failed to fetch")) });
    await wait(2000);
    isBack();
    expect.verifySteps([]);
    await wait(2100);
    expect.verifySteps(["5 a+b/c"]);
});

test("a page left open asks less and less often, and yet twice a minute", async () => {
    let asked = 0;
    onRpc("/sop/bank/state/<int:order>", () => {
        asked++;
        return new Response(JSON.stringify(WAITS));
    });
    /** Seconds until the page asks again. */
    async function pause() {
        const before = asked;
        let seconds = 0;
        while (asked === before && seconds < 60) {
            await wait(1000);
            seconds++;
        }
        return seconds;
    }
    await startBox();
    expect(await pause()).toBe(2);
    for (let time = 0; time < 100; time++) {
        await advanceTime(30_000); // no frame in between: a machine that draws slowly decides nothing
    }
    await pause();
    expect(await pause()).toBe(30);
});
