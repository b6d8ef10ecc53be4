import { Component, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { channelIcon, formatExact, othersText } from "./inbox_format";
import { TagPicker } from "./tag_picker";

const { DateTime } = luxon;

/** When a snoozed conversation may come back. */
export function snoozeChoices(now = DateTime.now()) {
    const morning = (day) => day.set({ hour: 8, minute: 0, second: 0, millisecond: 0 });
    const monday = now.plus({ days: 8 - now.weekday });
    return [
        { id: "hour", label: _t("In 1 hour"), at: now.plus({ hours: 1 }) },
        { id: "three", label: _t("In 3 hours"), at: now.plus({ hours: 3 }) },
        { id: "tomorrow", label: _t("Tomorrow, 8 o'clock"), at: morning(now.plus({ days: 1 })) },
        { id: "monday", label: _t("Next Monday, 8 o'clock"), at: morning(monday) },
    ];
}

/** Above the chat: who it is, who has it, and what can be done with it. */
export class InboxToolbar extends Component {
    static template = "sop_inbox.InboxToolbar";
    static components = { Dropdown, DropdownItem, TagPicker };
    static props = { thread: Object, slots: { type: Object, optional: true } };

    setup() {
        this.inbox = useState(this.env.sopInbox.state);
        this.ui = useService("ui");
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.agents = useState({ list: [], text: "" });
        this.custom = useState({ at: "" });
        this.assignDropdown = useDropdownState();
        this.env.sopInbox.toolbar = {
            openTags: () => this.tagState.open(),
            openAssign: () => this.assignDropdown.open(),
        };
        this.tagState = useDropdownState();
    }

    get panel() {
        return this.inbox.panel || {};
    }
    get sign() {
        return channelIcon(this.panel.provider, this.panel.kind);
    }
    get choices() {
        return snoozeChoices();
    }
    get othersText() {
        return othersText(this.inbox.others[this.inbox.id] || []);
    }
    get snoozedLabel() {
        return this.panel.snoozed_until ? formatExact(this.panel.snoozed_until) : "";
    }
    get doneLabel() {
        return _t("Done by %(name)s, %(at)s", {
            name: this.panel.done_by,
            at: formatExact(this.panel.done_at),
        });
    }
    get visibleAgents() {
        const text = this.agents.text.toLowerCase();
        return this.agents.list.filter((agent) => agent.name.toLowerCase().includes(text));
    }

    async loadAgents() {
        this.agents.text = "";
        this.agents.list = await this.orm.call("sop.inbox.screen", "get_agents", [[this.inbox.id]]);
    }
    /** On a phone the menu holds what the bar has no room for. */
    async loadMore() {
        if (this.ui.isSmall) {
            await this.loadAgents();
        }
    }
    /** The address of this conversation, for a colleague: rights decide whether it opens for them. */
    async copyLink() {
        const link = `${browser.location.origin}/odoo/inbox?sop_conversation=${this.inbox.id}`;
        try {
            await browser.navigator.clipboard.writeText(link);
            this.notification.add(_t("Link copied"), { type: "success" });
        } catch {
            this.notification.add(link, { title: _t("Link"), sticky: true }); // the browser keeps its clipboard to itself
        }
    }
    act(method, args = []) {
        return this.env.sopInbox.act(method, args);
    }
    snooze(at) {
        return this.act("action_snooze", [serializeDateTime(at)]);
    }
    snoozeCustom() {
        const at = DateTime.fromISO(this.custom.at);
        if (at.isValid) {
            this.snooze(at);
        }
    }
}
