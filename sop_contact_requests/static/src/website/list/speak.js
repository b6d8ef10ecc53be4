import { _t } from "@web/core/l10n/translation";

import { copyText } from "../clipboard";

/** Opens the call or the message. The words of a message on Zalo are copied, for its link cannot carry them. */
export async function openAgain(way, { url, text }, notification) {
    const link = document.createElement("a");
    link.href = url;
    if (way === "zalo") {
        const isCopied = await copyText(text);
        notification.add(isCopied ? _t("The message is copied: paste it on Zalo.") : text, { type: "info", sticky: !isCopied });
        link.target = "_blank";
        link.rel = "noopener";
    }
    link.click();
}
