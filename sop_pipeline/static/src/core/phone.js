/**
 * A Vietnamese mobile number as people write it, "0901 234 567"; any other text as it is.
 *
 * @param {string} number as it is stored: "+84901234567", "+84 901 234 567", "0901234567"
 */
export function spaced(number) {
    const digits = (number || "").replace(/[\s.()-]/g, "").replace(/^(\+84|0)(?=[35789]\d{8}$)/, "0");
    return /^0[35789]\d{8}$/.test(digits) ? digits.replace(/^(\d{4})(\d{3})(\d{3})$/, "$1 $2 $3") : number;
}

/**
 * The numbers in a cell as people and spreadsheets fill it, "0901 234 567 / 0912 345 678 (mẹ)", each as it is written there.
 *
 * @param {string} cell
 * @returns {string[]} the cell itself where it holds one number or none
 */
export function numbersOf(cell) {
    const parts = (cell || "").split(/[/,;|&\n]|\s-\s/).filter((part) => part.replace(/\D/g, "").length >= 9);
    return parts.length > 1 ? parts.map((part) => part.trim()) : [cell || ""];
}
