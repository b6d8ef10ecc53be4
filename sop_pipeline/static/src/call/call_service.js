import { latest } from "../core/latest";
import { AnswerDialog } from "./answer_dialog";
import { NextDialog } from "./next_dialog";
import { RatingDialog } from "./rating_dialog";
import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/**
 * Follows the user's calls from the press of the button to the rating (rows P2-P4).
 *
 * The server keeps every step, this service only asks for the next one: whether the customer
 * answered, then how interested they were. What was left open when the browser closed is asked
 * for again at the next start; other tabs and a telephone exchange are heard over the bus.
 */
export const callService = {
    dependencies: ["orm", "dialog", "bus_service", "action"],

    start(env, { orm, dialog, bus_service: bus, action }) {
        const state = reactive({ count: 0, toRate: [], waitingCount: 0, waiting: [] });
        /** Ids of calls with a dialog open in this tab: never two for one call. */
        const open = new Map();
        let busy = 0; // what-next dialogs shown, and calls being made
        let isReloadWanted = false;

        const refresh = latest(() => orm.silent.call("sop.call", "get_todo", []), showTodo);

        function showTodo(todo) {
            Object.assign(state, {
                count: todo.count,
                toRate: todo.to_rate,
                waitingCount: todo.waiting_count,
                waiting: todo.waiting,
            });
            const listed = new Set([...todo.waiting, ...todo.to_rate].map((call) => call.call_id));
            const all = listed.size === todo.waiting_count + todo.count;
            for (const [callId, close] of open) {
                if (all && !listed.has(callId)) {
                    close(); // answered or rated elsewhere
                }
            }
        }

        function show(component, call, onDone) {
            if (open.has(call.call_id)) {
                return;
            }
            const props = {
                call,
                onResult: (next, rated) => {
                    open.delete(call.call_id);
                    if (next) {
                        show(RatingDialog, next, onDone);
                    }
                    if (rated && !open.size) {
                        askNext(call, onDone); // waits for no page: one that is left or read twice may never say that it was read
                    }
                    refresh().then(onDone);
                },
            };
            const close = dialog.add(component, props, {
                onClose: () => open.get(call.call_id) === close && open.delete(call.call_id), // the next dialog of the call stays known
            });
            open.set(call.call_id, close);
        }

        /** Show the page anew. The web client closes every dialog then: one that still asks is answered first. */
        function reload() {
            isReloadWanted = Boolean(open.size || busy);
            return isReloadWanted ? undefined : action.doAction("soft_reload");
        }

        /** After a rating: what next on this lead, and which lead next. */
        async function askNext(call, onDone) {
            const onClose = () => {
                busy--;
                if (isReloadWanted) {
                    reload();
                }
            };
            busy++;
            try {
                const next = await orm.call("sop.call", "get_next_steps", [[call.call_id]]);
                const props = { call, ...next, onCall: (leadId) => callLead(leadId, onDone), onPlanned: () => void onDone?.() };
                dialog.add(NextDialog, props, { onClose });
            } catch (error) {
                onClose();
                throw error;
            }
        }

        /** Ask for what a call still wants: its result, or its rating. */
        function ask(call, onDone) {
            show(call.state === "answered" ? RatingDialog : AnswerDialog, call, onDone);
        }

        function openDialler(tel) {
            const link = document.createElement("a");
            link.href = tel;
            link.target = "_self";
            link.click();
        }

        /** Open the dialler, then ask how it went as soon as the person is back. */
        function dial(call, onDone) {
            openDialler(call.tel);
            ask(call, onDone);
            refresh();
        }

        /** Record the attempt on the server, then dial. */
        async function callLead(leadId, onDone) {
            busy++;
            try {
                const result = await orm.call("crm.lead", "action_sop_call", [[leadId]]);
                dial(result.params, onDone);
            } finally {
                busy--;
            }
        }

        bus.subscribe("sop_pipeline.call", async ({ call_id: callId, rate }) => {
            await refresh();
            const call = state.toRate.find((waiting) => waiting.call_id === callId);
            if (rate && call && browser.document?.visibilityState !== "hidden") {
                ask(call, reload);
            }
        });

        env.bus.addEventListener("WEB_CLIENT_READY", async () => {
            await refresh();
            if (state.waiting.length) {
                ask(state.waiting[0], reload);
            }
        }, { once: true });

        return { state, refresh, ask, dial, openDialler, callLead, reload };
    },
};

registry.category("services").add("sop_call", callService);

/** The action ``crm.lead.action_sop_call`` returns, for buttons that are plain server buttons. */
registry.category("actions").add("sop_call", (env, action) => {
    env.services.sop_call.dial(action.params, env.services.sop_call.reload);
});
