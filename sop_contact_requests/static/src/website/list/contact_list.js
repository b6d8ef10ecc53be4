import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

import { copyText } from "../clipboard";
import { ringReminders } from "../seller_bell";
import { Arrivals } from "./arrivals";
import { Counters } from "./counters";
import { isUnsaved, keepSeen, seenNote } from "./note";
import { RowCalls } from "./row_calls";
import { isChanged, keepChoice, refreshRow, showLead, showNumber, showReminder, takeBack } from "./row_view";
import { openAgain } from "./speak";

const POLL_SECONDS = 15;
const TO_READ = 20_000; // ms: what refuses a note has the other note in it

/** The seller's page: each change is saved where it is made; new requests come by themselves. */
export class ContactList extends Interaction {
    static selector = ".o_sop_requests";
    // Rows arrive later too: the list listens, not each row.
    dynamicContent = {
        _root: { "t-on-click": this.onClick, "t-on-change": this.onChange, "t-on-focusout": this.onLeave },
        _window: { "t-on-beforeunload": this.onUnload },
        _document: { "t-on-visibilitychange": this.look, "t-on-sop-requests-news": this.look },
    };

    setup() {
        this.busy = new WeakSet();
        this.calls = new RowCalls();
        this.counters = new Counters(this.el);
        this.arrivals = new Arrivals(this.el, this.calls, {
            count: (counts) => this.counters.show(counts),
            ring: (reminders) => ringReminders(reminders, this.services.notification),
        });
        this.clicks = {
            ".o_sop_reveal": this.onReveal,
            ".o_sop_preset": (el) => this.setReminder(el, el.dataset.when),
            ".o_sop_when_set": this.onWhen,
            ".o_sop_clear": (el) => this.setReminder(el, false),
            ".o_sop_lead": this.onLead,
            ".o_sop_copy": this.onCopy,
            ".o_sop_pill": () => this.arrivals.show(),
            ".o_sop_speak": this.onSpeak,
        };
        this.changes = {
            ".o_sop_state": (select) => this.onPick(select, "state", select.value),
            ".o_sop_outcome": (select) => this.onPick(select, "outcome", select.value || false),
            ".o_sop_owner": (select) => (select.value ? this.onPick(select, "hand", Number(select.value)) : takeBack(select)),
            ".o_sop_note": this.onNote,
        };
    }

    start() {
        // what was changed before this was at work
        this.el.querySelectorAll(".o_sop_note").forEach((note) => isUnsaved(note) && this.onNote(note));
        for (const select of this.el.querySelectorAll(".o_sop_state, .o_sop_outcome, .o_sop_owner")) {
            isChanged(select) && this.onChange({ target: select });
        }
        const polling = setInterval(() => this.look(), POLL_SECONDS * 1000);
        this.registerCleanup(() => clearInterval(polling));
    }

    /** What came and what rang, also while the page was in the background. */
    look() {
        return this.arrivals.poll();
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

    /** The browser asks before it leaves what has not been saved yet. */
    onUnload(ev) {
        if (this.calls.isWaiting || [...this.el.querySelectorAll(".o_sop_note")].some(isUnsaved)) {
            ev.preventDefault();
        }
    }

    row(el) {
        return el.closest(".o_sop_row");
    }

    /** Calls the server about one row; says in words what went wrong, and answers null then. */
    async call(row, action, params = {}, onAnswer) {
        try {
            const result = await this.waitFor(this.calls.send(row, action, params, onAnswer));
            if (!this.calls.isBusy(row)) {
                refreshRow(row, result);
            }
            this.counters.show(result.counts);
            return result;
        } catch (error) {
            const words = error.data?.message || _t("The server cannot be reached. Please try again.");
            this.services.notification.add(words, { type: "danger", autocloseDelay: TO_READ });
            return null;
        }
    }

    flash(el) {
        el.classList.add("o_sop_saved");
        this.waitForTimeout(() => el.classList.remove("o_sop_saved"), 900);
    }

    async onPick(select, action, value) {
        const picked = select.value;
        if (await this.call(this.row(select), action, { value })) {
            keepChoice(select, picked);
            this.flash(select);
        } else {
            takeBack(select);
        }
    }

    /** What could not be saved stays in the box, marked. */
    async onNote(note) {
        const value = note.value;
        keepSeen(note, seenNote(note));
        note.defaultValue = value;
        const params = () => ({ value, seen: seenNote(note) }); // what was sent before it is seen by then
        const saved = await this.call(this.row(note), "note", params, (answer) => keepSeen(note, answer.note));
        note.classList.toggle("is-invalid", !saved);
        if (saved && note.value === value && saved.note !== value.trim()) {
            note.value = note.defaultValue = saved.note; // the buyer's number is hidden in it
        }
        if (saved) {
            this.flash(note);
        }
    }

    async onReveal(el) {
        const row = this.row(el);
        const result = await this.call(row, "reveal");
        if (result) {
            showNumber(row, result);
        }
    }

    async onCopy(el) {
        const isCopied = await copyText(el.dataset.phone);
        this.services.notification.add(isCopied ? _t("Number copied") : el.dataset.phone, { type: isCopied ? "success" : "info" });
    }

    async onSpeak(el) {
        const result = await this.call(this.row(el), "speak", { value: el.dataset.way });
        if (result) {
            await openAgain(el.dataset.way, result, this.services.notification);
        }
    }

    onWhen(el) {
        const input = this.row(el).querySelector(".o_sop_when");
        const isTime = !isNaN(new Date(input.value));
        input.classList.toggle("is-invalid", !isTime);
        // as typed: the page's times are those of the seller's calendar, wherever this computer is
        return isTime && this.setReminder(el, input.value.slice(0, 16));
    }

    async setReminder(el, value) {
        const row = this.row(el);
        const result = await this.call(row, "reminder", { value });
        if (result) {
            showReminder(row, result.reminder, Boolean(value));
        }
    }

    async onLead(button) {
        if (await this.call(this.row(button), "lead")) {
            showLead(button);
            this.services.notification.add(_t("The opportunity is created."), { type: "success" });
        }
    }
}

registry.category("public.interactions").add("sop_contact_requests.contact_list", ContactList);
