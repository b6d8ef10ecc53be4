import { waitFor as wait, waitForNone as waitNone } from "@odoo/hoot";

/** Hoot gives up after 200 ms: on a machine with other work a screen takes longer, and a slow machine decides nothing. */
const PATIENCE = { timeout: 10_000 };

export function waitFor(target, options) {
    return wait(target, { ...PATIENCE, ...options });
}

export function waitForNone(target, options) {
    return waitNone(target, { ...PATIENCE, ...options });
}
