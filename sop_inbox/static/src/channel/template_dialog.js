import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";

/** One of the page's approved templates, with its blanks to fill in. */
export class TemplateDialog extends Component {
    static template = "sop_inbox.TemplateDialog";
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, templates: Array };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ index: 0, values: [], busy: false });
    }
    get template() {
        return this.props.templates[this.state.index];
    }
    get preview() {
        return this.template.blanks.reduce(
            (text, blank, index) => text.replaceAll(new RegExp(`{{\\s*${blank}\\s*}}`, "g"), () => this.state.values[index] || "…"),
            this.template.text
        );
    }
    get isComplete() {
        return this.template.blanks.every((_blank, index) => this.state.values[index]?.trim());
    }
    choose(ev) {
        Object.assign(this.state, { index: Number(ev.target.value), values: [] });
    }
    async send() {
        this.state.busy = true;
        try {
            const values = this.template.blanks.map((_blank, index) => this.state.values[index].trim());
            await this.orm.call("sop.conversation", "action_send_template", [[this.props.conversationId], this.template.id, values]);
            this.props.close();
        } finally {
            this.state.busy = false;
        }
    }
}
