import { Component, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";

/**
 * Tabs beside the chat. Another module adds one:
 *
 *   registry.category("sop_inbox.panels").add("orders", { title, icon, component, sequence, condition });
 *
 * ``component`` is given ``panel`` (what ``get_panel`` returns); ``condition(panel)`` may hide the tab.
 * ``env.sopInbox`` opens conversations, refreshes and acts.
 */
export const panelRegistry = registry.category("sop_inbox.panels");

export class CustomerPanel extends Component {
    static template = "sop_inbox.CustomerPanel";
    static props = { panel: Object };

    setup() {
        this.inbox = useState(this.env.sopInbox.state);
        this.state = useState({ tab: this.env.sopInbox.wantedTab || this.tabs[0]?.id });
        delete this.env.sopInbox.wantedTab;
        this.env.sopInbox.openTab = (id) => {
            this.state.tab = id;
        };
    }
    get tabs() {
        return panelRegistry
            .getEntries()
            .map(([id, tab]) => ({ id, ...tab }))
            .filter((tab) => !tab.condition || tab.condition(this.props.panel))
            .sort((one, other) => (one.sequence || 50) - (other.sequence || 50));
    }
    get current() {
        return this.tabs.find((tab) => tab.id === this.state.tab) || this.tabs[0];
    }
}
