import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, beforeEach } from "@odoo/hoot";
import { defineModels, fields, getMockEnv, MockServer, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

import { sayOnBus } from "@sop_pipeline/../tests/bus";

const ARCH = /* xml */ `
    <kanban js_class="sop_inbox" limit="LIMIT" count_limit="80" can_open="1">
        <field name="unread_count"/>
        <field name="is_unanswered"/>
        <field name="last_inbound_ref"/>
        <field name="last_message_at"/>
        <templates><t t-name="card">
            <span class="o_inbox_row_select">select</span><field name="name" class="o_inbox_row_name"/>
        </t></templates>
    </kanban>`;
const SEARCH = /* xml */ `
    <search>
        <filter name="open" string="Open" domain="[('state', '=', 'open')]"/>
        <filter name="snoozed" string="Snoozed" domain="[('state', '=', 'snoozed')]"/>
        <filter name="done" string="Done" domain="[('state', '=', 'done')]"/>
        <separator/>
        <filter name="message" string="Messages" domain="[('kind', '=', 'message')]"/>
        <filter name="comment" string="Comments" domain="[('kind', '=', 'comment')]"/>
        <separator/>
        <filter name="unanswered" string="Unanswered" domain="[('is_unanswered', '=', True)]"/>
        <filter name="unsent" string="Not Sent" domain="[('has_unsent', '=', True)]"/>
        <group><filter name="group_state" string="State" context="{'group_by': 'state'}"/></group>
    </search>`;

export class SopConversation extends models.Model {
    _name = "sop.conversation";
    _order = "last_message_at DESC, id DESC";

    name = fields.Char();
    state = fields.Selection({ selection: [["open", "Open"], ["snoozed", "Snoozed"], ["done", "Done"]], default: "open" });
    kind = fields.Selection({ selection: [["message", "Message"], ["comment", "Comment"]], default: "message" });
    is_unanswered = fields.Boolean();
    has_unsent = fields.Boolean();
    talked = fields.Char();
    unread_count = fields.Integer();
    last_inbound_ref = fields.Integer();
    last_message_at = fields.Datetime();
    tag_ids = fields.Many2many({ relation: "crm.tag" });
    user_id = fields.Many2one({ relation: "res.users" });

    _records = [];
}

export class CrmTag extends models.Model {
    _name = "crm.tag";

    name = fields.Char();
    color = fields.Integer();

    _records = [
        { id: 1, name: "VIP" },
        { id: 2, name: "Wholesale" },
    ];
}

/** ``count`` conversations of which the last made is the newest: Chat 1, Chat 2 ... */
export function makeChats(count, values = () => ({})) {
    return Array.from({ length: count }, (_unused, index) => ({
        id: index + 1,
        name: `Chat ${index + 1}`,
        last_message_at: `2025-01-01 10:${String(index).padStart(2, "0")}:00`,
        ...values(index + 1),
    }));
}

/** The server's part of the inbox, for the tests of a file: two models, the chips' numbers and what a chat shows. */
export function defineInbox() {
    defineMailModels();
    defineModels([SopConversation, CrmTag]);
    beforeEach(() => {
        browser.localStorage.setItem("sop_inbox.panel", "closed");
        SopConversation._records = makeChats(5);
        onRpc("sop.duty", "get_state", () => false);
        onRpc("sop.inbox.screen", "action_look", () => true);
        onRpc("sop.inbox.screen", "get_tags", ({ args: [text] }) => {
            const tags = MockServer.env["crm.tag"].search_read([["name", "ilike", text]], ["name", "color"], 0, 0, "name");
            return tags.slice(0, 200);
        });
        onRpc("sop.conversation", "get_counters", () => ({}));
        onRpc("sop.conversation", "get_panel", ({ args }) => ({ id: args[0][0], name: "Lan", tags: [], channel_id: 0 }));
    });
}

export async function mountInbox({ limit = 40, ...params } = {}) {
    const arch = ARCH.replace("LIMIT", limit);
    await mountView({ type: "kanban", resModel: "sop.conversation", arch, searchViewArch: SEARCH, ...params });
    await advanceTime(1000); // the bus listens by then
    await animationFrame();
    return getMockEnv();
}

/** The bus says that conversations changed; the screen has heard it then. */
export function hearOf(...ids) {
    return sayOnBus("sop_inbox/update", { items: ids.map((id) => ({ id })) });
}
