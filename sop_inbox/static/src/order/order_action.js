import { registerComposerAction } from "@mail/core/common/composer_actions";

import { _t } from "@web/core/l10n/translation";

import { isCustomerChat } from "../core/customer_chat";
import { toolName } from "../inbox/inbox_format";

/** Show the order form beside the chat, whatever was shown there before. */
export function openOrderForm(inbox, ui) {
    inbox.wantedTab = "order";
    if (ui.isSmall) {
        inbox.showPane("panel");
    } else if (!inbox.state.panelOpen) {
        inbox.togglePanel();
    }
    inbox.openTab?.("order");
}

/** The cart beside the reply box; ``env.sopInbox.openOrder`` does the same by key. */
registerComposerAction("sop-order", {
    condition: ({ composer, owner }) => Boolean(owner.env.sopInbox && isCustomerChat(composer.targetThread) && !composer.message),
    icon: "fa fa-shopping-cart",
    name: toolName(_t("Create order (O)")),
    sequence: 4,
    sequenceQuick: ({ store }) => (store.env.isSmall ? undefined : 4), // on a phone in the sheet, with the other tools
    onSelected: ({ owner }) => openOrderForm(owner.env.sopInbox, owner.env.services.ui),
    setup({ owner }) {
        if (owner.env.sopInbox) {
            owner.env.sopInbox.openOrder = () => openOrderForm(owner.env.sopInbox, owner.env.services.ui);
        }
    },
});
