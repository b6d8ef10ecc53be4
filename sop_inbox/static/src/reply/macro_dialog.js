import { Component, onWillStart, useState } from "@odoo/owl";

import { registerComposerAction } from "@mail/core/common/composer_actions";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

import { isCustomerChat } from "../core/customer_chat";

/** Macros: what each would do here is shown before, and can be undone after. */
export class MacroDialog extends Component {
    static template = "sop_inbox.MacroDialog";
    static components = { Dialog };
    static props = { close: Function, conversationId: Number, inbox: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ macros: [], busy: false });
        onWillStart(async () => {
            this.state.macros = await this.orm.call("sop.conversation.macro", "get_macros", [[this.props.conversationId]]);
        });
    }
    async run(macro) {
        this.state.busy = true;
        const { conversationId, inbox } = this.props;
        const { orm, notification } = this.env.services; // the dialog's own answer no more once it is closed
        try {
            const { run_id: runId, name } = await orm.call("sop.conversation.macro", "action_run", [[conversationId], macro.id]);
            this.props.close();
            const shown = () => {
                inbox.refresh();
                inbox.reload();
            };
            shown();
            const remove = notification.add(_t("Done: %s", name), {
                type: "success",
                autocloseDelay: 10000,
                buttons: [
                    {
                        name: _t("Undo"),
                        primary: true,
                        onClick: async () => {
                            remove();
                            const { left } = await orm.call("sop.conversation.macro", "action_undo", [[conversationId], runId]);
                            notification.add(left || _t("Undone"), { type: left ? "warning" : "info" });
                            shown();
                        },
                    },
                ],
            });
        } finally {
            this.state.busy = false;
        }
    }
}

registerComposerAction("sop-macro", {
    condition: ({ composer, owner }) => Boolean(owner.env.sopInbox && isCustomerChat(composer.targetThread) && !composer.message),
    icon: "fa fa-magic",
    name: _t("Macros"),
    sequence: 60,
    onSelected: ({ owner }) =>
        owner.env.services.dialog.add(MacroDialog, { conversationId: owner.env.sopInbox.state.id, inbox: owner.env.sopInbox }),
});
