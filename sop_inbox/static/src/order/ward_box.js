import { useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { OrderPart } from "./order_draft";

const TYPED_FOR = 150; // ms without a key before the wards are looked up
const SHOWN = 8;

/** The ward of the customer: what is typed finds wards without accents, by old names too; one that is chosen brings its province. */
export class WardBox extends OrderPart {
    static template = "sop_inbox.WardBox";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.found = useState({ wards: [], index: 0 });
        this.typing = false; // whether the box is still being typed in
        this.search = useDebounced(() => this.look(), TYPED_FOR);
    }

    async look() {
        const { city, state_id } = this.state.customer;
        if (!city?.trim()) {
            this.found.wards = [];
            return;
        }
        const domain = [["sop_code", "!=", false], ...(state_id ? [["state_id", "=", state_id]] : [])];
        const specification = { display_name: {}, name: {}, state_id: {} };
        const wards = await this.orm.silent.call("res.city", "web_name_search", [city, specification], { domain, limit: SHOWN }).catch(() => []);
        if (this.typing && this.state.customer.city === city) {
            Object.assign(this.found, { wards: wards.filter((ward) => ward.name !== city), index: 0 });
        }
    }
    onInput(ev) {
        this.typing = true;
        this.state.customer.city = ev.target.value;
        this.search();
    }
    onKeydown(ev) {
        const { wards, index } = this.found;
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (ev.key === "Escape") {
            ev.preventDefault();
            this.close();
        } else if (!wards.length) {
            return;
        } else if (step) {
            ev.preventDefault();
            this.found.index = (index + step + wards.length) % wards.length;
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            this.choose(wards[index]);
        }
    }
    choose(ward) {
        Object.assign(this.state.customer, { city: ward.name, state_id: ward.state_id });
        this.close();
    }
    /** Nothing is shown any more, neither an answer that is still to come. */
    close() {
        this.typing = false;
        this.found.wards = [];
    }
}
