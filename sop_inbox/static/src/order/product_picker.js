import { useEffect, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { OrderPart } from "./order_draft";

const FRESH = 10000; // ms that stock and price in an open list may be old

/** Finds a product by name, code or barcode; what the chat spoke of comes first. */
export class ProductPicker extends OrderPart {
    static template = "sop_inbox.ProductPicker";

    setup() {
        super.setup();
        this.orm = useService("orm");
        this.picker = useState({ open: false, text: "", products: [] });
        this.searchSoon = useDebounced(() => this.search(), 250);
        // what colleagues sell meanwhile is gone from an open list, too
        useEffect(
            (isOpen) => {
                const timer = isOpen && browser.setInterval(() => !document.hidden && this.search(), FRESH);
                return () => browser.clearInterval(timer);
            },
            () => [this.picker.open]
        );
    }
    stockOf(product) {
        return product.stock.map((row) => ({ ...row, low: row.free !== null && row.free <= 0 }));
    }

    async onFocus() {
        this.picker.open = true;
        if (!this.picker.products.length || !this.picker.text) {
            await this.search();
        }
    }
    async search() {
        const { text } = this.picker;
        const products = await this.orm.silent.call("sop.order.form", "search_order_products", [[this.draft.id], text]);
        if (text === this.picker.text) {
            this.picker.products = products;
        }
    }
    onKeydown(ev) {
        if (ev.key === "Enter" && this.picker.products.length === 1) {
            this.add(this.picker.products[0]);
        } else if (ev.key === "Escape") {
            this.picker.open = false;
        }
        ev.stopPropagation();
    }
    async add(product) {
        await this.draft.saveCustomer();
        if (await this.draft.change({ add: { product_id: product.id, qty: 1 } })) {
            Object.assign(this.picker, { open: false, text: "" });
            this.draft.afterLines();
        }
    }
}
