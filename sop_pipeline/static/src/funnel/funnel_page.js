import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { formatFloat, formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { NumberLink } from "../dashboard/number_link";
import { INTERESTS } from "../interest/interest";

const { DateTime } = luxon;

export const MODES = [
    { code: "now", label: _t("Now") },
    { code: "period", label: _t("Entered in a period") },
    { code: "cohort", label: _t("Created in a period") },
    { code: "as_of", label: _t("As of a day") },
];
export const DIMENSIONS = [
    { code: "", label: _t("All together") },
    { code: "team", label: _t("By sales team") },
    { code: "user", label: _t("By salesperson") },
    { code: "source", label: _t("By source") },
    { code: "campaign", label: _t("By campaign") },
    { code: "interest", label: _t("By interest") },
    { code: "product", label: _t("By product") },
    { code: "week", label: _t("By week of creation") },
];

/** The whole funnel: now, over a period, by cohort, as of a day; broken down by a dimension. */
export class FunnelPage extends Component {
    static template = "sop_pipeline.FunnelPage";
    static components = { ControlPanel, NumberLink };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.modes = MODES;
        this.dimensions = DIMENSIONS;
        this.faces = INTERESTS;
        this.controlPanelDisplay = { layoutActions: true };
        const today = DateTime.local();
        this.state = useState({
            teamId: false, mode: "now", dimension: "", data: null,
            from: today.minus({ months: 1 }).toISODate(), to: today.toISODate(),
        });
        onWillStart(() => this.load());
    }

    async load() {
        const { teamId, mode, from, to, dimension } = this.state;
        const call = this.orm.call("sop.dashboard", "get_funnel_page", [teamId, mode, from || false, to || false, dimension || false]);
        this.state.data = await this.keepLast.add(call);
    }

    async set(name, ev) {
        this.state[name] = name === "teamId" ? Number(ev.target.value) || false : ev.target.value;
        await this.load();
    }

    get data() {
        return this.state.data;
    }

    integer(value) {
        return formatInteger(value);
    }

    percent(value) {
        return formatPercentage(value, { digits: [false, 1] });
    }

    days(value) {
        return formatFloat(value, { digits: [false, 1] });
    }
}

registry.category("actions").add("sop_funnel", FunnelPage);
