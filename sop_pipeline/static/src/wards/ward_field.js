import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

const TYPED_FOR = 150; // ms without a key before the wards are looked up

/**
 * The ward on a customer's address page (checkout and portal): what is typed finds the wards of today, without accents and by old names;
 * one that is chosen brings its province. Without this script the box takes any text, and the server finds the ward of a whole name.
 */
export class WardField extends Interaction {
    static selector = ".o_customer_address_fill";
    dynamicContent = {
        "input[name='city']": {
            "t-on-input": this.onInput,
            "t-on-keydown": this.onKeydown,
            "t-on-blur": this.close,
            "t-att-role": () => (this.isVietnam ? "combobox" : undefined),
            "t-att-aria-expanded": () => (this.isVietnam ? String(this.wards.length > 0) : undefined),
            "t-att-autocomplete": () => (this.isVietnam ? "off" : undefined),
        },
        "label[for='o_city']:not(.o_sop_ward_label)": { "t-att-class": () => ({ "d-none": this.isVietnam }) },
        ".o_sop_ward_label": { "t-att-class": () => ({ "d-none": !this.isVietnam }) },
        "select[name='country_id']": { "t-on-change": this.close },
    };

    setup() {
        this.form = this.el.querySelector("form.address_autoformat");
        this.wards = [];
        this.index = 0;
        this.isWanted = false; // whether what is found is to be shown
        this.lookSoon = this.debounced(this.look, TYPED_FOR);
    }

    start() {
        this.list = document.createElement("ul");
        this.list.className = "o_sop_wards dropdown-menu p-0";
        this.list.setAttribute("role", "listbox");
        this.box.parentElement.classList.add("position-relative");
        this.insert(this.list, this.box.parentElement);
        this.keepFocus();
        this.addListener(this.list, "pointerdown", (ev) => {
            ev.preventDefault(); // the box keeps the focus
            const option = ev.target.closest("[role='option']");
            if (option) {
                this.choose(this.wards[option.dataset.index]);
            }
        });
    }
    /** Core moves the city's block once its answer about the country is there, which takes the focus from who already types. */
    keepFocus() {
        const block = this.box.parentElement;
        let typing = document.activeElement === this.box;
        this.addListener(document, "focusin", (ev) => {
            typing = ev.target === this.box;
        });
        this.addListener(document, "pointerdown", (ev) => {
            typing = ev.target === this.box;
        });
        const observer = new MutationObserver((mutations) => {
            const moved = mutations.some((mutation) => [...mutation.addedNodes].includes(block));
            if (moved && typing && document.activeElement !== this.box) {
                this.box.focus();
            }
        });
        observer.observe(block.parentElement, { childList: true });
        this.registerCleanup(() => observer.disconnect());
    }
    get box() {
        return this.form.city;
    }
    get isVietnam() {
        return this.form.country_id.selectedOptions[0]?.getAttribute("code") === "VN";
    }

    onInput() {
        this.isWanted = true;
        this.lookSoon();
    }
    async look() {
        const q = this.box.value.trim();
        let wards = [];
        if (this.isVietnam && q.length > 1) {
            const query = new URLSearchParams({ q, state_id: this.form.state_id.value });
            const response = await this.waitFor(fetch(`/sop/wards?${query}`).catch(() => null));
            wards = response?.ok ? await this.waitFor(response.json()) : [];
        }
        if (this.isWanted && this.box.value.trim() === q && document.activeElement === this.box) {
            this.show(wards);
        }
    }
    show(wards) {
        this.wards = wards;
        this.index = 0;
        this.draw();
    }
    draw() {
        const options = this.wards.map((ward, index) => {
            const option = document.createElement("li");
            option.className = `dropdown-item text-wrap py-2${index === this.index ? " active" : ""}`;
            option.setAttribute("role", "option");
            option.setAttribute("aria-selected", String(index === this.index));
            option.dataset.index = index;
            option.textContent = `${ward.name}, ${ward.state}`;
            return option;
        });
        this.list.replaceChildren(...options);
        this.list.style.width = `${this.box.offsetWidth}px`; // as wide as the box it belongs to
        this.list.classList.toggle("show", options.length > 0);
        this.updateContent();
    }
    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (ev.key === "Escape") {
            ev.preventDefault();
            this.isWanted = false;
            this.close();
        } else if (!this.wards.length) {
            return;
        } else if (step) {
            ev.preventDefault();
            this.index = (this.index + step + this.wards.length) % this.wards.length;
            this.draw();
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            this.choose(this.wards[this.index]);
        }
    }
    choose(ward) {
        this.isWanted = false;
        this.box.value = ward.name;
        this.form.state_id.value = ward.state_id;
        this.form.state_id.dispatchEvent(new Event("change", { bubbles: true }));
        this.close();
    }
    close() {
        this.show([]);
    }
}

registry.category("public.interactions").add("sop_pipeline.ward_field", WardField);
