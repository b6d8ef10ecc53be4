import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";

/** A Chart.js drawing, as the web client's own graphs are made; `onPick` gets the number of a bar that is pressed. */
export class SopChart extends Component {
    static template = "sop_pipeline.Chart";
    static props = { config: Object, label: String, onPick: { type: Function, optional: true } };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (config) => {
                const chart = new Chart(this.canvas.el, {
                    ...config,
                    options: {
                        maintainAspectRatio: false,
                        animation: false,
                        ...config.options,
                        onClick: (ev, [element]) => element && this.props.onPick?.(element.index),
                    },
                });
                return () => chart.destroy();
            },
            () => [this.props.config]
        );
    }
}
