import { status, useComponent } from "@odoo/owl";

import { ConnectionLostError } from "@web/core/network/rpc";

/**
 * For readings no user asked for: an error is no news when the screen was left, or while the line is
 * down, since the reconnection reads again.
 *
 * @returns {(error: Error) => void} throws every other error on
 */
export function useIgnoreWhenGone() {
    const component = useComponent();
    return (error) => {
        if (status(component) !== "destroyed" && !(error instanceof ConnectionLostError)) {
            throw error;
        }
    };
}
