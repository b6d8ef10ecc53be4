import { Component, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

import { latest } from "@sop_pipeline/core/latest";

import { fold } from "./inbox_format";

const LIMIT = 200; // tags in one answer of the server
const TYPED_FOR = 250; // ms without a key until the server is asked

/** Drop-down of tags to put on or take off; a new name makes a new tag. */
export class TagPicker extends Component {
    static template = "sop_inbox.TagPicker";
    static components = { Dropdown };
    static props = {
        state: { type: Object, optional: true },
        selected: Array,
        onToggle: Function,
        canCreate: { type: Boolean, optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = { canCreate: true };

    setup() {
        this.orm = useService("orm");
        this.search = useState({ text: "", tags: [], asked: "", hasAll: true });
        this.read = latest(
            async (asked) => ({ asked, tags: await this.orm.call("sop.inbox.screen", "get_tags", [asked]) }),
            ({ asked, tags }) => {
                const hasAll = asked ? this.search.hasAll : tags.length < LIMIT;
                Object.assign(this.search, { asked, tags, hasAll });
            }
        );
        this.lookUpSoon = useDebounced(() => this.lookUp(), TYPED_FOR);
    }
    async load() {
        this.search.text = "";
        await this.read("");
    }
    get typed() {
        return this.search.text.trim();
    }
    /** Whether a tag may be missing: there are more than were read, and the server was asked for other words. */
    get isBehind() {
        return !this.search.hasAll && this.search.asked !== this.typed;
    }
    get visible() {
        const text = fold(this.typed);
        return this.search.tags.filter((tag) => fold(tag.name).includes(text));
    }
    get isNew() {
        const text = this.typed.toLowerCase();
        return this.props.canCreate && text && !this.isBehind && !this.search.tags.some((tag) => tag.name.toLowerCase() === text);
    }
    has(tag) {
        return this.props.selected.some((selected) => selected.id === tag.id);
    }
    async lookUp() {
        if (this.isBehind) {
            await this.read(this.typed);
        }
    }
    async create() {
        const name = this.typed;
        const [id] = await this.orm.create("crm.tag", [{ name }]);
        const tag = { id, name, color: 0 };
        this.search.tags.push(tag);
        this.search.text = "";
        this.lookUpSoon();
        this.props.onToggle(tag, true);
    }
    async onKeydown(ev) {
        ev.stopPropagation();
        if (ev.key === "Enter" && !this.isTaking) {
            this.isTaking = true; // a second press while the server is asked is none
            try {
                await this.lookUp();
                await this.takeFirst();
            } finally {
                this.isTaking = false;
            }
        }
    }
    async takeFirst() {
        const [first] = this.visible;
        if (first) {
            this.props.onToggle(first, !this.has(first));
        } else if (this.isNew) {
            await this.create();
        }
    }
}
