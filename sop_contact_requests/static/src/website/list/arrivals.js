import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";

import { isUnsaved } from "./note";
import { hideNumber, refreshRow } from "./row_view";

const OLDEST_PAGE = "9999-01-01T00:00:00_1"; // nothing is newer

/** What comes to an open list by itself: new rows with a pill that says so, changes of colleagues, counters, reminders. */
export class Arrivals {
    /**
     * :param el: the list's element
     * :param calls: see RowCalls; a row with a change on its way is left alone
     * :param on: functions `count(counts)` and `ring(reminders)`
     */
    constructor(el, calls, on) {
        this.el = el;
        this.calls = calls;
        this.on = on;
    }

    /** Light: nothing while the page is hidden, nothing but counters when nothing came. */
    async poll() {
        if (document.hidden || !this.el.isConnected) {
            return;
        }
        const sent = this.calls.sent;
        const result = await this.ask();
        if (!result) {
            return; // offline for a moment: the next poll catches up
        }
        this.on.ring(result.reminders);
        result.gone?.forEach((id) => this.row(id)?.remove()); // deleted by the buyer, or another seller's now
        if (sent === this.calls.sent) {
            this.on.count(result.counts);
            this.refresh(result.cells);
        }
        if (result.rows) {
            this.add(result.rows);
        }
    }

    get rows() {
        return this.el.querySelector(".o_sop_rows");
    }

    row(id) {
        return this.rows.querySelector(`.o_sop_row[data-id="${id}"]`);
    }

    async ask() {
        const newest = this.rows.querySelector(".o_sop_row")?.dataset.key || "";
        const params = {
            filters: JSON.parse(this.el.dataset.filters),
            shown: [...this.rows.querySelectorAll(".o_sop_row")].map((row) => Number(row.dataset.id)),
            after: this.el.dataset.live ? newest : OLDEST_PAGE,
        };
        try {
            return await rpc("/my/contact-requests/poll", params, { silent: true });
        } catch {
            return null;
        }
    }

    /** What is being worked on at this moment is not taken from under the hand. */
    isInHand(row) {
        return this.calls.isBusy(row) || row.contains(document.activeElement);
    }

    refresh(changes) {
        for (const [id, cells] of Object.entries(changes)) {
            const row = this.row(id);
            if (row && !this.isInHand(row)) {
                refreshRow(row, cells);
            }
            if (row && cells.withdrawn) {
                hideNumber(row, cells.withdrawn, cells.message);
            }
        }
    }

    add(html) {
        const holder = document.createElement("div");
        holder.innerHTML = html;
        const came = [...holder.querySelectorAll(".o_sop_row")];
        const fresh = came.filter((row) => !this.row(row.dataset.id));
        this.moveUp(came.filter((row) => !fresh.includes(row)));
        fresh.forEach((row) => row.classList.add("o_sop_arrived"));
        this.rows.prepend(...fresh);
        this.announce(fresh.length);
        this.el.querySelector(".o_sop_list").classList.remove("d-none");
        this.el.querySelector(".o_sop_empty")?.remove();
    }

    /** Who asked again stands at the top again, unless somebody works on the row or their words are not saved yet. */
    moveUp(again) {
        for (const row of again.reverse()) {
            const old = this.row(row.dataset.id);
            if (!this.isInHand(old) && !isUnsaved(old.querySelector(".o_sop_note")) && this.rows.firstElementChild !== old) {
                old.remove();
                this.rows.prepend(row);
            }
        }
    }

    /** A row that came by itself is announced where one looks, however far down the page. */
    announce(count) {
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

    /** The pill was pressed: to the top, where the new ones are. */
    show() {
        const slot = this.el.querySelector(".o_sop_pill_slot");
        slot.dataset.count = 0;
        slot.replaceChildren();
        this.el.scrollIntoView({ block: "start" });
        this.el.querySelector(".o_sop_row .o_sop_reveal")?.focus();
    }
}
