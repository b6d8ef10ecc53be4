import { browser } from "@web/core/browser/browser";

/** Whether the browser let the page copy this: many do so only on https. */
export async function copyText(text) {
    try {
        await browser.navigator.clipboard.writeText(text);
        return true;
    } catch {
        return false;
    }
}
