import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Opens, from the list of calls, the same dialog that was closed before. */
export class RateButton extends Component {
    static template = "sop_pipeline.RateButton";
    static props = { ...standardWidgetProps };

    setup() {
        this.call = useService("sop_call");
        this.orm = useService("orm");
    }

    get isWaiting() {
        const { state, interest } = this.props.record.data;
        return ["answered", "dialing", "unknown"].includes(state) && !interest;
    }

    async onClick() {
        const { record } = this.props;
        const call = await this.orm.call("sop.call", "get_client_data", [[record.resId]]);
        this.call.ask(call, () => record.model.load());
    }
}

registry.category("view_widgets").add("sop_rate_button", {
    component: RateButton,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "interest", type: "selection" },
    ],
});
