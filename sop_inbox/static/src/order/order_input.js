const SIGN = "(?:đ|₫|d|vnd|vnđ|dong|đồng|đong)?";
const THOUSAND = "k|ng|nghìn|nghin|ngàn|ngan";
const PERCENT = /^([0-9]{1,3}(?:[.,][0-9]{1,2})?)%$/;
const UNIT = new RegExp(
    `^([0-9]{1,6}(?:[.,][0-9]{1,3})?)(${THOUSAND}|tr|triệu|trieu|củ|cu)(?:([0-9]{1,3})(${THOUSAND})?)?${SIGN}$`
);
const GROUPED = new RegExp(`^([0-9]{1,3}(?:([.,])[0-9]{3})(?:\\2[0-9]{3}){0,3})${SIGN}$`);
const PLAIN = new RegExp(`^([0-9]{1,15})${SIGN}$`);

/**
 * The amount a person types, as ``tools/amount.py`` reads it on the server, which decides: 30k, 30.000, 1tr2, 1,5tr, 50%.
 * It is only shown, so that one sees what is understood before it counts.
 *
 * @param {number|null} [whole] what a percentage is of
 * @param {number} [decimals] of the currency
 * @returns {number} NaN when it is no amount
 */
export function readAmount(text, whole = null, decimals = 0) {
    const typed = String(text ?? "").normalize("NFC").toLowerCase().replace(/\s+/g, "");
    const number = (part) => Number(part.replace(",", "."));
    let match = typed.match(PERCENT);
    if (match) {
        const share = number(match[1]);
        return whole === null || share > 100 ? NaN : Number(((whole * share) / 100).toFixed(decimals));
    }
    match = typed.match(UNIT);
    if (match) {
        const [, head, unit, rest, small] = match;
        const million = ["tr", "triệu", "trieu", "củ", "cu"].includes(unit);
        if ((rest && /[.,]/.test(head)) || (small && !million)) {
            return NaN;
        }
        const size = million ? 1000000 : 1000;
        const tail = small ? Number(rest) * 1000 : rest ? Number(`0.${rest}`) * size : 0;
        return Math.round(number(head) * size + tail);
    }
    match = typed.match(GROUPED) || typed.match(PLAIN);
    if (match) {
        const amount = Number(match[1].replace(/[.,]/g, ""));
        return amount && amount < 1000 && !decimals ? NaN : amount;
    }
    match = decimals && typed.match(/^[0-9]{1,12}[.,]([0-9]{1,3})$/);
    return match && match[1].length <= decimals ? number(typed) : NaN;
}

/** A quantity as people type it, with a comma or a point. */
export function readQuantity(text) {
    return Number(String(text).replace(",", "."));
}
