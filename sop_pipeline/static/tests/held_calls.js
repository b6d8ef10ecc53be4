import { animationFrame, Deferred } from "@odoo/hoot";

/** Calls that reached the server and have no answer yet: the test decides when each gets one. */
export class HeldCalls {
    waiting = [];

    /** What a mocked method of the server returns; given to one call. */
    hold() {
        const call = new Deferred();
        this.waiting.push(call);
        return call;
    }

    /** The server answers the oldest call that waits, with a value or an error; the screen follows. */
    async answer(value = true) {
        const call = this.waiting.shift();
        if (value instanceof Error) {
            call.reject(value);
        } else {
            call.resolve(value);
        }
        await animationFrame();
        await animationFrame();
    }
}
