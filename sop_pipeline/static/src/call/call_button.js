import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** "Call": records the attempt, opens the dialler, and asks how it went (row P2). */
export class CallButton extends Component {
    static template = "sop_pipeline.CallButton";
    static props = { ...standardWidgetProps, compact: { type: Boolean, optional: true } };

    setup() {
        this.call = useService("sop_call");
        this.state = useState({ busy: false });
    }

    async onClick() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const { record } = this.props;
            const saved = this.props.compact || (await record.save());
            if (saved) {
                await this.call.callLead(record.resId, () => this.reload());
            }
        } finally {
            this.state.busy = false;
        }
    }

    async reload() {
        const { record } = this.props;
        // a card may have moved to another column: load them all
        await (this.props.compact ? record.model.load() : record.load());
    }
}

registry.category("view_widgets").add("sop_call_button", {
    component: CallButton,
    fieldDependencies: [{ name: "phone", type: "char" }],
    listViewWidth: 40,
    extractProps: ({ options }) => ({ compact: Boolean(options.compact) }),
});
