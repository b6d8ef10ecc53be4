import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { Interaction } from "@web/public/interaction";

/**
 * Opens the form in a dialog on the listing's page. Without JavaScript, or with a captcha (whose
 * script binds to forms of whole pages), the button is a link to the form's own page.
 */
export class RequestButton extends Interaction {
    static selector = ".o_sop_request";
    dynamicContent = {
        ".o_sop_request_button": { "t-on-click": this.onClick },
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
        const url = ev.currentTarget.getAttribute("href");
        const title = ev.currentTarget.textContent.trim();
        const response = await this.waitFor(fetch(`${url}?fragment=1`));
        if (response.status >= 500) {
            window.location = url;
            return;
        }
        this.open(title, await this.waitFor(response.text()));
    }

    open(title, content) {
        if (!this.dialog) {
            this.dialog = document.createElement("dialog");
            this.dialog.className = "o_sop_request_dialog";
            const head = document.createElement("div");
            head.className = "d-flex align-items-center justify-content-between p-3 border-bottom";
            const heading = document.createElement("h4");
            heading.className = "mb-0";
            heading.textContent = title;
            const close = document.createElement("button");
            close.type = "button";
            close.className = "btn-close";
            close.ariaLabel = "✕";
            close.addEventListener("click", () => this.dialog.close());
            head.append(heading, close);
            this.body = document.createElement("div");
            this.body.className = "p-3";
            this.dialog.append(head, this.body);
            this.dialog.addEventListener("submit", (ev) => this.onSubmit(ev));
            this.dialog.addEventListener("click", (ev) => this.onDialogClick(ev));
            document.body.append(this.dialog);
        }
        this.dialog.showModal();
        this.show(content); // after it opened: opening moves the focus to the first button
    }

    /** The fragment comes from our own server, rendered and escaped there. */
    show(content) {
        this.body.innerHTML = content;
        this.body.querySelector(".is-invalid, input[name='buyer_name']")?.focus();
    }

    onDialogClick(ev) {
        if (ev.target === this.dialog || ev.target.closest(".o_sop_back")) {
            ev.preventDefault();
            this.dialog.close();
        }
    }

    async onSubmit(ev) {
        ev.preventDefault();
        const form = ev.target;
        const button = form.querySelector("button[type='submit']");
        button.disabled = true;
        const data = new FormData(form);
        data.set("fragment", "1");
        try {
            const response = await fetch(form.action, { method: "POST", body: data });
            this.show(await response.text());
        } catch {
            // No network: what was typed stays, and the same form sent again is stored once.
            button.disabled = false;
            form.submit();
        }
    }
}

registry.category("public.interactions").add("sop_contact_requests.request_button", RequestButton);
