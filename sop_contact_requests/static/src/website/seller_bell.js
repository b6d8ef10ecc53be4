import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const RUNG = "sop_contact_requests.rung";
const KEPT = 200;
const SHOP = ":is(div, section).oe_website_sale"; // a page of core's shop; its portal has a button of that class
const NEWS = "sop-requests-news"; // an open list looks what there is

/** What has not rung in this browser yet, whichever of its pages it rang in; from now on it has. */
function takeUnrung(rings) {
    const rung = JSON.parse(browser.localStorage.getItem(RUNG) || "[]");
    const fresh = rings.filter(({ key }) => !rung.includes(key));
    if (fresh.length) {
        browser.localStorage.setItem(RUNG, JSON.stringify([...rung, ...fresh.map(({ key }) => key)].slice(-KEPT)));
    }
    return fresh;
}

export function ringReminders(reminders, notification) {
    for (const { name } of takeUnrung(reminders)) {
        notification.add(_t("Reminder: %s", name), { type: "warning", sticky: true });
    }
}

/**
 * The bell of a seller on the pages of the site: what core's bus reports of new requests and reminders. A page has two menus, and one bell.
 * In the shop it is silent: there the session keeps the cart, and a bus that connects writes back the session it found when it began.
 * What it would have said is repeated to the next page.
 */
export class SellerBell extends Interaction {
    static selector = ".o_sop_menu";

    setup() {
        this.bus = this.services.bus_service;
        this.onNews = (news, { id }) => this.notifyNews(news, id);
        this.onChanged = () => document.dispatchEvent(new CustomEvent(NEWS));
        this.onHanded = (handed, { id }) => this.notifyHanded(handed, id);
        this.onReminder = (reminder) => ringReminders([reminder], this.services.notification);
    }

    /** Also when it was handed over while they were away: the bus keeps it for a day, and repeats it to each new page. */
    notifyHanded({ name, by }, id) {
        if (takeUnrung([{ key: `handed-${id}` }]).length) {
            this.services.notification.add(_t("%(by)s hands %(name)s over to you.", { by, name }), { type: "info", sticky: true });
        }
    }

    start() {
        if (this.el !== document.querySelector(SellerBell.selector) || document.querySelector(SHOP)) {
            return;
        }
        this.bus.subscribe("sop_contact_requests/news", this.onNews);
        this.bus.subscribe("sop_contact_requests/reminder", this.onReminder);
        this.bus.subscribe("sop_contact_requests/handed", this.onHanded);
        this.bus.subscribe("sop_contact_requests/taken_back", this.onChanged);
        this.bus.start();
        this.registerCleanup(() => {
            this.bus.unsubscribe("sop_contact_requests/news", this.onNews);
            this.bus.unsubscribe("sop_contact_requests/reminder", this.onReminder);
            this.bus.unsubscribe("sop_contact_requests/handed", this.onHanded);
            this.bus.unsubscribe("sop_contact_requests/taken_back", this.onChanged);
        });
    }

    /** The bus repeats to a new page what it sent before: the page has counted that already. */
    notifyNews({ listing }, id) {
        if (document.querySelector(".o_sop_requests")) {
            this.onChanged();
            return;
        }
        if (id <= Number(this.el.dataset.heard)) {
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
