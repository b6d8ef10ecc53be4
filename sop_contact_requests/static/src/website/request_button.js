import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { Interaction } from "@web/public/interaction";

const OPEN = "sop_contact_requests.open";

/**
 * Opens the form in a dialog on the listing's page. Without JavaScript, or with a captcha (whose
 * script binds to forms of whole pages), the button is a link to the form's own page.
 */
export class RequestButton extends Interaction {
    static selector = ".o_sop_request";
    dynamicContent = {
        ".o_sop_request_button": { "t-on-click": this.onClick },
        _window: { "t-on-popstate": () => this.dialog?.close() },
    };

    setup() {
        this.dialog = null;
        this.registerCleanup(() => this.dialog?.remove());
    }

    start() {
        this.el.dataset.ready = "1";
        this.registerCleanup(() => delete this.el.dataset.ready);
    }

    async onClick(ev) {
        if (session.recaptcha_public_key || session.turnstile_site_key || ev.ctrlKey || ev.metaKey) {
            return;
        }
        ev.preventDefault();
        this.opener = ev.currentTarget;
        if (this.isFilledIn()) {
            this.showDialog(); // closed by mistake: what was typed is still there
            return;
        }
        const url = ev.currentTarget.getAttribute("href");
        const title = ev.currentTarget.textContent.trim();
        const response = await this.waitFor(fetch(`${url}?fragment=1`).catch(() => null));
        if (!response || response.status >= 500) {
            browser.location.assign(url); // the browser says what is wrong, and can try again
            return;
        }
        this.open(title, await this.waitFor(response.text()));
    }

    /** Whether the dialog holds a form somebody has typed into. */
    isFilledIn() {
        const boxes = this.dialog?.querySelectorAll("form input[type='text'], form input[type='tel'], form textarea") || [];
        return [...boxes].some((box) => box.value.trim());
    }

    open(title, content) {
        if (!this.dialog) {
            this.dialog = document.createElement("dialog");
            this.dialog.className = "o_sop_request_dialog";
            const head = document.createElement("div");
            head.className = "d-flex align-items-center justify-content-between p-3 border-bottom";
            const heading = document.createElement("h2");
            heading.className = "h4 mb-0";
            heading.textContent = title;
            heading.id = "o_sop_request_title";
            this.dialog.setAttribute("aria-labelledby", heading.id);
            const close = document.createElement("button");
            close.type = "button";
            close.className = "btn-close";
            close.ariaLabel = _t("Close");
            close.addEventListener("click", () => this.dialog.close());
            head.append(heading, close);
            this.body = document.createElement("div");
            this.body.className = "p-3";
            this.dialog.append(head, this.body);
            this.dialog.addEventListener("close", () => this.onClose());
            this.dialog.addEventListener("submit", (ev) => this.onSubmit(ev));
            this.dialog.addEventListener("click", (ev) => this.onDialogClick(ev));
            document.body.append(this.dialog);
        }
        this.showDialog();
        this.show(content); // after it opened: opening moves the focus to the first button
    }

    /** The way back of a phone closes the dialog, instead of leaving the page and what was typed. */
    showDialog() {
        this.dialog.showModal();
        history.pushState({ [OPEN]: true }, "");
    }

    onClose() {
        this.opener?.focus();
        if (history.state?.[OPEN]) {
            history.back();
        }
    }

    /** The fragment comes from our own server, rendered and escaped there. */
    show(content) {
        this.body.innerHTML = content;
        // not the form's: what core starts on forms with a captcha sends them by itself
        const copy = this.body.querySelector(".o_sop_copy_link");
        if (copy) {
            this.services["public.interactions"].startInteractions(copy);
        }
        const first = this.body.querySelector(".is-invalid") || this.body.querySelector("input[name='buyer_name'], h2[tabindex]");
        first?.focus();
    }

    onDialogClick(ev) {
        if (ev.target === this.dialog || ev.target.closest(".o_sop_back")) {
            ev.preventDefault();
            this.dialog.close();
        }
    }

    sayOffline(form) {
        const notice = form.querySelector(".o_sop_offline") || document.createElement("div");
        notice.className = "alert alert-warning o_sop_offline";
        notice.setAttribute("role", "alert");
        notice.textContent = _t("There is no connection. What you wrote is still here: please send it again in a moment.");
        form.querySelector("button[type='submit']").before(notice);
    }

    async onSubmit(ev) {
        ev.preventDefault();
        const form = ev.target;
        const button = form.querySelector("button[type='submit']");
        button.disabled = true;
        const data = new FormData(form);
        data.set("fragment", "1");
        const response = await fetch(form.action, { method: "POST", body: data }).catch(() => null);
        const content = response && response.status < 500 && (await response.text().catch(() => null));
        if (content) {
            this.show(content);
        } else {
            // What was typed stays, and the same form sent again is stored once.
            button.disabled = false;
            this.sayOffline(form);
        }
    }
}

registry.category("public.interactions").add("sop_contact_requests.request_button", RequestButton);
