import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { formatFloat, formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { SopChart } from "../dashboard/chart";
import { FunnelDrawing } from "../dashboard/funnel_drawing";
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

const REMEMBERED = "sop_pipeline.funnel";

/** The whole funnel: now, over a period, by cohort, as of a day; broken down by a dimension. */
export class FunnelPage extends Component {
    static template = "sop_pipeline.FunnelPage";
    static components = { ControlPanel, FunnelDrawing, NumberLink, SopChart };
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
            teamId: false, mode: "now", dimension: "",
            from: today.minus({ months: 1 }).toISODate(), to: today.toISODate(),
            // kept over a drill-down and a reload of the page, not longer
            ...JSON.parse(browser.sessionStorage.getItem(REMEMBERED) || "{}"),
            data: null,
        });
        onWillStart(() => this.load());
    }

    async load() {
        const { teamId, mode, from, to, dimension } = this.state;
        const call = this.orm.call("sop.dashboard", "get_funnel_page", [teamId, mode, from || false, to || false, dimension || false]);
        try {
            this.state.data = await this.keepLast.add(call);
        } catch (error) {
            browser.sessionStorage.removeItem(REMEMBERED); // the team may be gone: the next reload starts anew
            throw error;
        }
        this.chart = this.chartConfig();
        browser.sessionStorage.setItem(REMEMBERED, JSON.stringify({ teamId, mode, from, to, dimension }));
    }

    chartConfig() {
        const scheme = cookie.get("color_scheme");
        const line = (label, name, color) => ({
            label, data: this.data.weeks.map((week) => week[name]), backgroundColor: getColor(color, scheme, "odoo"),
        });
        return {
            type: "bar",
            data: {
                labels: this.data.weeks.map((week) => deserializeDate(week.week).toFormat("dd/MM") + (this.isYoung(week.week) ? " *" : "")),
                datasets: [line(_t("Leads"), "leads", 1), line(_t("Won"), "won", 0)],
            },
            options: { scales: { y: { beginAtZero: true, ticks: { precision: 0 } } } },
        };
    }

    /** Leads of a week that is younger than most deals take: more of them will be won yet. */
    isYoung(week) {
        const days = this.data.summary.p90_days || 30;
        return /^\d{4}-\d\d-\d\d/.test(week || "") && deserializeDate(week.slice(0, 10)) > DateTime.local().minus({ days });
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
