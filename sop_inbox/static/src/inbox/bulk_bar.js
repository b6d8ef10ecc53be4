import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { serializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { snoozeChoices } from "./inbox_toolbar";
import { TagPicker } from "./tag_picker";

const CHUNK = 100;

/** What could not be done, conversation by conversation. */
export class BulkResultDialog extends Component {
    static template = "sop_inbox.BulkResultDialog";
    static components = { Dialog };
    static props = { close: Function, done: Number, failed: Array };
}

/** One operation on all chosen conversations, in slices, with progress and a list of what failed. */
export class BulkBar extends Component {
    static template = "sop_inbox.BulkBar";
    static components = { Dropdown, DropdownItem, TagPicker };
    static props = { root: Object, onDone: Function };

    setup() {
        this.orm = this.env.services.orm; // not the component's: a run goes on to its end when the bar is gone
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.progress = useState({ running: false, done: 0, total: 0 });
        this.agents = useState({ list: [] });
    }

    get count() {
        const { root } = this.props;
        return root.isDomainSelected ? root.count : root.selection.length;
    }
    get choices() {
        return snoozeChoices();
    }
    get percent() {
        return this.progress.total ? Math.round((100 * this.progress.done) / this.progress.total) : 0;
    }
    async loadAgents() {
        this.agents.list = await this.orm.call("sop.inbox.screen", "get_agents", [[]]);
    }
    snooze(at) {
        return this.run("snooze", serializeDateTime(at));
    }

    /** The last message of each customer that was known at the press, once for all slices: what comes later is not closed. */
    async readShown(ids) {
        const { root } = this.props;
        const rows = root.isDomainSelected
            ? await this.orm.searchRead("sop.conversation", [["id", "in", ids]], ["last_inbound_ref"])
            : root.selection.map(({ resId, data }) => ({ id: resId, last_inbound_ref: data.last_inbound_ref }));
        const shown = new Map(rows.map((row) => [row.id, row.last_inbound_ref]));
        return ids.map((id) => shown.get(id) || 0);
    }

    async run(operation, value = null) {
        const ids = await this.props.root.getResIds(true);
        const lastMessageIds = await this.readShown(ids);
        const failed = [];
        Object.assign(this.progress, { running: true, done: 0, total: ids.length });
        try {
            for (let start = 0; start < ids.length; start += CHUNK) {
                const slice = [start, start + CHUNK];
                const args = [ids.slice(...slice), operation, value, lastMessageIds.slice(...slice)];
                const results = await this.orm.call("sop.conversation", "action_bulk", args);
                failed.push(...results.filter((result) => !result.ok));
                this.progress.done += results.length;
            }
        } finally {
            this.progress.running = false;
        }
        this.notify(ids.length - failed.length, failed);
        this.props.root.records?.forEach((record) => record.toggleSelection(false));
        this.props.onDone();
    }

    notify(done, failed) {
        if (failed.length) {
            this.dialog.add(BulkResultDialog, { done, failed });
        } else {
            this.notification.add(_t("%s conversations changed", done), { type: "success" });
        }
    }
}
