import { useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

import { OrderPart } from "./order_draft";
import { TypedBox } from "./typed_box";

/** Who carries it and what the customer pays for that. */
export class OrderShipping extends OrderPart {
    static template = "sop_inbox.OrderShipping";
    static components = { TypedBox };

    setup() {
        super.setup();
        this.view = useState({ quoting: false });
    }
    /** What the shop keeps or adds when the customer pays another fee than the carrier asks. */
    get feeGain() {
        return this.order.carrier ? this.totals.shipping - this.order.carrier_cost : 0;
    }
    days({ days }) {
        if (!days) {
            return "";
        }
        return days < 1 ? _t("%(hours)s hours", { hours: Math.round(days * 24) }) : _t("%(days)s days", { days });
    }

    async quote() {
        if (!(await this.draft.saveCustomer())) {
            return; // the prices would be those of another address
        }
        this.view.quoting = true;
        await this.draft.guard(async () => {
            this.state.quotes = await this.draft.call("get_shipping_quotes");
        });
        this.view.quoting = false;
    }
    async chooseCarrier(quote) {
        if (quote.ok && (await this.draft.change({ carrier_id: quote.id }))) {
            this.state.quotes = null;
        }
    }
    setFee(value) {
        return this.draft.change({ carrier_id: this.order.carrier.id, fee: String(value) });
    }
    dropCarrier() {
        return this.draft.change({ carrier_id: false });
    }
}
