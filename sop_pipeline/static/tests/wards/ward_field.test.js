import { advanceTime, animationFrame, beforeEach, click, Deferred, describe, edit, expect, press, queryAllTexts, queryOne, test } from "@odoo/hoot";
import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";
import { onRpc } from "@web/../tests/web_test_helpers";

setupInteractionWhiteList("sop_pipeline.ward_field");
describe.current.tags("interaction_dev");

const WARDS = [
    { name: "Phường Bến Thành", state: "TP Hồ Chí Minh", state_id: 12 },
    { name: "Phường Bến Nghé", state: "TP Hồ Chí Minh", state_id: 12 },
    { name: "Xã Bến Quan", state: "Quảng Trị", state_id: 13 },
];

let answers; // of the server, held back; by what was asked

beforeEach(() => {
    answers = {};
    onRpc("/sop/wards", (request) => {
        const { searchParams } = new URL(request.url);
        expect.step(`${searchParams.get("q")} in ${searchParams.get("state_id") || "all"}`);
        answers[searchParams.get("q")] = new Deferred();
        return answers[searchParams.get("q")];
    });
});

function startPage(code = "VN") {
    return startInteractions(`
        <div class="o_customer_address_fill"><form class="address_autoformat">
            <div><div>
                <label for="o_city">City</label><label class="o_sop_ward_label">Ward</label><input type="text" id="o_city" name="city"/>
            </div></div>
            <select name="state_id"><option value=""></option><option value="12">TP Hồ Chí Minh</option><option value="13">Quảng Trị</option></select>
            <select name="country_id"><option value="1" code="${code}" selected="selected">Country</option></select>
        </form></div>`);
}

/** Type as people do; the keys have rested by then. */
async function type(text) {
    await click("[name=city]");
    await edit(text);
    await advanceTime(200);
}

async function answer(q, response = new Response(JSON.stringify(WARDS))) {
    answers[q].resolve(response);
    await animationFrame();
    await animationFrame();
}

async function look(q) {
    await type(q);
    await answer(q);
    expect.verifySteps([`${q} in all`]);
}

test("what is typed finds wards, and the one chosen brings its province", async () => {
    await startPage();
    queryOne("[name=state_id]").addEventListener("change", () => expect.step("province"));
    await look("ben");
    expect(queryAllTexts(".o_sop_wards.show [role=option]")).toEqual(WARDS.map(({ name, state }) => `${name}, ${state}`));
    expect("[name=city]").toHaveAttribute("aria-expanded", "true");
    await click(".o_sop_wards [role=option]:last-child");
    await animationFrame();
    expect("[name=city]").toHaveValue("Xã Bến Quan");
    expect("[name=state_id]").toHaveValue("13");
    expect(".o_sop_wards.show").toHaveCount(0);
    expect("[name=city]").toHaveAttribute("aria-expanded", "false");
    expect.verifySteps(["province"]); // core asks for what the province needs
});

test("by the keyboard: round and round, Enter takes it, Escape leaves what was typed", async () => {
    await startPage();
    await look("ben");
    await press("ArrowUp");
    await animationFrame();
    expect(".o_sop_wards [aria-selected=true]").toHaveText("Xã Bến Quan, Quảng Trị");
    await press("ArrowDown");
    await press("ArrowDown");
    await animationFrame();
    expect(".o_sop_wards [aria-selected=true]").toHaveText("Phường Bến Nghé, TP Hồ Chí Minh");
    await press("Escape");
    await animationFrame();
    expect(".o_sop_wards.show").toHaveCount(0);
    expect("[name=city]").toHaveValue("ben");

    await look("bens");
    await press("Enter");
    await animationFrame();
    expect("[name=city]").toHaveValue("Phường Bến Thành");
    expect("[name=state_id]").toHaveValue("12");
});

test("in the province that is chosen, and not for a single letter", async () => {
    await startPage();
    queryOne("[name=state_id]").value = "12";
    await type("b");
    expect.verifySteps([]);
    await type("be");
    expect.verifySteps(["be in 12"]);
});

test("an answer to what is typed no more shows nothing", async () => {
    await startPage();
    await type("ben");
    await type("bens");
    expect.verifySteps(["ben in all", "bens in all"]);
    await answer("bens", new Response(JSON.stringify(WARDS.slice(2))));
    await answer("ben");
    expect(queryAllTexts(".o_sop_wards.show [role=option]")).toEqual(["Xã Bến Quan, Quảng Trị"]);
});

test("Escape is meant for the answer under way too, until more is typed", async () => {
    await startPage();
    await type("ben");
    await press("Escape");
    await answer("ben");
    expect(".o_sop_wards.show").toHaveCount(0);
    await type("bens");
    await answer("bens");
    expect(".o_sop_wards.show [role=option]").toHaveCount(3);
    expect.verifySteps(["ben in all", "bens in all"]);
});

test("a box left meanwhile stays closed", async () => {
    await startPage();
    await type("ben");
    await click("[name=country_id]");
    await answer("ben");
    expect(".o_sop_wards.show").toHaveCount(0);
    expect.verifySteps(["ben in all"]);
});

for (const status of [404, 429, 500]) {
    test(`where the server says ${status}, the box takes any text`, async () => {
        await startPage();
        await type("ben");
        await answer("ben", new Response("<h1>No</h1>", { status }));
        expect(".o_sop_wards.show").toHaveCount(0);
        expect("[name=city]").toHaveValue("ben");
        expect.verifySteps(["ben in all"]);
    });
}

test("another country has cities, as in core", async () => {
    await startPage("FR");
    await type("Paris");
    expect.verifySteps([]);
    expect("label[for=o_city]:not(.o_sop_ward_label)").not.toHaveClass("d-none");
    expect(".o_sop_ward_label").toHaveClass("d-none");
    expect("[name=city]").not.toHaveAttribute("role");
});
