import { status, useComponent } from "@odoo/owl";

/**
 * For readings no user asked for: an error is no news when the screen was left, or while the line is
 * down, since the reconnection reads again.
 *
 * @returns {(error: Error) => void} throws every other error on
 */
export function useIgnoreWhenGone() {
    const component = useComponent();
    return (error) => {
        if (status(component) !== "destroyed" && error.name !== "ConnectionLostError") {
            throw error;
        }
    };
}
