import { Component, onWillUnmount, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { avatarHue, channelIcon, formatAgo, formatExact, formatSpan, initials, othersText } from "./inbox_format";

/** Picture of the person with the sign of the channel they write on. */
export class SopAvatar extends Component {
    static template = "sop_inbox.Avatar";
    static props = { ...standardWidgetProps };

    get data() {
        return this.props.record.data;
    }
    get url() {
        return this.data.has_avatar
            ? `/web/image/sop.identity/${this.data.identity_id.id}/image_128`
            : "";
    }
    get initials() {
        return initials(this.data.name);
    }
    get style() {
        return `--o-sop-hue: ${avatarHue(this.data.identity_id.id)}`;
    }
    get sign() {
        return channelIcon(this.data.provider, this.data.kind);
    }
    get selected() {
        return this.props.record.selected;
    }
}
registry.category("view_widgets").add("sop_avatar", { component: SopAvatar });

/** Re-renders once a minute, for texts that say how long ago. */
function useMinute() {
    const state = useState({ minute: 0 });
    const timer = browser.setInterval(() => state.minute++, 60000);
    onWillUnmount(() => browser.clearInterval(timer));
    return state;
}

/** Time of the last message, short; the exact one as title. */
export class SopAgo extends Component {
    static template = "sop_inbox.Ago";
    static props = { ...standardFieldProps };

    setup() {
        this.minute = useMinute();
    }
    get text() {
        return this.minute.minute >= 0 && formatAgo(this.props.record.data[this.props.name]);
    }
    get title() {
        return formatExact(this.props.record.data[this.props.name]);
    }
}
registry.category("fields").add("sop_ago", {
    component: SopAgo,
    supportedTypes: ["datetime"],
    isEmpty: () => false,
});

/** Colleagues who look at the conversation right now, or write in it. */
export class SopOthers extends Component {
    static template = "sop_inbox.Others";
    static props = { ...standardWidgetProps };

    setup() {
        this.inbox = useState(this.env.sopInbox?.state || { others: {} });
    }
    get others() {
        return this.inbox.others[this.props.record.resId] || [];
    }
    get writes() {
        return this.others.some((other) => other.writes);
    }
    get title() {
        return othersText(this.others);
    }
}
registry.category("view_widgets").add("sop_others", { component: SopOthers });

/** How long the customer may still wait, or how late the answer is. */
export class SopDue extends Component {
    static template = "sop_inbox.Due";
    static props = { ...standardWidgetProps };

    setup() {
        this.minute = useMinute();
    }
    get due() {
        return this.minute.minute >= 0 && this.props.record.data.reply_due_at;
    }
    get late() {
        return this.due && this.due < luxon.DateTime.now();
    }
    get text() {
        const span = formatSpan(this.due);
        return this.late ? _t("late %s", span) : span;
    }
    get title() {
        return formatExact(this.due);
    }
}
registry.category("view_widgets").add("sop_due", { component: SopDue });
