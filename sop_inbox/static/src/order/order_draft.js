import { Component, reactive, status, useComponent, useState } from "@odoo/owl";

import { Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";

const CUSTOMER_FIELDS = ["name", "phone", "email", "street", "city", "state_id"];
const PLACE = ["city", "state_id"];

const isEmpty = (values) => !Object.keys(values).length;

/**
 * The draft order of a conversation, as the form shows it. It holds nothing of its own but what is being typed:
 * every change goes to the server, one after the other, and the whole order comes back.
 */
export class OrderDraft {
    /**
     * @param {number} id of the conversation
     * @param {Object} env
     * @param {Object} services ``orm`` answers no more once the form is left; ``notification``
     * @param {() => boolean} isLeft whether the form has been left
     */
    constructor(id, env, { orm, notification }, isLeft) {
        Object.assign(this, { id, env, orm, notification, isLeft });
        this.mutex = new Mutex();
        this.changes = 0; // so that what was read before the last one is known as old
        this.refusals = 0;
        this.state = reactive({
            form: null,
            order: false,
            customer: {},
            quotes: null,
            error: "",
            busy: false,
            typed: {}, // box -> what is being typed or sent
        });
    }

    // === READ ===

    async load() {
        const form = await this.orm.call("sop.order.form", "get_order_form", [[this.id]]);
        this.apply(form);
        this.state.form = form;
    }

    /** Show what the server knows, but for what is typed of the customer; ``kept`` is what was typed that this is the answer to. */
    apply({ order, customer }, kept = {}) {
        const { customer: shown } = this.state;
        const open = this.typedOfCustomer;
        const typed = CUSTOMER_FIELDS.filter((name) => (name in kept ? kept[name] !== shown[name] : name in open));
        this.state.order = order;
        this.saved = { ...customer };
        this.state.customer = { ...customer, ...Object.fromEntries(typed.map((name) => [name, shown[name]])) };
    }

    /** Stock and a colleague's changes, quietly, while nothing of ours is under way. */
    async refresh() {
        if (document.hidden || this.state.busy) {
            return;
        }
        const { changes } = this;
        const form = await this.orm.silent.call("sop.order.form", "get_order_form", [[this.id]]).catch(() => false);
        if (form && changes === this.changes) {
            this.apply(form);
            Object.assign(this.state.form, form);
        }
    }

    /** What a step of the order's life left: the form, the chat and the list show it, and what was refused stays said. */
    async reload() {
        await this.load();
        this.state.quotes = null;
        this.env.sopInbox.refresh();
        this.env.sopInbox.reload();
    }

    // === CHANGE ===

    /** Run one change after the other; what the server refuses is said in the form and changes nothing. */
    change(vals) {
        return this.guard(async () => this.apply(await this.call("action_update_order", vals)));
    }

    /** Call the server in its turn: what was done here is sent also when the form has been left for another chat by then. */
    call(method, ...args) {
        return this.env.services.orm.call("sop.order.form", method, [[this.id], ...args]);
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
                this.refusals++;
                this.state.error = error.data.message;
                if (this.isLeft()) {
                    this.notification.add(error.data.message, { type: "danger" });
                }
                return false;
            } finally {
                this.state.busy = false;
            }
        });
        return this.isLeft() ? new Promise(() => {}) : done; // as of core's services: nothing goes on when the screen was left
    }

    /** Another weight may be another fee: ask again, unless a person set it. */
    async afterLines() {
        this.state.quotes = null;
        const { order } = this.state;
        if (order?.carrier && order.fee_stale && order.lines.length) {
            await this.change({ carrier_id: order.carrier.id });
        }
    }

    /** Drop a draft, or cancel an order and notify the customer. */
    async cancel(order, notify) {
        await this.guard(() => this.call("action_cancel_order", order.id, notify));
        await this.reload();
    }

    // === THE CUSTOMER ===

    /** What is typed of the customer and not kept yet, by field; a ward is one with its province. */
    get typedOfCustomer() {
        const { customer } = this.state;
        const isTyped = (name) => (customer[name] || "") !== (this.saved[name] || "");
        const names = this.saved ? CUSTOMER_FIELDS.filter((name) => isTyped(name) || (PLACE.includes(name) && PLACE.some(isTyped))) : [];
        return Object.fromEntries(names.map((name) => [name, customer[name]]));
    }

    /**
     * What was typed of the customer is kept before anything else is done with the order; what others changed meanwhile stays.
     *
     * @returns {Promise<boolean>} whether it is kept: what the server refused stays typed, and is sent the next time
     */
    async saveCustomer() {
        const asked = this.typedOfCustomer;
        if (isEmpty(asked)) {
            return true;
        }
        let customer = {};
        const done = await this.guard(async () => {
            const open = this.typedOfCustomer; // without what the change before this one has kept
            customer = Object.fromEntries(Object.entries(asked).filter(([name]) => name in open));
            if (!isEmpty(customer)) {
                this.apply(await this.call("action_update_order", { customer }), customer);
            }
        });
        if (done && !isEmpty(customer)) {
            this.env.sopInbox.refresh();
        }
        return done;
    }

    // === BOXES ===

    /** A box is left: its text stays shown until the server has answered to it, unless other text was typed meanwhile. */
    async leaveBox(box, send) {
        const { typed } = this.state;
        const text = typed[box];
        await send(text);
        if (typed[box] === text) {
            delete typed[box];
        }
    }
}

/** Make the draft of a form; the calling component is the form. */
export function useNewOrderDraft(id) {
    const component = useComponent();
    const services = { orm: useService("orm"), notification: useService("notification") };
    return new OrderDraft(id, component.env, services, () => status(component) === "destroyed");
}

/** A part of the form, drawn again when what it reads of the draft changes. */
export class OrderPart extends Component {
    static props = {};

    setup() {
        this.draft = this.env.orderDraft;
        this.state = useState(this.draft.state);
    }
    get order() {
        return this.state.order;
    }
    get totals() {
        return this.state.order?.totals;
    }
    money(amount, currencyId) {
        return formatMonetary(amount, { currencyId: currencyId || this.order?.currency_id || this.state.form.currency_id });
    }
}
