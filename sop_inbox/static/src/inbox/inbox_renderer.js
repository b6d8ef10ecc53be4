import { useState } from "@odoo/owl";

import { KanbanRecord } from "@web/views/kanban/kanban_record";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";

/** A row: a click opens, a click on the picture's check mark selects. */
export class SopInboxRecord extends KanbanRecord {
    setup() {
        super.setup();
        this.inbox = useState(this.env.sopInbox.state);
    }
    onGlobalClick(ev) {
        if (ev.target.closest(".o_inbox_row_select")) {
            ev.stopPropagation();
            this.props.toggleSelection(this.props.record, ev.shiftKey);
            return;
        }
        return super.onGlobalClick(...arguments);
    }
    getRecordClasses() {
        const shown = this.inbox.id === this.props.record.resId;
        return `${super.getRecordClasses()} o_inbox_record ${shown ? "o_inbox_record_shown" : ""}`;
    }
}

/** Core's renderer drawn as one column; rows keep their place in the page when the list is read again. */
export class SopInboxRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, KanbanRecord: SopInboxRecord };

    getGroupsOrRecords() {
        return super.getGroupsOrRecords().map((item) =>
            item.record ? { ...item, key: item.record.resId } : item
        );
    }
    get canUseSortable() {
        return false;
    }
}
