import { registry } from "@web/core/registry";

/**
 * Whatever link to a telephone number is pressed in the office, the attempt is recorded, and how it went is asked
 * (row P2): phone fields of leads and customers, the list of calls, a panel of the inbox. An unknown number is merely
 * dialled, and so is every number when the server cannot be reached.
 */
export const telLinksService = {
    dependencies: ["orm", "sop_call"],

    start(env, { orm, sop_call: calls }) {
        async function dial(link) {
            const tel = link.getAttribute("href");
            const [model, id] = (link.closest("[data-sop-record]")?.dataset.sopRecord || "").split(",");
            let found = false;
            try {
                const number = decodeURIComponent(tel.slice("tel:".length));
                found = await orm.call("sop.call", "action_dial", [number, model || false, Number(id) || false]);
            } finally {
                if (found) {
                    calls.dial(found.params, calls.reload);
                } else {
                    calls.openDialler(tel);
                }
            }
        }

        document.addEventListener(
            "click",
            (ev) => {
                const link = ev.target.closest?.("a[href^='tel:']");
                if (link) {
                    ev.preventDefault();
                    ev.stopPropagation(); // the row or card below is not opened
                    dial(link);
                }
            },
            { capture: true }
        );
    },
};

registry.category("services").add("sop_tel_links", telLinksService);
