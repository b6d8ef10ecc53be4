import { Component, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useService } from "@web/core/utils/hooks";

import { fold } from "./inbox_format";

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
        this.search = useState({ text: "", tags: [] });
    }
    async load() {
        this.search.text = "";
        this.search.tags = await this.orm.searchRead("crm.tag", [], ["name", "color"], { limit: 200, order: "name" });
    }
    get visible() {
        const text = fold(this.search.text.trim());
        return this.search.tags.filter((tag) => fold(tag.name).includes(text));
    }
    get isNew() {
        const text = this.search.text.trim().toLowerCase();
        return this.props.canCreate && text && !this.search.tags.some((tag) => tag.name.toLowerCase() === text);
    }
    has(tag) {
        return this.props.selected.some((selected) => selected.id === tag.id);
    }
    async create() {
        const name = this.search.text.trim();
        const [id] = await this.orm.create("crm.tag", [{ name }]);
        const tag = { id, name, color: 0 };
        this.search.tags.push(tag);
        this.search.text = "";
        this.props.onToggle(tag, true);
    }
    onKeydown(ev) {
        ev.stopPropagation();
        if (ev.key === "Enter") {
            const [first] = this.visible;
            if (this.isNew && !first) {
                this.create();
            } else if (first) {
                this.props.onToggle(first, !this.has(first));
            }
        }
    }
}
