/**
 * Of several readings under way only the latest is shown: an older answer that comes later is dropped.
 * Who was overtaken waits until the later one is shown. Core's KeepLast never settles what was overtaken,
 * so that nothing may wait for it.
 *
 * @template T
 * @param {(...args: any[]) => Promise<T>} read
 * @param {(answer: T) => void} show
 * @returns {(...args: any[]) => Promise<void>} reads, and is done when the latest answer is shown; fails as the reading does
 */
export function latest(read, show) {
    let last;
    return (...args) => {
        const reading = (async () => {
            const answer = await read(...args);
            if (reading !== last) {
                return last;
            }
            show(answer);
        })();
        last = reading;
        return reading;
    };
}
