import { Multirange } from "@website/../lib/multirange/multirange_custom";

import { patch } from "@web/core/utils/patch";

/** The shop's filter of prices has two decimals in core; a currency without any, whose step is a whole number, is shown without. */
patch(Multirange.prototype, {
    formatNumber(number) {
        const whole = { toLocaleString: (locale) => number.toLocaleString(locale, { maximumFractionDigits: 0 }) };
        return super.formatNumber(Number.isInteger(Number(this.step)) ? whole : number);
    },
});
