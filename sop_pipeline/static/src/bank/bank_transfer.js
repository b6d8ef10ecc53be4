import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const FIRST = 2000;
const LAST = 30_000; // a page that was left open asks less and less often

/** The box with the code for a transfer: follows the money by itself, without a reload. */
export class BankTransfer extends Interaction {
    static selector = ".o_sop_bank_transfer";

    setup() {
        this.pause = FIRST;
    }
    start() {
        this.plan();
    }
    plan() {
        this.waitForTimeout(() => this.look(), this.pause);
        this.pause = Math.min(this.pause * 1.03, LAST);
    }
    async look() {
        const { orderId, token } = this.el.dataset;
        let state;
        try {
            const answer = await this.waitFor(browser.fetch(`/sop/bank/state/${orderId}?access_token=${encodeURIComponent(token)}`));
            state = answer.ok && (await this.waitFor(answer.json()));
        } catch {
            state = null; // offline for a moment
        }
        if (state?.paid && this.el.dataset.reload) {
            browser.location.reload(); // what the money opened is elsewhere on this page
            return;
        }
        if (state) {
            this.show(state);
        }
        if (!state?.paid) {
            this.plan();
        }
    }
    show({ paid, thanks, part, amount }) {
        const at = (name) => this.el.querySelector(`.o_sop_bank_${name}`);
        at("waiting").classList.toggle("d-none", paid);
        at("waiting").classList.toggle("d-flex", !paid);
        at("done").classList.toggle("d-none", !paid);
        at("thanks").textContent = thanks;
        at("part").textContent = part;
        at("part").classList.toggle("d-none", !part);
        at("amount").textContent = amount;
    }
}

registry.category("public.interactions").add("sop_pipeline.bank_transfer", BankTransfer);
