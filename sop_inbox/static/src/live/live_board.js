import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { formatCurrency } from "@web/core/currency";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { latest } from "@sop_pipeline/core/latest";
import { spaced } from "@sop_pipeline/core/phone";

import { useIgnoreWhenGone } from "../inbox/ignore_when_gone";

const STATES = {
    won: { label: _t("Sold"), badge: "text-bg-success" },
    waiting: { label: _t("Waiting list"), badge: "text-bg-warning" },
    asked: { label: _t("Which one?"), badge: "text-bg-info" },
    dropped: { label: _t("Dropped"), badge: "text-bg-light" },
};
const PACE = 700; // ms between two readings while many comments come

/** A livestream while it sells: counters, what is left of each code, and who asked, the latest first. It follows by itself. */
export class LiveBoard extends Component {
    static template = "sop_inbox.LiveBoard";
    static components = { ControlPanel, Dropdown, DropdownItem };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.bus = useService("bus_service");
        this.ignoreWhenGone = useIgnoreWhenGone();
        this.display = { layoutActions: true };
        this.sessionId = this.props.resId || this.props.action.context.active_id;
        this.readBoard = latest(
            () => this.orm.silent.call("sop.live.session", "get_board", [[this.sessionId], this.state.filter]),
            (board) => (this.state.board = board)
        );
        this.state = useState({ board: null, filter: false, busy: false });
        this.onChange = ({ id }) => id === this.sessionId && this.schedule();
        this.onReconnect = () => this.schedule();
        onWillStart(() => this.open());
        this.bus.subscribe("sop_inbox/live", this.onChange);
        this.bus.addEventListener("BUS:RECONNECT", this.onReconnect);
        onWillDestroy(() => {
            this.bus.unsubscribe("sop_inbox/live", this.onChange);
            this.bus.removeEventListener("BUS:RECONNECT", this.onReconnect);
            browser.clearTimeout(this.timer);
        });
    }

    get board() {
        return this.state.board;
    }
    get counters() {
        const { customers, pieces, wishes, orders, confirmed, amount, currency_id } = this.board.counters;
        return [
            { code: "customers", label: _t("Customers"), value: customers, icon: "fa-users" },
            { code: "won", label: _t("Quantity sold"), value: pieces.won || 0, icon: "fa-check" },
            { code: "waiting", label: _t("Waitlisted quantity"), value: pieces.waiting || 0, icon: "fa-hourglass-half" },
            { code: "asked", label: _t("To be asked"), value: wishes.asked || 0, icon: "fa-question" },
            { code: "orders", label: _t("Orders confirmed"), value: `${confirmed} / ${orders}`, icon: "fa-shopping-cart" },
            { code: "amount", label: _t("Value"), value: formatCurrency(amount, currency_id), icon: "fa-money" },
        ];
    }
    get filters() {
        const wishes = this.board.counters.wishes;
        const all = Object.values(wishes).reduce((sum, count) => sum + count, 0);
        return [
            { code: false, label: _t("All"), count: all },
            ...Object.entries(STATES).map(([code, { label }]) => ({ code, label, count: wishes[code] || 0 })),
        ].filter(({ code, count }) => count || !code || code === this.state.filter);
    }
    number(claim) {
        return spaced(claim.phone);
    }

    status(claim) {
        return STATES[claim.state];
    }
    time(claim) {
        return formatDateTime(deserializeDateTime(claim.at), { format: "HH:mm:ss" });
    }
    price(item) {
        return formatCurrency(item.price, this.board.counters.currency_id);
    }
    variants(claim) {
        return this.board.items.find((item) => item.id === claim.item_id)?.variants || [];
    }

    /** The address names the livestream, so that F5 and a link lead here; without one there is the list of them. */
    async open() {
        if (!this.sessionId) {
            return this.action.doAction("sop_inbox.sop_live_session_action", { clearBreadcrumbs: true });
        }
        this.props.updateActionState({ resId: this.sessionId, active_id: false });
        await this.load();
        this.env.config.setDisplayName(this.board.title);
    }
    async load() {
        try {
            await this.readBoard();
        } catch (error) {
            if (!this.board) {
                throw error;
            }
            this.ignoreWhenGone(error);
        } finally {
            this.lastLoad = Date.now();
        }
    }
    show(filter) {
        this.state.filter = filter;
        return this.load();
    }
    schedule() {
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.load(), Math.max(50, (this.lastLoad || 0) + PACE - Date.now()));
    }
    async act(model, method, args) {
        this.state.busy = true;
        try {
            await this.orm.call(model, method, args);
            await this.load();
        } finally {
            this.state.busy = false;
        }
    }
    start() {
        return this.act("sop.live.session", "action_start", [[this.sessionId]]);
    }
    giveOut() {
        return this.act("sop.live.session", "action_give_out", [[this.sessionId]]);
    }
    close() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("End the livestream?"),
            body: _t("No more comments are read. Orders stay as they are, and it can be started again."),
            confirmLabel: _t("End"),
            confirm: () => this.act("sop.live.session", "action_close", [[this.sessionId]]),
            cancel: () => {},
        });
    }
    drop(claim) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Cancel this request?"),
            body: _t("%(customer)s does not get %(code)s; the next one waiting does.", claim),
            confirmLabel: _t("Drop"),
            confirm: () => this.act("sop.live.claim", "action_drop", [[claim.id]]),
            cancel: () => {},
        });
    }
    choose(claim, variant) {
        return this.act("sop.live.claim", "action_choose", [[claim.id], variant.id]);
    }
    openForm() {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: "sop.live.session", res_id: this.sessionId, views: [[false, "form"]] });
    }
    openOrders() {
        return this.action.doActionButton({ type: "object", name: "action_open_orders", resModel: "sop.live.session", resId: this.sessionId });
    }
    openOrder(claim) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: "sale.order", res_id: claim.order.id, views: [[false, "form"]] });
    }
    openChat(claim) {
        return this.action.doAction("sop_inbox.sop_conversation_action", { additionalContext: { sop_conversation_id: claim.conversation_id } });
    }
}

registry.category("actions").add("sop_inbox.live_board", LiveBoard);
