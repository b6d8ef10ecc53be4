import { Component } from "@odoo/owl";

import { Chatter } from "@mail/chatter/web_portal/chatter";
import { _t } from "@web/core/l10n/translation";

import { panelRegistry } from "./customer_panel";

/** Private notes, reminders and who did what: the conversation's own chatter, which no customer ever sees. */
export class NotesTab extends Component {
    static template = "sop_inbox.NotesTab";
    static components = { Chatter };
    static props = { panel: Object };
}
panelRegistry.add("notes", {
    title: _t("Notes"),
    icon: "fa-sticky-note-o",
    component: NotesTab,
    sequence: 90,
});
