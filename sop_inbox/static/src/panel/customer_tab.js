import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { avatarHue, channelIcon, formatAgo, initials } from "../inbox/inbox_format";
import { TagPicker } from "../inbox/tag_picker";
import { panelRegistry } from "./customer_panel";
import { spaced } from "@sop_pipeline/core/phone";

/** Who the customer is for the shop: card, tags, lead, orders, earlier conversations. */
export class CustomerTab extends Component {
    static template = "sop_inbox.CustomerTab";
    static components = { TagPicker };
    static props = { panel: Object };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.form = useState({ open: false, name: "", phone: "", email: "", street: "" });
    }

    /** Every number of the customer, the one in use first. */
    get phones() {
        const { phone, phones, partner } = this.props.panel;
        return [...new Set([phone || partner?.phone, ...(phones || [])].filter(Boolean))];
    }
    spaced(number) {
        return spaced(number);
    }

    get matchLabel() {
        return {
            phone: _t("found by the phone in the chat"),
            email: _t("found by the e-mail"),
            login: _t("is logged in"),
            manual: _t("chosen by staff"),
        }[this.props.panel.partner.match];
    }
    initials(name) {
        return initials(name);
    }
    hue(id) {
        return `--o-sop-hue: ${avatarHue(id)}`;
    }
    sign(item) {
        return channelIcon(item.provider, item.kind);
    }
    ago(value) {
        return formatAgo(value);
    }
    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
    startCustomer() {
        const { name, nameless, phone, email } = this.props.panel;
        Object.assign(this.form, { open: true, name: nameless ? "" : name, phone, email, street: "" });
    }
    async saveCustomer() {
        const { name, phone, email, street } = this.form;
        await this.orm.call("sop.conversation", "action_create_partner", [[this.props.panel.id], { name, phone, email, street }]);
        this.form.open = false;
        this.env.sopInbox.refresh();
        this.env.sopInbox.reload();
    }
    async unlinkCustomer() {
        await this.orm.write("sop.conversation", [this.props.panel.id], { partner_id: false });
        this.env.sopInbox.refresh();
    }
    async createLead() {
        await this.orm.call("sop.conversation", "action_create_lead", [[this.props.panel.id]]);
        this.notification.add(_t("The lead is in stage 1."), { type: "success" });
        this.env.sopInbox.refresh();
    }
    get consentSign() {
        return { given: "fa-check text-success", refused: "fa-ban text-danger", asked: "fa-clock-o text-info" }[this.props.panel.consent.state] || "fa-question-circle-o text-muted";
    }
    get consentLabel() {
        const { state, at } = this.props.panel.consent;
        const label = { given: _t("Agreed"), refused: _t("Declined"), asked: _t("Asked, no answer yet") }[state] || _t("Not asked yet");
        return at ? `${label} · ${formatAgo(at)}` : label;
    }
    async askConsent() {
        await this.orm.call("sop.conversation.consent", "action_ask", [[this.props.panel.id]]);
        this.env.sopInbox.refresh();
    }
    async setConsent(given) {
        await this.orm.call("sop.conversation.consent", "action_set", [[this.props.panel.id], given]);
        this.env.sopInbox.refresh();
    }
    /** What was bought before, once more: it stands in the order form, at today's prices. */
    async reorder(order) {
        const { left_out: leftOut } = await this.orm.call("sop.order.form", "action_reorder", [[this.props.panel.id], order.id]);
        if (leftOut.length) {
            this.notification.add(_t("Not sold any more: %s", leftOut.join(", ")), { type: "warning" });
        }
        this.env.sopInbox.openOrder?.();
        this.env.sopInbox.reload();
    }
    copyPhone(number) {
        navigator.clipboard?.writeText(number);
        this.notification.add(_t("Copied"), { type: "info" });
    }
}
panelRegistry.add("customer", {
    title: _t("Customer"),
    icon: "fa-address-card-o",
    component: CustomerTab,
    sequence: 10,
});
