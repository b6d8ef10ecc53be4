import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const DEVICES = "mail.push.device";
const WORKER = "/web/service-worker.js"; // core's, which shows what is pushed
const SCOPE = "/odoo";

/** Core's web push for sellers, on and off on this device: in the portal no other code asks the browser for it. */
export class SellerPush extends Interaction {
    static selector = ".o_sop_push";
    dynamicContent = {
        _root: { "t-att-class": () => ({ "d-none": !this.isPossible }) },
        ".o_sop_push_start": { "t-on-click": this.onStart, "t-att-class": () => ({ "d-none": this.isOn }) },
        ".o_sop_push_stop": { "t-on-click": this.onStop, "t-att-class": () => ({ "d-none": !this.isOn }) },
    };

    setup() {
        this.isPossible = Boolean(browser.navigator.serviceWorker && "PushManager" in window && browser.Notification);
    }

    /** A device may be subscribed for somebody else who used this browser: the server says whose it is. */
    async start() {
        const subscription = this.isPossible && (await this.waitFor(getSubscription()));
        if (subscription) {
            const { on } = await this.waitFor(rpc("/my/contact-requests/device", { endpoint: subscription.endpoint }, { silent: true }));
            this.isOn ??= on; // unless a press has said something newer meanwhile
            this.updateContent();
        }
    }

    async onStop() {
        await this.waitFor(this.unsubscribe());
        this.services.notification.add(_t("New requests are no longer announced on this device."), { type: "success" });
    }

    async onStart() {
        const { notification } = this.services;
        if ((await this.waitFor(browser.Notification.requestPermission())) !== "granted") {
            notification.add(_t("This browser does not allow notifications of this site: allow them in its settings first."), { type: "warning" });
            return;
        }
        try {
            await this.waitFor(this.subscribe());
            this.isOn = true;
            notification.add(_t("New requests are announced on this device from now on."), { type: "success" });
        } catch {
            notification.add(_t("This browser could not be reached for notifications. Mails still come."), { type: "warning" });
        }
    }

    async subscribe() {
        const { orm } = this.services;
        const registration = await browser.navigator.serviceWorker.register(WORKER, { scope: SCOPE });
        await isAtWork(registration);
        const key = await orm.call(DEVICES, "get_web_push_vapid_public_key", []);
        let subscription = await registration.pushManager.getSubscription();
        if (subscription && toText(subscription.options.applicationServerKey) !== key) {
            await subscription.unsubscribe(); // made for a key the server no longer has
            subscription = null;
        }
        subscription ||= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
        await orm.call(DEVICES, "register_devices", [], { ...subscription.toJSON(), vapid_public_key: key });
    }

    async unsubscribe() {
        const subscription = await getSubscription();
        await rpc("/my/contact-requests/device", { endpoint: subscription?.endpoint, wanted: false });
        this.isOn = false;
        await subscription?.unsubscribe();
    }
}

async function getSubscription() {
    const registration = await browser.navigator.serviceWorker.getRegistration(SCOPE);
    return registration?.pushManager.getSubscription();
}

/** Browsers take a subscription only once the worker is active; `serviceWorker.ready` is for pages in its scope. */
function isAtWork(registration) {
    const worker = registration.installing || registration.waiting || registration.active;
    return new Promise((resolve, reject) => {
        const look = () => (worker.state === "activated" ? resolve() : worker.state === "redundant" && reject(new Error(worker.state)));
        worker.addEventListener("statechange", look);
        look();
    });
}

/** A key as core writes it: base64 for addresses, without filling. */
function toText(buffer) {
    const text = btoa(String.fromCharCode(...new Uint8Array(buffer || [])));
    return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

registry.category("public.interactions").add("sop_contact_requests.seller_push", SellerPush);
