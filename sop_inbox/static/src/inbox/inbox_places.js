/**
 * Rows keep their places: what the list shows after it was read again, while somebody has a hand or an eye in it.
 * Rows are anything with an ``id``; all functions are pure.
 */

/**
 * @param {number[]} shown ids as they stand in the list
 * @param {{id: number}[]} found rows as the server orders them now
 * @param {{id: number}[]} others rows of ``shown`` that are not among ``found``, read by themselves
 * @param {boolean} more whether older rows are being added at the end
 * @returns {{id: number}[]} the rows of ``shown`` in their places, and behind them the older ones asked for
 */
export function keepPlaces(shown, found, others, more) {
    const fresh = new Map([...found, ...others].map((row) => [row.id, row]));
    const rows = shown.map((id) => fresh.get(id)).filter(Boolean);
    if (!more) {
        return rows;
    }
    const places = new Set(shown);
    const last = found.findLastIndex((row) => places.has(row.id));
    return [...rows, ...found.slice(last + 1).filter((row) => !places.has(row.id))];
}

/**
 * The conversation one is in keeps its place, whatever comes above or below it.
 *
 * @param {number[]} shown ids as they stand in the list
 * @param {{id: number}[]} found rows as the server orders them now
 * @param {{id: number}|undefined} open the row of the conversation shown; none: it is not in the list, or left it
 */
export function keepOpen(shown, found, open) {
    const place = open ? shown.indexOf(open.id) : -1;
    if (place === -1) {
        return found;
    }
    const rows = found.filter((row) => row.id !== open.id);
    rows.splice(place, 0, open);
    return rows;
}

/** How many conversations would stand further up: new ones, and those one has heard of. */
export function countNews(shown, found, heard, openId) {
    const places = new Map(shown.map((id, index) => [id, index]));
    return found.filter(({ id }, index) => {
        const place = places.get(id);
        return id !== openId && (place === undefined ? index < shown.length : heard.has(id) && index < place);
    }).length;
}
