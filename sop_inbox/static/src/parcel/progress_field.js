import { onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

const PAUSE = 2000;

/**
 * A bar of work that goes on in the background: reads its record again every two seconds until it is done.
 *
 * It is done at 100 %, or, with the option `busy`, when the state is none of those.
 */
export class SopProgressField extends ProgressBarField {
    static props = { ...ProgressBarField.props, busy: { type: Array, optional: true } };

    setup() {
        super.setup();
        const timer = browser.setInterval(() => this.follow(), PAUSE);
        onWillUnmount(() => browser.clearInterval(timer));
    }

    get isBusy() {
        const { record, name, busy } = this.props;
        return busy ? busy.includes(record.data.state) : record.data[name] < 100;
    }

    async follow() {
        const { record } = this.props;
        if (this.isBusy && record.resId && !this.isLoading && !(await record.isDirty())) {
            this.isLoading = true;
            try {
                await record.load();
            } finally {
                this.isLoading = false;
            }
        }
    }
}

registry.category("fields").add("sop_progress", {
    ...progressBarField,
    component: SopProgressField,
    extractProps: (info, dynamicInfo) => ({ ...progressBarField.extractProps(info, dynamicInfo), busy: info.options.busy }),
});
