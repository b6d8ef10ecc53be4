import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";
import { useBus, useService } from "@web/core/utils/hooks";

import { latest } from "@sop_pipeline/core/latest";

/** Counter in the menu bar: always the number of highlighted requests; rings for reminders. */
export class RequestSystray extends Component {
    static template = "sop_contact_requests.RequestSystray";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        this.title = useService("title");
        this.readCounters = latest(
            () => this.orm.silent.call("sop.contact.request", "get_counters", []),
            (counters) => Object.assign(this.counters, counters)
        );
        this.counters = useState({ new: 0, overdue: 0 });
        this.shown = false;
        this.refresh = () => this.load();
        this.ring = (reminder) => this.onReminder(reminder);
        // the bus repeats to a new page what it told before, which its counter has in it
        this.onBusNews = (news, { id }) => !(id <= session.sop_requests_heard) && this.onNews(news);
        onWillStart(async () => {
            this.shown = await user.hasGroup("sop_contact_requests.group_user");
            if (this.shown) {
                await this.load();
                this.bus.subscribe("sop_contact_requests/changed", this.refresh);
                this.bus.subscribe("sop_contact_requests/reminder", this.ring);
                this.bus.subscribe("sop_contact_requests/news", this.onBusNews);
            }
        });
        useBus(this.env.bus, "SOP-REQUESTS-CHANGED", this.refresh);
        onWillUnmount(() => {
            this.bus.unsubscribe("sop_contact_requests/changed", this.refresh);
            this.bus.unsubscribe("sop_contact_requests/reminder", this.ring);
            this.bus.unsubscribe("sop_contact_requests/news", this.onBusNews);
        });
    }

    async load() {
        await this.readCounters();
        this.title.setCounters({ sopRequests: this.counters.new || undefined });
    }

    open(filter) {
        this.action.doAction("sop_contact_requests.sop_contact_request_action", {
            additionalContext: { [`search_default_${filter}`]: 1 },
            clearBreadcrumbs: true,
        });
    }

    onNews({ listing }) {
        this.notification.add(listing || _t("A buyer wants to be advised."), {
            title: _t("New contact request"),
            type: "info",
            buttons: [{ name: _t("Open"), onClick: () => this.open("new") }],
        });
    }

    onReminder({ name, listing }) {
        this.notification.add(`${name} – ${listing}`, {
            title: _t("Reminder"),
            type: "warning",
            sticky: true,
            buttons: [{ name: _t("Open"), onClick: () => this.open("overdue") }],
        });
        return this.load();
    }
}

registry.category("systray").add("sop_contact_requests.systray", { Component: RequestSystray }, { sequence: 30 });
