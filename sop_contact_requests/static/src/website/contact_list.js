import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { Interaction } from "@web/public/interaction";

import { ringReminders } from "./seller_bell";

const POLL_SECONDS = 15;

/** The seller's page: each change is saved where it is made; new requests come by themselves. */
export class ContactList extends Interaction {
    static selector = ".o_sop_requests";
    // Rows arrive later too: the list listens, not each row.
    dynamicContent = {
        _root: { "t-on-click": this.onClick, "t-on-change": this.onChange, "t-on-focusout": this.onLeave },
        _window: { "t-on-beforeunload": this.onUnload },
    };

    setup() {
        this.busy = new WeakSet();
        this.queues = new Map(); // row -> its changes on their way
        this.sent = 0; // changes sent and answered so far, so that what was read before the last one is known as old
        this.clicks = {
            ".o_sop_reveal": this.onReveal,
            ".o_sop_preset": (el) => this.setReminder(el, el.dataset.when),
            ".o_sop_when_set": this.onWhen,
            ".o_sop_clear": (el) => this.setReminder(el, false),
            ".o_sop_lead": this.onLead,
            ".o_sop_copy": this.onCopy,
            ".o_sop_pill": this.onPill,
        };
        this.changes = { ".o_sop_state": this.onState, ".o_sop_note": this.onNote };
    }

    start() {
        // what was changed before this was at work
        this.el.querySelectorAll(".o_sop_note").forEach((note) => this.isUntold(note) && this.onNote(note));
        this.el.querySelectorAll(".o_sop_state").forEach((select) => select.selectedOptions[0].defaultSelected || this.onState(select));
        const polling = setInterval(() => this.poll(), POLL_SECONDS * 1000);
        this.registerCleanup(() => clearInterval(polling));
        // what rang while nobody looked, and what comes while somebody does
        const look = () => document.hidden || this.poll();
        document.addEventListener("visibilitychange", look);
        document.addEventListener("sop-requests-news", look);
        this.registerCleanup(() => {
            document.removeEventListener("visibilitychange", look);
            document.removeEventListener("sop-requests-news", look);
        });
        this.title = document.title;
        this.showInTitle(Number(this.el.querySelector(".o_sop_count_new .o_sop_number")?.textContent) || 0);
    }

    /** A second press while the first is on its way does nothing. */
    async onClick(ev) {
        for (const [selector, handler] of Object.entries(this.clicks)) {
            const el = ev.target.closest(selector);
            if (el && !this.busy.has(el)) {
                this.busy.add(el);
                try {
                    await handler.call(this, el);
                } finally {
                    this.busy.delete(el);
                }
            }
        }
    }

    onChange(ev) {
        for (const [selector, handler] of Object.entries(this.changes)) {
            if (ev.target.matches(selector)) {
                handler.call(this, ev.target);
            }
        }
    }

    /** A note that could not be saved is tried again when it is left. */
    onLeave(ev) {
        if (ev.target.matches(".o_sop_note.is-invalid")) {
            this.onNote(ev.target);
        }
    }

    isUntold(note) {
        return note.classList.contains("is-invalid") || note.value !== note.defaultValue.replace(/\r\n?/g, "\n");
    }

    /** The browser asks before it leaves what has not been saved yet. */
    onUnload(ev) {
        const waits = [...this.queues.values()].some(({ pending }) => pending > 1); // the first is on its way
        if (waits || [...this.el.querySelectorAll(".o_sop_note")].some(this.isUntold)) {
            ev.preventDefault();
        }
    }

    row(el) {
        return el.closest(".o_sop_row");
    }

    /** Calls the server about one row, one change after another, so that the last one stays; says in words what went wrong. */
    async call(row, action, params = {}) {
        const queue = this.queues.get(row) || { mutex: new Mutex(), pending: 0 };
        this.queues.set(row, queue);
        queue.pending++;
        this.sent++;
        try {
            const send = () => rpc(`/my/contact-requests/${row.dataset.id}/${action}`, params);
            const result = await this.waitFor(queue.mutex.exec(send));
            if (queue.pending === 1) {
                this.refresh(row, result);
            }
            this.count(result.counts);
            return result;
        } catch (error) {
            this.services.notification.add(error.data?.message || _t("The server cannot be reached. Please try again."), {
                type: "danger",
            });
            return null;
        } finally {
            queue.pending--;
            this.sent++;
        }
    }

    refresh(row, cells) {
        row.classList.toggle("o_sop_new", cells.is_new);
        row.classList.toggle("o_sop_overdue", cells.is_overdue);
        const select = row.querySelector(".o_sop_state");
        select.value = cells.state;
        select.className = `form-select form-select-sm o_sop_state o_sop_state_${cells.state}`;
    }

    count(counts) {
        for (const name of ["new", "overdue"]) {
            const badge = this.el.querySelector(`.o_sop_count_${name}`);
            badge.querySelector(".o_sop_number").textContent = counts[name];
            badge.classList.toggle("d-none", !counts[name]);
        }
        for (const badge of document.querySelectorAll(".o_sop_new_count")) {
            badge.textContent = counts.new || "";
        }
        this.showInTitle(counts.new);
    }

    showInTitle(count) {
        document.title = count ? `(${count}) ${this.title}` : this.title;
    }

    flash(el) {
        el.classList.add("o_sop_saved");
        this.waitForTimeout(() => el.classList.remove("o_sop_saved"), 900);
    }

    async onReveal(el) {
        const row = this.row(el);
        const result = await this.call(row, "reveal");
        if (!result) {
            return;
        }
        const cell = row.querySelector(".o_sop_phone");
        const link = document.createElement("a");
        link.href = `tel:${result.phone}`;
        link.className = "btn btn-sm btn-success o_sop_number_link";
        const icon = document.createElement("i");
        icon.className = "fa fa-phone me-1";
        link.append(icon, result.phone.replace(/^\+84(\d{3})(\d{3})(\d{3})$/, "0$1 $2 $3"));
        const copy = document.createElement("button");
        copy.type = "button";
        copy.className = "btn btn-sm btn-light border ms-1 o_sop_copy";
        copy.title = copy.ariaLabel = _t("Copy");
        copy.dataset.phone = result.phone;
        copy.innerHTML = '<i class="fa fa-copy"></i>';
        cell.replaceChildren(link, copy);
        const message = row.querySelector(".o_sop_message");
        if (message) {
            message.textContent = result.message;
        }
    }

    async onCopy(el) {
        await navigator.clipboard?.writeText(el.dataset.phone);
        this.services.notification.add(_t("Number copied"), { type: "success" });
    }

    async onState(select) {
        const [, before] = select.className.match(/o_sop_state_(\w+)/);
        if (await this.call(this.row(select), "state", { value: select.value })) {
            this.flash(select);
        } else {
            select.value = before;
        }
    }

    /** What could not be saved stays in the box, marked. */
    async onNote(note) {
        const value = note.value;
        note.defaultValue = value;
        const saved = await this.call(this.row(note), "note", { value });
        note.classList.toggle("is-invalid", !saved);
        if (saved && note.value === value && saved.note !== value.trim()) {
            note.value = note.defaultValue = saved.note; // the buyer's number is hidden in it
        }
        if (saved) {
            this.flash(note);
        }
    }

    onWhen(el) {
        const input = this.row(el).querySelector(".o_sop_when");
        if (isNaN(new Date(input.value))) {
            input.classList.add("is-invalid");
            return;
        }
        input.classList.remove("is-invalid");
        // as typed: the page's times are those of the seller's calendar, wherever this computer is
        return this.setReminder(el, input.value.slice(0, 16));
    }

    async setReminder(el, value) {
        const row = this.row(el);
        const result = await this.call(row, "reminder", { value });
        if (result) {
            row.querySelector(".o_sop_reminder_slot").innerHTML = result.reminder;
            row.querySelector(".o_sop_clear").classList.toggle("d-none", !value);
            window.Dropdown?.getInstance(row.querySelector(".o_sop_clock"))?.hide();
        }
    }

    async onLead(button) {
        if (await this.call(this.row(button), "lead")) {
            button.disabled = true;
            button.classList.add("active");
            button.querySelector("i").className = "fa fa-star text-warning";
            this.services.notification.add(_t("The opportunity is created."), { type: "success" });
        }
    }

    /** Light: nothing while the page is hidden, nothing but counters when nothing came. */
    async poll() {
        if (document.hidden || !this.el.isConnected) {
            return;
        }
        const rows = this.el.querySelector(".o_sop_rows");
        const { sent } = this;
        let result;
        try {
            result = await rpc(
                "/my/contact-requests/poll",
                {
                    filters: JSON.parse(this.el.dataset.filters),
                    shown: [...rows.querySelectorAll(".o_sop_row")].map((row) => Number(row.dataset.id)),
                    after: this.el.dataset.live ? rows.querySelector(".o_sop_row")?.dataset.key || "" : "9999-01-01T00:00:00_1",
                },
                { silent: true }
            );
        } catch {
            return; // offline for a moment: the next poll catches up
        }
        this.ring(result.reminders);
        const current = sent === this.sent;
        if (current) {
            this.count(result.counts);
        }
        for (const [id, cells] of current ? Object.entries(result.cells) : []) {
            const row = rows.querySelector(`.o_sop_row[data-id="${id}"]`);
            // what is being chosen at this moment is not taken from under the hand
            if (row && !this.queues.get(row)?.pending && !row.contains(document.activeElement)) {
                this.refresh(row, cells);
            }
            if (row && cells.withdrawn) {
                this.hideNumber(row, cells.withdrawn);
            }
        }
        if (result.rows) {
            const holder = document.createElement("div");
            holder.innerHTML = result.rows;
            const fresh = [...holder.querySelectorAll(".o_sop_row")].filter(
                (row) => !rows.querySelector(`.o_sop_row[data-id="${row.dataset.id}"]`)
            );
            const again = [...holder.querySelectorAll(".o_sop_row")].filter((row) => !fresh.includes(row));
            this.moveUp(again, rows);
            fresh.forEach((row) => row.classList.add("o_sop_arrived"));
            rows.prepend(...fresh);
            this.tell(fresh.length);
            this.el.querySelector(".o_sop_list").classList.remove("d-none");
            this.el.querySelector(".o_sop_empty")?.remove();
        }
    }

    /** The buyer took the number back: it goes from the open page too. */
    hideNumber(row, words) {
        const told = document.createElement("span");
        told.className = "small text-muted o_sop_withdrawn";
        told.textContent = words;
        row.querySelector(".o_sop_phone").replaceChildren(told);
    }

    /** Who asked again stands at the top again, unless somebody works on the row at this moment. */
    moveUp(again, rows) {
        for (const row of again.reverse()) {
            const old = rows.querySelector(`.o_sop_row[data-id="${row.dataset.id}"]`);
            if (!this.queues.get(old)?.pending && !old.contains(document.activeElement) && rows.firstElementChild !== old) {
                old.remove();
                rows.prepend(row);
            }
        }
    }

    /** A row that came by itself is told where one looks, however far down the page. */
    tell(count) {
        const slot = this.el.querySelector(".o_sop_pill_slot");
        if (!slot || !count) {
            return;
        }
        const sum = count + (Number(slot.dataset.count) || 0);
        slot.dataset.count = sum;
        const pill = document.createElement("button");
        pill.type = "button";
        pill.className = "btn btn-primary rounded-pill shadow o_sop_pill";
        pill.textContent = sum === 1 ? _t("1 new request") : _t("%s new requests", sum);
        slot.replaceChildren(pill);
    }

    onPill() {
        const slot = this.el.querySelector(".o_sop_pill_slot");
        slot.dataset.count = 0;
        slot.replaceChildren();
        this.el.scrollIntoView({ block: "start" });
        this.el.querySelector(".o_sop_row .o_sop_reveal")?.focus();
    }

    ring(reminders) {
        ringReminders(reminders, this.services.notification);
    }
}

registry.category("public.interactions").add("sop_contact_requests.contact_list", ContactList);
