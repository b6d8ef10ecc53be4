import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { getDataURLFromFile } from "@web/core/utils/urls";

/** A searched list in a dialog; a click on an item sends it at once. */
class ReplyDialog extends Component {
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, afterSend: { type: Function, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ text: "", items: [], active: 0, loaded: false, sending: false });
        this.list = useRef("list");
        useEffect(
            () => {
                // nothing is returned: what browsers return now, a promise, would be taken for what clears up
                this.list.el?.querySelector(".o_inbox_reply_active")?.scrollIntoView({ block: "nearest" });
            },
            () => [this.state.active]
        );
        useAutofocus({ refName: "search" });
        this.searchLater = useDebounced(() => this.search(), 200);
        onWillStart(() => this.search());
    }
    onKeydown(ev) {
        const { items } = this.state;
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (step && items.length) {
            ev.preventDefault();
            this.state.active = (this.state.active + step + items.length) % items.length;
        } else if (ev.key === "Enter" && items.length) {
            ev.preventDefault();
            this.send(items[this.state.active] || items[0]);
        }
    }
    /** What was found for other words begins at its first item again. */
    show(items) {
        Object.assign(this.state, { items, active: 0, loaded: true });
    }
    /** Send once, however often one clicks; the server's reason is shown when it cannot go. */
    async call(method, args) {
        if (this.state.sending) {
            return;
        }
        this.state.sending = true;
        try {
            await this.orm.call("sop.conversation.reply", method, [[this.props.conversationId], ...args]);
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
        this.product = useState({ chosen: null, text: "", items: [] });
        super.setup();
        this.searchProductLater = useDebounced(() => this.searchProduct(), 200);
    }
    async search() {
        const args = [this.state.text, 20, this.props.conversationId, this.product.chosen?.id || false];
        this.show(await this.orm.call("mail.canned.response", "search_canned", args));
    }
    async searchProduct() {
        const { text } = this.product;
        this.product.items = text ? await this.orm.call("sop.conversation.reply", "search_products", [text, 5, this.props.conversationId]) : [];
    }
    choose(product) {
        Object.assign(this.product, { chosen: product, text: "", items: [] });
        return this.search();
    }
    send(item) {
        return this.call("action_send_canned", [item.id, this.product.chosen?.id || false]);
    }
}

/** Products with price and stock; a click sends the card. */
export class ProductDialog extends ReplyDialog {
    static template = "sop_inbox.ProductDialog";

    async search() {
        this.show(await this.orm.call("sop.conversation.reply", "search_products", [this.state.text, 12, this.props.conversationId]));
    }
    send(item) {
        return this.call("action_send_product", [item.id]);
    }
}

/** Pictures sent before or put here, in folders; several may be chosen and go in one message. */
export class PictureDialog extends ReplyDialog {
    static template = "sop_inbox.PictureDialog";

    setup() {
        super.setup();
        this.chosen = useState({ ids: [] });
        this.folders = useState({ names: [], chosen: "", isNew: false, text: "" });
        onWillStart(async () => {
            this.folders.names = await this.orm.call("sop.picture", "get_folders", []);
        });
    }
    async search() {
        this.show(await this.orm.call("sop.picture", "search_pictures", [this.state.text], { folder: this.folders?.chosen || "" }));
    }
    pickFolder(name) {
        Object.assign(this.folders, { chosen: name, isNew: false, text: "" });
        return this.search();
    }
    /** A folder is there once a picture is in it: it is named first, and then something is put into it. */
    addFolder() {
        const name = this.folders.text.trim();
        if (!name) {
            this.folders.isNew = false; // left without a word, or the Enter before has named it
            return;
        }
        if (!this.folders.names.includes(name)) {
            this.folders.names = [...this.folders.names, name].sort();
        }
        return this.pickFolder(name);
    }
    onFolderKeydown(ev) {
        if (ev.key === "Enter") {
            this.addFolder();
        }
    }
    /** What is uploaded stands first and is chosen: one press more sends it. */
    async upload({ target }) {
        const files = await Promise.all(
            [...target.files].map(async (file) => ({ name: file.name, data: (await getDataURLFromFile(file)).split(",")[1] || "" }))
        );
        target.value = "";
        const added = await this.orm.call("sop.picture", "action_upload", [files, this.folders.chosen]);
        this.chosen.ids = added.map((item) => item.id);
        await this.search();
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
