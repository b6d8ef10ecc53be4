/**
 * Of several readings under way only the latest counts: an older answer that comes later is dropped.
 * Core's KeepLast never settles what was overtaken; this one does, for who goes on once all is read.
 *
 * @param {(...args: any[]) => Promise<any>} read
 * @returns {(...args: any[]) => Promise<any>} the same reading; its answer is undefined when it was overtaken
 */
export function latest(read) {
    let last;
    return async (...args) => {
        const mine = (last = {});
        const answer = await read(...args);
        return mine === last ? answer : undefined;
    };
}
