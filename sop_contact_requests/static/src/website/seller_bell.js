import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const RUNG = "sop_contact_requests.rung";
const KEPT = 200;

/** Ring for reminders that have not rung in this browser yet, whichever of its pages they rang in. */
export function ringReminders(reminders, notification) {
    const rung = JSON.parse(browser.localStorage.getItem(RUNG) || "[]");
    const fresh = reminders.filter(({ key }) => !rung.includes(key));
    for (const { name } of fresh) {
        notification.add(_t("Reminder: %s", name), { type: "warning", sticky: true });
    }
    if (fresh.length) {
        browser.localStorage.setItem(RUNG, JSON.stringify([...rung, ...fresh.map(({ key }) => key)].slice(-KEPT)));
    }
}

/** The bell of a seller on every page: what core's bus tells of new requests and reminders. */
export class SellerBell extends Interaction {
    static selector = ".o_sop_menu";

    setup() {
        this.bus = this.services.bus_service;
        this.onNews = (news) => this.tellNews(news);
        this.onReminder = (reminder) => ringReminders([reminder], this.services.notification);
    }

    start() {
        this.bus.subscribe("sop_contact_requests/news", this.onNews);
        this.bus.subscribe("sop_contact_requests/reminder", this.onReminder);
        this.bus.start();
        this.registerCleanup(() => {
            this.bus.unsubscribe("sop_contact_requests/news", this.onNews);
            this.bus.unsubscribe("sop_contact_requests/reminder", this.onReminder);
        });
    }

    tellNews({ listing }) {
        if (document.querySelector(".o_sop_requests")) {
            document.dispatchEvent(new CustomEvent("sop-requests-news"));
            return;
        }
        for (const badge of document.querySelectorAll(".o_sop_new_count")) {
            badge.textContent = (Number(badge.textContent) || 0) + 1;
        }
        this.services.notification.add(listing || "", {
            title: _t("New contact request"),
            type: "info",
            sticky: true,
            buttons: [{ name: _t("Open"), onClick: () => (window.location = "/my/contact-requests") }],
        });
    }
}

registry.category("public.interactions").add("sop_contact_requests.seller_bell", SellerBell);
