import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/** A searched list in a dialog; a click on an item sends it at once. */
class ReplyDialog extends Component {
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, afterSend: { type: Function, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ text: "", items: [], loaded: false, sending: false });
        useAutofocus({ refName: "search" });
        this.searchLater = useDebounced(() => this.search(), 200);
        onWillStart(() => this.search());
    }
    onKeydown(ev) {
        if (ev.key === "Enter" && this.state.items.length) {
            ev.preventDefault();
            this.send(this.state.items[0]);
        }
    }
    /** Send once, however often one clicks; the server's reason is shown when it cannot go. */
    async call(method, args) {
        if (this.state.sending) {
            return;
        }
        this.state.sending = true;
        try {
            await this.orm.call("sop.conversation", method, [[this.props.conversationId], ...args]);
            this.props.close();
            this.props.afterSend?.();
        } finally {
            this.state.sending = false;
        }
    }
}

/** Canned answers with their variables; a product may be chosen for price and stock. */
export class CannedDialog extends ReplyDialog {
    static template = "sop_inbox.CannedDialog";

    setup() {
        super.setup();
        this.product = useState({ chosen: null, text: "", items: [] });
        this.searchProductLater = useDebounced(() => this.searchProduct(), 200);
    }
    async search() {
        this.state.items = await this.orm.call("mail.canned.response", "search_canned", [this.state.text]);
        this.state.loaded = true;
    }
    async searchProduct() {
        const { text } = this.product;
        this.product.items = text ? await this.orm.call("sop.conversation", "search_products", [text, 5, this.props.conversationId]) : [];
    }
    choose(product) {
        Object.assign(this.product, { chosen: product, text: "", items: [] });
    }
    send(item) {
        return this.call("action_send_canned", [item.id, this.product.chosen?.id || false]);
    }
}

/** Products with price and stock; a click sends the card. */
export class ProductDialog extends ReplyDialog {
    static template = "sop_inbox.ProductDialog";

    async search() {
        this.state.items = await this.orm.call("sop.conversation", "search_products", [this.state.text, 12, this.props.conversationId]);
        this.state.loaded = true;
    }
    send(item) {
        return this.call("action_send_product", [item.id]);
    }
}

/** Pictures sent before; several may be chosen and go in one message. */
export class PictureDialog extends ReplyDialog {
    static template = "sop_inbox.PictureDialog";

    setup() {
        super.setup();
        this.chosen = useState({ ids: [] });
    }
    async search() {
        this.state.items = await this.orm.call("sop.picture", "search_pictures", [this.state.text]);
        this.state.loaded = true;
    }
    toggle(item) {
        const { ids } = this.chosen;
        this.chosen.ids = ids.includes(item.id) ? ids.filter((id) => id !== item.id) : [...ids, item.id];
    }
    send(item) {
        return this.call("action_send_picture", [this.chosen.ids.length ? this.chosen.ids : [item.id]]);
    }
    get sendLabel() {
        const number = this.chosen.ids.length;
        return number ? _t("Send %s", number) : _t("Send");
    }
}
