import { animationFrame, beforeEach, click, Deferred, describe, expect, test } from "@odoo/hoot";
import { setupInteractionWhiteList, startInteractions } from "@web/../tests/public/helpers";
import { makeServerError, mockService, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

setupInteractionWhiteList("sop_contact_requests.seller_push");
describe.current.tags("interaction_dev");

const START = ".o_sop_push_start:not(.d-none)";
const STOP = ".o_sop_push_stop:not(.d-none)";
const BYTES = new Uint8Array([1, 2, 3, 255]);
const KEY = "AQID_w"; // the same, as core writes it
const ON = "says: New requests are announced on this device from now on.";
const OFF = "says: New requests are no longer announced on this device.";
const NO_PUSH = "says: This browser could not be reached for notifications. Mails still come.";

let worker; // the browser's part
let subscription; // what the browser holds for this site
let permission;
let isRegistered; // what the server knows of the device
let answers; // held back where a test says so: step -> Deferred, or what is thrown

beforeEach(() => {
    worker = Object.assign(new EventTarget(), { state: "activated" });
    subscription = null;
    permission = "granted";
    isRegistered = false;
    answers = {};
    const registration = {
        active: worker,
        pushManager: {
            getSubscription: async () => subscription,
            subscribe: async ({ applicationServerKey }) => {
                expect.step(`subscribe ${applicationServerKey}`);
                return (subscription = makeSubscription("new"));
            },
        },
    };
    const serviceWorker = Object.assign(new EventTarget(), { register: async () => registration, getRegistration: async () => registration });
    patchWithCleanup(browser, { navigator: { serviceWorker }, Notification: { requestPermission: async () => permission } });
    onRpc("/my/contact-requests/device", async (request) => {
        const { params } = await request.json();
        await reach(params.wanted === false ? "stop" : "look");
        isRegistered &&= params.wanted !== false;
        return { on: isRegistered };
    });
    onRpc("mail.push.device", "get_web_push_vapid_public_key", () => KEY);
    onRpc("mail.push.device", "register_devices", async ({ kwargs }) => {
        await reach(`register ${kwargs.endpoint} ${kwargs.vapid_public_key}`);
        isRegistered = true;
        return true;
    });
    mockService("notification", { add: (text) => expect.step(`says: ${text}`) });
});

/** A call reaches the server, which answers when the test says so. */
async function reach(step) {
    expect.step(step);
    const answer = answers[step.split(" ")[0]];
    if (answer instanceof Error) {
        throw answer;
    }
    await answer;
}

function makeSubscription(endpoint, key = BYTES) {
    return {
        endpoint,
        options: { applicationServerKey: key.buffer },
        toJSON: () => ({ endpoint }),
        async unsubscribe() {
            expect.step(`forget ${endpoint}`);
            subscription = null;
        },
    };
}

async function rest() {
    for (let turn = 0; turn < 3; turn++) {
        await animationFrame();
    }
}

async function startPage() {
    await startInteractions(`
        <div class="d-none o_sop_push">
            <button type="button" class="o_sop_push_start">On</button><button type="button" class="d-none o_sop_push_stop">Off</button>
        </div>`);
    await rest();
}

/** A page of a seller whose device is told of new requests. */
async function startTold() {
    subscription = makeSubscription("mine");
    isRegistered = true;
    await startPage();
    expect.verifySteps(["look"]);
    expect(STOP).toHaveCount(1);
}

async function pressOn(target) {
    await click(target);
    await rest();
}

test("a browser that knows no push offers none", async () => {
    patchWithCleanup(browser, { navigator: {} });
    await startPage();
    expect(".o_sop_push").toHaveClass("d-none");
    expect.verifySteps([]);
});

test("on, and off again", async () => {
    await startPage();
    expect(STOP).toHaveCount(0);
    await pressOn(START);
    expect.verifySteps([`subscribe ${KEY}`, `register new ${KEY}`, ON]);
    expect(START).toHaveCount(0);
    await pressOn(STOP);
    expect.verifySteps(["stop", "forget new", OFF]);
    expect(START).toHaveCount(1);
    expect(isRegistered).toBe(false);
});

test("what the person does not allow is said, and nothing is sent", async () => {
    permission = "denied";
    await startPage();
    await pressOn(START);
    expect.verifySteps(["says: This browser does not allow notifications of this site: allow them in its settings first."]);
    expect(START).toHaveCount(1);
});

test("a device that tells somebody else is off for this user, and its subscription serves again", async () => {
    subscription = makeSubscription("theirs");
    await startPage();
    expect.verifySteps(["look"]);
    expect(START).toHaveCount(1);
    await pressOn(START);
    expect.verifySteps([`register theirs ${KEY}`, ON]);
    expect(STOP).toHaveCount(1);
});

test("a subscription for a key the server has no more is made anew", async () => {
    subscription = makeSubscription("old", new Uint8Array([9]));
    await startPage();
    await pressOn(START);
    expect.verifySteps(["look", "forget old", `subscribe ${KEY}`, `register new ${KEY}`, ON]);
});

test("refused by the server it stays off, and a second press needs no second subscription", async () => {
    answers.register = makeServerError({ message: "not now" });
    await startPage();
    await pressOn(START);
    expect.verifySteps([`subscribe ${KEY}`, `register new ${KEY}`, NO_PUSH]);
    expect(START).toHaveCount(1);
    delete answers.register;
    await pressOn(START);
    expect.verifySteps([`register new ${KEY}`, ON]);
    expect(STOP).toHaveCount(1);
});

test("what cannot be switched off stays on, in the browser too", async () => {
    expect.errors(1);
    await startTold();
    answers.stop = makeServerError({ message: "not now" });
    await pressOn(STOP);
    expect(STOP).toHaveCount(1);
    expect(subscription.endpoint).toBe("mine");
    expect.verifySteps(["stop"]);
    expect.verifyErrors([/not now/]);
});

test("what the server said of the device before the press is dropped", async () => {
    subscription = makeSubscription("mine");
    answers.look = new Deferred();
    await startPage();
    await pressOn(START);
    expect.verifySteps(["look", `register mine ${KEY}`, ON]);
    isRegistered = false; // as it was when the page asked
    answers.look.resolve();
    await rest();
    expect(STOP).toHaveCount(1);
});

test("a subscription is asked once the worker is at work, and never of one that has failed", async () => {
    worker.state = "installing";
    await startPage();
    await pressOn(START);
    expect.verifySteps([]);
    worker.state = "redundant";
    worker.dispatchEvent(new Event("statechange"));
    await rest();
    expect.verifySteps([NO_PUSH]);

    worker.state = "installing";
    await pressOn(START);
    worker.state = "activated";
    worker.dispatchEvent(new Event("statechange"));
    await rest();
    expect.verifySteps([`subscribe ${KEY}`, `register new ${KEY}`, ON]);
});
