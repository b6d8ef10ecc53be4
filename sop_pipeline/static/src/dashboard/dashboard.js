import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { formatCurrency } from "@web/core/currency";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";
import { formatFloat, formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { SopChart } from "./chart";
import { FunnelDrawing } from "./funnel_drawing";
import { NumberLink } from "./number_link";

export const PERIODS = [
    { code: "today", label: _t("Today") },
    { code: "week", label: _t("7 days") },
    { code: "month", label: _t("This month") },
    { code: "quarter", label: _t("90 days") },
    { code: "year", label: _t("365 days") },
];
const REMEMBERED = "sop_pipeline.dashboard";

/** What a sales manager opens in the morning. All numbers come from one call; each opens its records. */
export class Dashboard extends Component {
    static template = "sop_pipeline.Dashboard";
    static components = { ControlPanel, FunnelDrawing, NumberLink, SopChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.periods = PERIODS;
        this.controlPanelDisplay = { layoutActions: true };
        const remembered = JSON.parse(browser.localStorage.getItem(REMEMBERED) || "{}");
        this.state = useState({ teamId: remembered.teamId || false, period: remembered.period || "month", data: null });
        onWillStart(() => this.load());
    }

    async load() {
        const { teamId, period } = this.state;
        try {
            this.state.data = await this.keepLast.add(this.orm.call("sop.dashboard", "get_data", [teamId, period]));
        } catch (error) {
            if (!teamId) {
                throw error;
            }
            // the remembered team may be gone, or another company's
            this.state.teamId = false;
            return this.load();
        }
        this.chart = this.chartConfig();
        browser.localStorage.setItem(REMEMBERED, JSON.stringify({ teamId: this.state.teamId, period }));
    }

    async setTeam(ev) {
        this.state.teamId = Number(ev.target.value) || false;
        await this.load();
    }

    async setPeriod(period) {
        this.state.period = period;
        await this.load();
    }

    get data() {
        return this.state.data;
    }

    get days() {
        const { from, to } = this.data.period;
        const day = (value) => formatDate(deserializeDate(value));
        return from === to ? day(from) : `${day(from)} – ${day(to)}`;
    }

    get people() {
        return Math.max(1, ...this.data.phases.map((phase) => phase.value));
    }

    chartConfig() {
        const color = getColor(1, cookie.get("color_scheme"), "odoo");
        const days = this.data.sales.days;
        return {
            type: "bar",
            data: {
                labels: days.map((day) => deserializeDate(day.day).toFormat("dd/MM")),
                datasets: [{ data: days.map((day) => day.amount), backgroundColor: color, label: _t("Sales"), maxBarThickness: 36 }],
            },
            options: {
                plugins: { legend: { display: false }, tooltip: { callbacks: { label: ({ dataIndex }) => this.dayLabel(days[dataIndex]) } } },
                scales: { x: { grid: { display: false } }, y: { beginAtZero: true, ticks: { callback: (value) => this.shortAmount(value) } } },
            },
        };
    }

    dayLabel(day) {
        return _t("%(amount)s in %(count)s orders", { amount: this.amount(day.amount), count: day.count });
    }

    openDay(index) {
        const { action, days } = this.data.sales;
        const day = days[index];
        this.action.doAction({
            ...action,
            name: formatDate(deserializeDate(day.day)),
            domain: [...action.domain, ["date_order", ">=", day.from], ["date_order", "<", day.to]],
        });
    }

    openFunnel() {
        this.action.doAction("sop_pipeline.sop_funnel_action");
    }

    amount(value) {
        return formatCurrency(value, this.data.currency_id);
    }

    shortAmount(value) {
        return formatCurrency(value, this.data.currency_id, { humanReadable: true });
    }

    integer(value) {
        return formatInteger(value);
    }

    percent(value) {
        return formatPercentage(value, { digits: [false, 0] });
    }

    /** Days with one decimal. */
    number(value) {
        return formatFloat(value, { digits: [false, 1] });
    }
}

registry.category("actions").add("sop_dashboard", Dashboard);
