import { Component, onWillStart, onWillUnmount, status, useRef, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { formatMonetary } from "@web/views/fields/formatters";

import { panelRegistry } from "../panel/customer_panel";

const STOCK_EVERY = 20000; // ms between two looks at the stock while the form is open
const CUSTOMER_FIELDS = ["name", "phone", "email", "street", "city", "state_id"];

/**
 * The order form beside the chat. It holds nothing of its own but what is being typed: every change goes to
 * the draft order of the conversation, one after the other, and the whole order comes back.
 */
export class OrderTab extends Component {
    static template = "sop_inbox.OrderTab";
    static props = { panel: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.mutex = new Mutex();
        this.changes = 0; // so that what was read before the last one is known as old
        this.block = useRef("customer");
        this.state = useState({
            form: null,
            order: false,
            customer: {},
            editing: false,
            text: "",
            products: [],
            picking: false,
            quotes: null,
            quoting: false,
            code: "",
            error: "",
            busy: false,
            openLine: false,
        });
        this.typed = useState({}); // box -> what is being typed or sent
        this.searchSoon = useDebounced(() => this.search(), 250);
        onWillStart(() => this.load());
        this.timer = browser.setInterval(() => this.refresh(), STOCK_EVERY);
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    get id() {
        return this.props.panel.id;
    }
    get isLeft() {
        return status(this) === "destroyed";
    }
    get totals() {
        return this.state.order?.totals;
    }
    /** What the shop keeps or adds when the customer pays another fee than the carrier asks. */
    get feeGain() {
        const { order } = this.state;
        return order?.carrier ? order.totals.shipping - order.carrier_cost : 0;
    }
    get address() {
        const { street, city, state_id } = this.state.customer;
        const province = this.state.form.provinces.find((item) => item.id === state_id)?.name;
        return [street, city, province].filter(Boolean).join(", ");
    }
    get canConfirm() {
        return Boolean(this.state.order?.lines.length) && !this.state.busy;
    }

    money(amount, currencyId) {
        return formatMonetary(amount, { currencyId: currencyId || this.state.order?.currency_id || this.state.form.currency_id });
    }
    stockOf(product) {
        return product.stock.map((row) => ({ ...row, low: row.free !== null && row.free <= 0 }));
    }

    // === READ ===

    async load() {
        const form = await this.orm.call("sop.conversation", "get_order_form", [[this.id]]);
        this.apply(form);
        this.state.form = form;
        this.state.editing = !form.customer.id || !form.customer.phone || !form.customer.street;
    }

    apply({ order, customer }) {
        this.state.order = order;
        if (!this.dirty) {
            this.state.customer = { ...customer };
            this.saved = { ...customer };
        }
    }

    /** Stock and a colleague's changes, quietly, while nothing of ours is under way. */
    async refresh() {
        if (document.hidden || this.state.busy) {
            return;
        }
        const changes = this.changes;
        const form = await this.orm.silent.call("sop.conversation", "get_order_form", [[this.id]]).catch(() => false);
        if (form && changes === this.changes) {
            this.apply(form);
            Object.assign(this.state.form, form);
        }
    }

    // === CHANGE ===

    get dirty() {
        return Boolean(this.saved) && CUSTOMER_FIELDS.some((name) => (this.state.customer[name] || "") !== (this.saved[name] || ""));
    }

    /** Run one change after the other; what the server refuses is said in the form and changes nothing. */
    change(vals) {
        return this.guard(async () => this.apply(await this.call("action_update_order", vals)));
    }

    /** Call the server in its turn: what was done here is sent also when the form has been left for another chat by then. */
    call(method, ...args) {
        return this.env.services.orm.call("sop.conversation", method, [[this.id], ...args]);
    }

    async guard(run) {
        const done = await this.mutex.exec(async () => {
            this.changes++;
            Object.assign(this.state, { busy: true, error: "" });
            try {
                await run();
                return true;
            } catch (error) {
                if (!error.data?.message) {
                    throw error;
                }
                this.state.error = error.data.message;
                if (this.isLeft) {
                    this.notification.add(error.data.message, { type: "danger" });
                }
                return false;
            } finally {
                this.state.busy = false;
            }
        });
        return this.isLeft ? new Promise(() => {}) : done; // as of core's services: nothing goes on where nobody looks
    }

    /** What is typed stays in its box, whatever is drawn meanwhile, until the server has answered to it. */
    shown(box, value) {
        return this.typed[box] ?? value;
    }
    async leaveBox(box, send) {
        const text = this.typed[box];
        await send(text);
        if (this.typed[box] === text) {
            delete this.typed[box];
        }
    }

    parseId(value) {
        return Number(value) || false;
    }
    onCustomerInput(name, value) {
        this.state.customer[name] = value;
    }
    /** Left the block of the customer: keep what was typed. */
    onCustomerFocusOut(ev) {
        if (!this.block.el?.contains(ev.relatedTarget)) {
            this.saveCustomer();
        }
    }
    async saveCustomer() {
        if (!this.dirty) {
            return;
        }
        const customer = Object.fromEntries(CUSTOMER_FIELDS.map((name) => [name, this.state.customer[name]]));
        this.saved = { ...this.state.customer };
        if (await this.change({ customer })) {
            this.env.sopInbox.refresh();
        }
    }
    async closeCustomer() {
        await this.saveCustomer();
        this.state.editing = false;
    }

    async addProduct(product) {
        await this.saveCustomer();
        if (await this.change({ add: { product_id: product.id, qty: 1 } })) {
            Object.assign(this.state, { picking: false, text: "" });
            this.afterLines();
        }
    }
    quantity(text) {
        return Number(String(text).replace(",", "."));
    }
    /** One more or less than what is shown: quick presses add up. */
    step(line, by) {
        const box = `qty${line.id}`;
        this.typed[box] = String(this.quantity(this.shown(box, line.qty)) + by);
        return this.leaveBox(box, (text) => this.setQuantity(line, text));
    }
    async setQuantity(line, value) {
        const qty = this.quantity(value);
        if (qty === line.qty && !this.state.busy) {
            return;
        }
        if (qty <= 0) {
            return this.removeLine(line);
        }
        if (await this.change({ line: { id: line.id, qty } })) {
            this.afterLines();
        }
    }
    async removeLine(line) {
        if (await this.change({ remove: line.id })) {
            this.afterLines();
        }
    }
    setDiscount(line, value) {
        return this.change({ line: { id: line.id, discount: Number(value) || 0 } });
    }
    setLineNote(line, value) {
        return this.change({ line: { id: line.id, note: value } });
    }
    /** Another weight may be another fee: ask again, unless a person set it. */
    async afterLines() {
        this.state.quotes = null;
        const { order } = this.state;
        if (order?.carrier && order.fee_stale && order.lines.length) {
            await this.change({ carrier_id: order.carrier.id });
        }
    }

    async applyCode() {
        if (this.state.code.trim() && (await this.change({ promo_code: this.state.code.trim() }))) {
            this.state.code = "";
        }
    }
    setOrderDiscount(value) {
        return this.change({ discount: this.number(value) });
    }
    setPayment(payment) {
        return this.change({ payment });
    }
    setNote(value) {
        return this.change({ note: value });
    }
    setWarehouse(value) {
        return this.change({ warehouse_id: Number(value) });
    }
    /** Amounts as people type them: 25.000, 25,000 or 25000. */
    number(value) {
        return Number(String(value).replace(/[^\d]/g, "")) || 0;
    }

    // === PRODUCTS ===

    async openPicker() {
        this.state.picking = true;
        if (!this.state.products.length || !this.state.text) {
            await this.search();
        }
    }
    async search() {
        const text = this.state.text;
        const products = await this.orm.silent.call("sop.conversation", "search_order_products", [[this.id], text]);
        if (text === this.state.text) {
            this.state.products = products;
        }
    }
    onSearchKeydown(ev) {
        if (ev.key === "Enter" && this.state.products.length === 1) {
            this.addProduct(this.state.products[0]);
        } else if (ev.key === "Escape") {
            this.state.picking = false;
        }
        ev.stopPropagation();
    }

    // === SHIPPING ===

    async quote() {
        await this.saveCustomer();
        this.state.quoting = true;
        await this.guard(async () => {
            this.state.quotes = await this.call("get_shipping_quotes");
        });
        this.state.quoting = false;
    }
    async chooseCarrier(quote) {
        if (quote.ok && (await this.change({ carrier_id: quote.id }))) {
            this.state.quotes = null;
        }
    }
    setFee(value) {
        const { carrier } = this.state.order;
        return this.change({ carrier_id: carrier.id, fee: this.number(value) });
    }
    dropCarrier() {
        return this.change({ carrier_id: false });
    }
    days(quote) {
        if (!quote.days) {
            return "";
        }
        return quote.days < 1 ? _t("%(hours)s hours", { hours: Math.round(quote.days * 24) }) : _t("%(days)s days", { days: quote.days });
    }

    // === THE END ===

    async confirm() {
        if (!this.canConfirm) {
            return;
        }
        await this.saveCustomer();
        const { id, name, totals } = this.state.order;
        const done = await this.guard(() => this.call("action_confirm_order", id, totals.total));
        if (!done) {
            // what was refused may be a code that has run out: the form shows the order as it is now
            await this.orm.call("sop.conversation", "action_update_order", [[this.id], { promotions: true }]).catch(() => {});
        }
        await this.reloadAfter();
        if (done) {
            this.notification.add(_t("Order %(name)s is made; the receipt is in the chat.", { name }), { type: "success" });
            this.env.sopInbox.showPane("thread");
        }
    }
    async sendQuotation() {
        await this.guard(() => this.call("action_send_quotation", this.state.order.id));
        await this.reloadAfter();
    }
    dropDraft() {
        return this.cancel(this.state.order, false);
    }
    cancelOrder(order) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Cancel order %(name)s?", { name: order.name }),
            body: _t("Its goods are free for others again, and the customer is told in the chat."),
            confirmLabel: _t("Cancel the order"),
            confirm: () => this.cancel(order, true),
            cancelLabel: _t("Keep it"),
            cancel: () => {},
        });
    }
    async cancel(order, tell) {
        await this.guard(() => this.call("action_cancel_order", order.id, tell));
        await this.reloadAfter();
    }
    async sendReceipt(order) {
        if (await this.guard(() => this.call("action_send_receipt", order.id))) {
            this.notification.add(_t("The receipt was sent again."), { type: "success" });
        }
    }
    async reloadAfter() {
        const error = this.state.error;
        const form = await this.orm.call("sop.conversation", "get_order_form", [[this.id]]);
        this.apply(form);
        Object.assign(this.state, { form, quotes: null, error });
        this.env.sopInbox.refresh();
        this.env.sopInbox.reload();
    }
    openOrder(id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: "sale.order", res_id: id, views: [[false, "form"]] });
    }
}

panelRegistry.add("order", { title: _t("Create order"), icon: "fa-shopping-cart", component: OrderTab, sequence: 20 });
