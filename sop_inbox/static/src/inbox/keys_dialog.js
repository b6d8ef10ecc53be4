import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";

import { inboxKeys } from "./inbox_keys";

/** The keys of the inbox on one sheet. */
export class KeysDialog extends Component {
    static template = "sop_inbox.KeysDialog";
    static components = { Dialog };
    static props = { close: Function };

    get keys() {
        return inboxKeys();
    }
}
