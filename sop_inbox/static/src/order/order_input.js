/** Amounts as people type them: 25.000, 25,000 or 25000; what is no number is none. */
export function readAmount(text) {
    return Number(String(text).replace(/[^\d]/g, "")) || 0;
}

/** A quantity as people type it, with a comma or a point. */
export function readQuantity(text) {
    return Number(String(text).replace(",", "."));
}
