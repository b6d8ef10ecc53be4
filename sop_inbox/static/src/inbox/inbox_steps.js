/**
 * Where the keys and a closed conversation lead: each takes the rows of the list and the id of the conversation
 * shown, and gives the row to go to, if there is one.
 */

/** So many rows further down, or up; from no row at all to the first. */
export function nextRow(rows, id, step) {
    const index = rows.findIndex((row) => row.resId === id);
    return rows[index + step] || (index === -1 ? rows[0] : undefined);
}

/** The next one that waits for an answer: below, and then above; customers who come first are answered first. */
export function nextUnanswered(rows, id) {
    const index = rows.findIndex((row) => row.resId === id);
    const waiting = [...rows.slice(index + 1), ...rows.slice(0, Math.max(index, 0))].filter((row) => row.data.is_unanswered);
    return waiting.find((row) => row.data.priority) || waiting[0];
}

/** After a conversation left the list: the first one that waits, else the first one. */
export function rowAfterClosing(rows) {
    return rows.find((row) => row.data.is_unanswered) || rows[0];
}

export const UNDO = 7000; // ms in which a closed conversation can be had back at a click
const CLOSING = ["action_done", "action_spam", "action_snooze"];

/** Whether a method of a conversation takes it out of the open ones. */
export function isClosing(method) {
    return CLOSING.includes(method);
}

/** The last message that the list or the chat shows of the conversation shown; false when there is none. */
export function lastShown(rows, { id, thread }) {
    const row = rows.find((record) => record.resId === id);
    return Math.max(row?.data.last_inbound_ref || 0, thread?.newestPersistentMessage?.id || 0) || false;
}
