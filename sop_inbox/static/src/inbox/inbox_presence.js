import { onMounted, onWillUnmount, useEffect } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const BEAT = 25000; // ms between two words that one still looks
const GONE = 60000; // ms without a word after which somebody has left
const WRITES = 8000; // ms without a word after which somebody has stopped writing
const PAUSE = 4000; // ms between two words that one writes

/**
 * Colleagues by the conversation they look at or write in, out of what was last heard of each of them.
 *
 * @param {Map<number, {name: string, conversation: number, writes: number, at: number}>} heard by user
 * @param {number} now ms
 * @returns {Object<number, {id: number, name: string, writes: boolean}[]>}
 */
export function byConversation(heard, now) {
    const found = {};
    for (const [id, { name, conversation, writes, at }] of heard) {
        if (conversation && now - at < GONE) {
            (found[conversation] ||= []).push({ id, name, writes: now - writes < WRITES });
        }
    }
    return found;
}

/**
 * Who else looks at a conversation, or writes in it: sent to colleagues and received from them, not stored.
 *
 * @param {Object} inbox the screen's state, whose ``others`` are kept here
 * @returns {{onInput: (ev: InputEvent) => void}}
 */
export function usePresence(inbox) {
    const orm = useService("orm");
    const bus = useService("bus_service");
    const heard = new Map();
    let lastWord = 0;
    let lastWritten = 0;
    let shown = false;
    let timer;

    const publish = (state, id = inbox.id) => {
        if (id && !document.hidden) {
            orm.silent.call("sop.inbox.screen", "action_look", [[id], state]).catch(() => {}); // a deleted conversation has no viewers
        }
    };
    const show = () => {
        const others = byConversation(heard, Date.now());
        if (JSON.stringify(others) !== JSON.stringify(inbox.others)) {
            inbox.others = others;
        }
    };
    const onLook = ({ user: colleague, conversation, state }) => {
        if (colleague.id === user.userId) {
            return;
        }
        const now = Date.now();
        const known = heard.get(colleague.id);
        const isHere = state !== "gone";
        heard.set(colleague.id, { name: colleague.name, conversation: isHere && conversation, writes: state === "writing" ? now : 0, at: now });
        show();
        const isNew = !known || known.conversation !== conversation || now - known.at >= GONE;
        if (isHere && isNew && conversation === inbox.id) {
            publish("looking"); // so that they see at once that one is here
        }
    };

    onMounted(() => {
        bus.subscribe("sop_inbox/look", onLook);
        timer = browser.setInterval(() => {
            show();
            if (Date.now() - lastWord >= BEAT) {
                lastWord = Date.now();
                publish("looking");
            }
        }, 2000);
    });
    onWillUnmount(() => {
        bus.unsubscribe("sop_inbox/look", onLook);
        browser.clearInterval(timer);
        publish("gone", shown);
    });
    useEffect(
        (id) => {
            lastWord = Date.now();
            lastWritten = 0;
            publish(id ? "looking" : "gone", id || shown);
            shown = id;
        },
        () => [inbox.id]
    );

    return {
        onInput(ev) {
            if (ev.target.closest(".o-mail-Composer") && ev.target.value && Date.now() - lastWritten >= PAUSE) {
                lastWord = lastWritten = Date.now();
                publish("writing");
            }
        },
    };
}
