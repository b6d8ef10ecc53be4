import { Component, reactive, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { callRequest, showRequest } from "./request_call";
import { spaced } from "@sop_pipeline/core/phone";

/** Numbers this person has revealed on this page; in memory only, gone with the page. */
const revealed = reactive({});

/**
 * The hidden number: a hint and a button. Pressing it asks the server, which writes down who saw
 * the number and when; the number is kept in this page's memory and nowhere else.
 */
export class SopPhoneField extends Component {
    static template = "sop_contact_requests.SopPhoneField";
    static props = { ...standardFieldProps };

    setup() {
        this.notification = useService("notification");
        this.revealed = useState(revealed);
        this.state = useState({ busy: false });
    }

    get isWithdrawn() {
        return Boolean(this.props.record.data.consent_withdrawn_at || this.props.record.data.erased_at);
    }

    get phone() {
        return this.isWithdrawn ? "" : this.revealed[this.props.record.resId] || "";
    }

    /** What the buyer wrote, where it has numbers that were hidden until now. */
    get message() {
        return (this.phone && this.revealed[`${this.props.record.resId}_message`]) || "";
    }

    get shown() {
        return spaced(this.phone);
    }

    get isLocked() {
        return this.props.record.data.is_locked;
    }

    async reveal() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        const id = this.props.record.resId;
        try {
            this.revealed[id] = await callRequest(this, "action_reveal_phone");
            this.revealed[`${id}_message`] = await callRequest(this, "action_read_message");
            await showRequest(this);
        } finally {
            this.state.busy = false;
        }
    }

    async copy() {
        await navigator.clipboard?.writeText(this.phone);
        this.notification.add(_t("Number copied"), { type: "success" });
    }
}

registry.category("fields").add("sop_phone", {
    component: SopPhoneField,
    displayName: _t("Hidden phone number"),
    supportedTypes: ["char"],
    fieldDependencies: [
        { name: "is_locked", type: "boolean" },
        { name: "consent_withdrawn_at", type: "datetime" },
        { name: "erased_at", type: "datetime" },
    ],
});
