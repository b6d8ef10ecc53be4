import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

import { copyText } from "./clipboard";

/** Copies the buyer's private link; there where the browser lets a page do that. */
export class CopyLink extends Interaction {
    static selector = ".o_sop_copy_link";
    dynamicContent = {
        _root: { "t-on-click": this.onClick, "t-att-class": () => ({ "d-none": !browser.navigator.clipboard }) },
    };

    async onClick() {
        const link = this.el.dataset.link ? new URL(this.el.dataset.link, window.location.href).href : window.location.href;
        const isCopied = await this.waitFor(copyText(link));
        this.services.notification.add(isCopied ? _t("The link is copied.") : link, isCopied ? { type: "success" } : { type: "info", sticky: true });
    }
}

registry.category("public.interactions").add("sop_contact_requests.copy_link", CopyLink);
