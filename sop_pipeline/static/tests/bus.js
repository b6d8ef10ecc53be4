import { advanceTime } from "@odoo/hoot";
import { getService, MockServer, serverState } from "@web/../tests/web_test_helpers";

/**
 * The server says something on the bus to the user; done once the page has heard it.
 *
 * @param {string} type
 * @param {Object} payload
 */
export async function sayOnBus(type, payload) {
    let isHeard = false;
    const bus = getService("bus_service");
    const listen = () => (isHeard = true);
    bus.subscribe(type, listen);
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, type, payload);
    while (!isHeard) {
        await advanceTime(1);
    }
    bus.unsubscribe(type, listen);
}
