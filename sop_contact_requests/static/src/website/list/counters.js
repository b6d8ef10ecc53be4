/** Numbers of new and overdue requests: above the list, in the menu, and of the new ones in the window's title. */
export class Counters {
    constructor(el) {
        this.el = el;
        this.title = document.title;
        this.showInTitle(Number(this.badge("new")?.textContent) || 0);
    }

    badge(name) {
        return this.el.querySelector(`.o_sop_count_${name} .o_sop_number`);
    }

    show(counts) {
        for (const name of ["new", "overdue"]) {
            const badge = this.badge(name);
            badge.textContent = counts[name];
            badge.parentElement.classList.toggle("d-none", !counts[name]);
        }
        for (const badge of document.querySelectorAll(".o_sop_new_count")) {
            badge.textContent = counts.new || "";
        }
        this.showInTitle(counts.new);
    }

    showInTitle(count) {
        document.title = count ? `(${count}) ${this.title}` : this.title;
    }
}
