import { registerComposerAction } from "@mail/core/common/composer_actions";

import { _t } from "@web/core/l10n/translation";

import { CannedDialog, PictureDialog, ProductDialog } from "./reply_dialogs";

const inInbox = ({ composer, owner }) =>
    Boolean(owner.env.sopInbox && composer.targetThread?.sopIsCustomerChat && !composer.message);

function opener(Dialog) {
    return ({ owner }) => {
        const inbox = owner.env.sopInbox;
        owner.env.services.dialog.add(Dialog, {
            conversationId: inbox.state.id,
            afterSend: () => inbox.reload(),
        });
    };
}

/** The three reply tools beside emoji and files; ``env.sopInbox.replies`` opens them by key. */
const TOOLS = [
    { id: "sop-canned", key: "canned", Dialog: CannedDialog, icon: "fa fa-bolt", name: _t("Canned answers (C)"), sequenceQuick: 5 },
    { id: "sop-product", key: "product", Dialog: ProductDialog, icon: "fa fa-cube", name: _t("Send a product (P)"), sequenceQuick: 6 },
    { id: "sop-picture", key: "picture", Dialog: PictureDialog, icon: "fa fa-picture-o", name: _t("Pictures sent before"), sequenceQuick: 7 },
];
for (const { id, key, Dialog, icon, name, sequenceQuick } of TOOLS) {
    const open = opener(Dialog);
    registerComposerAction(id, {
        condition: inInbox,
        icon,
        name,
        sequenceQuick,
        onSelected: (params) => open(params),
        setup({ owner }) {
            if (owner.env.sopInbox) {
                owner.env.sopInbox.replies[key] = () => open({ owner });
            }
        },
    });
}
