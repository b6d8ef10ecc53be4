import { composerActionsRegistry, registerComposerAction } from "@mail/core/common/composer_actions";

import { _t } from "@web/core/l10n/translation";

import { isCustomerChat } from "../core/customer_chat";
import { toolName } from "../inbox/inbox_format";
import { CannedDialog, PictureDialog, ProductDialog } from "./reply_dialogs";

const inInbox = ({ composer, owner }) =>
    Boolean(owner.env.sopInbox && isCustomerChat(composer.targetThread) && !composer.message);

function opener(Dialog) {
    return ({ owner }) => {
        const inbox = owner.env.sopInbox;
        owner.env.services.dialog.add(Dialog, {
            conversationId: inbox.state.id,
            afterSend: () => inbox.reload(),
        });
    };
}

/** Ours show what the customer would read, with prices and names: core's list beside them would be the same answers twice. */
const coreCanned = composerActionsRegistry.get("add-canned-response");
const isCoreCannedShown = coreCanned.condition;
coreCanned.condition = (params) => !inInbox(params) && isCoreCannedShown(params);

/**
 * The three reply tools beside emoji and files, on a phone in the sheet behind the plus: there the box has the width.
 * ``env.sopInbox.replies`` opens them by key.
 */
const TOOLS = [
    { id: "sop-canned", key: "canned", Dialog: CannedDialog, icon: "fa fa-bolt", name: _t("Canned answers (C)"), place: 5 },
    { id: "sop-product", key: "product", Dialog: ProductDialog, icon: "fa fa-cube", name: _t("Send a product (P)"), place: 6 },
    { id: "sop-picture", key: "picture", Dialog: PictureDialog, icon: "fa fa-picture-o", name: _t("Pictures sent before"), place: 7 },
];
for (const { id, key, Dialog, icon, name, place } of TOOLS) {
    const open = opener(Dialog);
    registerComposerAction(id, {
        condition: inInbox,
        icon,
        name: toolName(name),
        sequence: place,
        sequenceQuick: ({ store }) => (store.env.isSmall ? undefined : place),
        onSelected: (params) => open(params),
        setup({ owner }) {
            if (owner.env.sopInbox) {
                owner.env.sopInbox.replies[key] = () => open({ owner });
            }
        },
    });
}
