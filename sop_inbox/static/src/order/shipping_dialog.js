import { Component, onWillStart, useState } from "@odoo/owl";

import { registerComposerAction } from "@mail/core/common/composer_actions";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";

import { isCustomerChat } from "../core/customer_chat";

/** What carriers ask for an address, before there is an order or a customer; the chosen fee goes into the reply. */
export class ShippingDialog extends Component {
    static template = "sop_inbox.ShippingDialog";
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, onQuote: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ provinces: [], state_id: "", city: "", street: "", weight: "", wards: [], quotes: null, busy: false });
        onWillStart(async () => {
            const { provinces, address, currency_id } = await this.orm.call("sop.shipping.desk", "get_start", [[this.props.conversationId]]);
            this.currencyId = currency_id;
            Object.assign(this.state, {
                provinces: provinces.map((province) => ({ ...province, id: String(province.id) })),
                state_id: String(address.state_id || ""),
                city: address.city || "",
                street: address.street || "",
            });
            if (this.ready) {
                await this.quote();
            }
        });
    }
    get ready() {
        return Boolean(this.state.state_id);
    }
    get address() {
        const { state_id, city, street } = this.state;
        return { state_id: Number(state_id) || false, city: city || "", street: street || "" };
    }
    money(amount) {
        return formatMonetary(amount, { currencyId: this.currencyId });
    }
    days({ days }) {
        return days < 1 ? "" : _t("%(days)s days", { days });
    }
    async lookForWards() {
        const { city, state_id } = this.state;
        const domain = [["sop_code", "!=", false], ...(state_id ? [["state_id", "=", Number(state_id)]] : [])];
        const specification = { display_name: {}, name: {}, state_id: {} };
        const wards = city.trim() ? await this.orm.silent.call("res.city", "web_name_search", [city, specification], { domain, limit: 6 }) : [];
        if (city === this.state.city) {
            this.state.wards = wards.filter((ward) => ward.name !== city);
        }
    }
    async chooseWard(ward) {
        Object.assign(this.state, { city: ward.name, state_id: String(ward.state_id || ""), wards: [] });
        await this.quote();
    }
    async quote() {
        Object.assign(this.state, { busy: true, wards: [] });
        try {
            const args = [[this.props.conversationId], this.address, Number(this.state.weight) || 0];
            this.state.quotes = await this.orm.call("sop.shipping.desk", "get_quotes", args);
        } finally {
            this.state.busy = false;
        }
    }
    async choose(quote) {
        const args = [[this.props.conversationId], quote.id, this.address, Number(this.state.weight) || 0];
        this.props.onQuote(await this.orm.call("sop.shipping.desk", "action_quote", args));
        this.props.close();
    }
}

registerComposerAction("sop-shipping", {
    condition: ({ composer, owner }) => Boolean(owner.env.sopInbox && isCustomerChat(composer.targetThread) && !composer.message),
    icon: "fa fa-truck",
    name: _t("Shipping fees"),
    sequence: 8,
    sequenceQuick: ({ store }) => (store.env.isSmall ? undefined : 8), // on a phone in the sheet, with the other tools
    onSelected: ({ composer, owner }) =>
        owner.env.services.dialog.add(ShippingDialog, {
            conversationId: owner.env.sopInbox.state.id,
            onQuote: (text) => {
                const before = composer.composerText;
                composer.insertText(before && !before.endsWith("\n") ? `\n${text}` : text, before.length, { moveCursorToEnd: true });
            },
        }),
});
