import { Component } from "@odoo/owl";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { NumberLink } from "./number_link";

/** The funnel of stages: a bar for each, as wide as its share of the fullest, and the share that went on. */
export class FunnelDrawing extends Component {
    static template = "sop_pipeline.FunnelDrawing";
    static components = { NumberLink };
    static props = { rows: Array };

    get widest() {
        return Math.max(1, ...this.props.rows.map((row) => row.entered));
    }

    width(row) {
        return row.entered ? Math.max(2, (100 * row.entered) / this.widest) : 0;
    }

    integer(value) {
        return formatInteger(value);
    }

    percent(value) {
        return formatPercentage(value, { digits: [false, 0] });
    }
}
