import { rpc } from "@web/core/network/rpc";
import { Mutex } from "@web/core/utils/concurrency";

/**
 * Changes of rows on their way to the server: those of one row go one after another, so that the last one stays.
 *
 * What the page reads meanwhile may be older than a change; `sent` shows that: it counts changes sent and answered.
 */
export class RowCalls {
    constructor() {
        this.queues = new Map(); // row -> its changes on their way
        this.sent = 0;
    }

    /**
     * :param params: those of the call, or a function that gives them when it is the call's turn
     * :param onAnswer: called with the answer before the next change of the row goes out
     * :return: the server's answer; it is the last one when `isBusy(row)` is false
     */
    async send(row, action, params, onAnswer) {
        const queue = this.queues.get(row) || { mutex: new Mutex(), pending: 0 };
        this.queues.set(row, queue);
        queue.pending++;
        this.sent++;
        try {
            return await queue.mutex.exec(async () => {
                const url = `/my/contact-requests/${row.dataset.id}/${action}`;
                const answer = await rpc(url, typeof params === "function" ? params() : params);
                onAnswer?.(answer);
                return answer;
            });
        } finally {
            queue.pending--;
            this.sent++;
        }
    }

    isBusy(row) {
        return Boolean(this.queues.get(row)?.pending);
    }

    /** Whether changes have not left the browser yet: the first of a row is on its way. */
    get isWaiting() {
        return [...this.queues.values()].some(({ pending }) => pending > 1);
    }
}
