import { Component, onMounted, onPatched, onWillUnmount, useRef, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";

import { TagPicker } from "./tag_picker";

const STATES = ["open", "snoozed", "done", "spam"];

/**
 * The ten filters as chips. They are the filters of the search view: a click switches the same facet, so
 * chips, search bar, favourites and group by are one thing.
 */
export class InboxChips extends Component {
    static template = "sop_inbox.InboxChips";
    static components = { Dropdown, DropdownItem, TagPicker };
    static props = { counters: Object };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ tick: 0, tagMode: "any", tags: [], agents: [], hidden: 0, isWhole: false, since: "", until: "" });
        this.searchModel = this.env.searchModel;
        this.dateText = _t("Date");
        this.userText = _t("Assignee");
        useBus(this.searchModel, "update", () => this.state.tick++);
        // one line; what does not fit stands behind a plus, those pressed first of all
        this.row = useRef("row");
        const observer = new ResizeObserver(() => this.measure());
        onMounted(() => {
            observer.observe(this.row.el);
            this.measure();
        });
        onPatched(() => this.measure());
        onWillUnmount(() => observer.disconnect());
    }

    /** How many chips do not fit on the line. */
    measure() {
        const chips = [...(this.row.el?.children || [])];
        const top = Math.min(...chips.map((chip) => chip.offsetTop));
        const hidden = chips.filter((chip) => chip.offsetTop > top + chip.offsetHeight / 2).length;
        if (hidden !== this.state.hidden) {
            this.state.hidden = hidden;
        }
    }

    get stateChips() {
        return [
            { name: "open", label: _t("Open") },
            { name: "snoozed", label: _t("Snoozed") },
            { name: "done", label: _t("Done") },
            { name: "spam", label: _t("Spam") },
        ];
    }
    get chips() {
        // what did not go shows only while there is any
        const rare = [
            { name: "call", label: _t("Call to confirm"), icon: "fa-volume-control-phone" },
            { name: "dropped", label: _t("Dropped order"), icon: "fa-shopping-basket" },
            { name: "draft", label: _t("Draft order"), icon: "fa-pencil-square-o" },
            { name: "parcel_failed", label: _t("Delivery failed"), icon: "fa-truck" },
            { name: "parcel_returning", label: _t("Coming back"), icon: "fa-undo" },
            { name: "parcel_late", label: _t("Parcel late"), icon: "fa-calendar-times-o" },
        ];
        const unsent = { name: "unsent", label: _t("Not sent"), icon: "fa-exclamation-circle" };
        const transfer = { name: "transfer", label: _t("Waits for a transfer"), icon: "fa-university" };
        return [
            ...(this.props.counters.unsent || this.isActive("unsent") ? [unsent] : []),
            { name: "message", label: _t("Messages"), icon: "fa-envelope-o" },
            { name: "comment", label: _t("Comments"), icon: "fa-comments-o" },
            { name: "livechat", label: _t("Live chat"), icon: "fa-globe" },
            { name: "unread", label: _t("Unread"), icon: "fa-circle" },
            { name: "unanswered", label: _t("Unanswered"), icon: "fa-reply" },
            { name: "overdue", label: _t("Overdue"), icon: "fa-hourglass-end" },
            { name: "phone", label: _t("Has phone"), icon: "fa-phone" },
            { name: "order", label: _t("Has order"), icon: "fa-shopping-cart" },
            { name: "priority", label: _t("Priority"), icon: "fa-star" },
            ...(this.props.counters.transfer || this.isActive("transfer") ? [transfer] : []),
            ...rare.filter(({ name }) => this.props.counters[name] || this.isActive(name)),
            { name: "mine", label: _t("Mine"), icon: "fa-user" },
            { name: "unassigned", label: _t("Unassigned"), icon: "fa-user-o" },
        ];
    }
    /** Saved views of the user with their numbers; a click puts one in the place of all filters. */
    get favorites() {
        return Object.values(this.searchModel.searchItems)
            .filter((item) => this.state.tick >= 0 && item.type === "favorite" && item.serverSideId)
            .map((item) => ({
                id: item.id,
                name: `favorite_${item.serverSideId}`,
                label: item.description,
                active: this.searchModel.query.some((part) => part.searchItemId === item.id),
            }));
    }
    get dateChoices() {
        const date = this.item("date");
        const options = this.state.tick >= 0 && date && this.searchModel.getSearchItems((item) => item.id === date.id);
        return (options?.[0]?.options || []).filter((option) => option.id.startsWith("custom"));
    }
    get dateLabel() {
        return this.dateChoices.find((choice) => choice.isActive)?.description || (this.state.tick >= 0 && this.marked("days")?.description);
    }
    get allActive() {
        const pressed = this.chips.some((chip) => this.isActive(chip.name)) || this.isActive("date") || this.marked("days");
        return this.state.tick >= 0 && !pressed && !this.marked("tag") && !this.marked("user") && !this.favorites.some((favorite) => favorite.active);
    }

    item(name) {
        return Object.values(this.searchModel.searchItems).find((item) => item.name === name);
    }
    isActive(name) {
        const item = this.item(name);
        return Boolean(this.state.tick >= 0 && item && this.searchModel.query.some((part) => part.searchItemId === item.id));
    }
    count(name) {
        const number = this.props.counters[name];
        return number === undefined ? "" : number > 999 ? "999+" : String(number);
    }
    /** The whole number, where the chip has no room for it. */
    tip(name) {
        const number = this.props.counters[name];
        return number > 999 ? formatInteger(number) : "";
    }
    toggle(name) {
        this.searchModel.toggleSearchItem(this.item(name).id);
    }
    /** One state at a time; a click on the one shown shows all of them. */
    pickState(name) {
        const searchModel = this.searchModel;
        const wasActive = this.isActive(name);
        searchModel.blockNotification = true;
        for (const other of STATES) {
            if (this.isActive(other)) {
                searchModel.toggleSearchItem(this.item(other).id);
            }
        }
        searchModel.blockNotification = false;
        if (wasActive) {
            searchModel._notify();
        } else {
            searchModel.toggleSearchItem(this.item(name).id);
        }
    }
    showAll() {
        const searchModel = this.searchModel;
        searchModel.blockNotification = true;
        for (const chip of this.chips) {
            if (this.isActive(chip.name)) {
                this.toggle(chip.name);
            }
        }
        this.unmark("tag");
        this.unmark("user");
        this.unmark("days");
        for (const item of [this.item("date"), ...this.favorites.filter((favorite) => favorite.active).map(({ id }) => searchModel.searchItems[id])]) {
            if (item && searchModel.query.some((part) => part.searchItemId === item.id)) {
                searchModel.deactivateGroup(item.groupId);
            }
        }
        searchModel.blockNotification = false;
        this.state.tags = [];
        searchModel._notify();
    }
    /** Conversations with a message between two days, both included. */
    pickDays() {
        const { since, until } = this.state;
        const [first, last] = [since || until, until || since].sort();
        if (!first) {
            return;
        }
        const date = this.item("date");
        this.searchModel.blockNotification = true;
        if (date && this.isActive("date")) {
            this.searchModel.deactivateGroup(date.groupId);
        }
        this.searchModel.blockNotification = false;
        const day = (text) => text.split("-").reverse().join("/");
        this.mark("days", first === last ? day(first) : `${day(first)} – ${day(last)}`, `[('talked', '=', '${first}/${last}')]`);
    }
    pickDate(option) {
        this.unmark("days");
        this.searchModel.toggleDateFilter(this.item("date").id, option.id);
    }

    // Filters made of values (tags, persons) are facets of their own, marked so that they can be changed.
    marked(key) {
        return this.searchModel.query
            .map((part) => this.searchModel.searchItems[part.searchItemId])
            .find((item) => item?.sopKey === key);
    }
    unmark(key) {
        const item = this.marked(key);
        if (item) {
            this.searchModel.toggleSearchItem(item.id);
        }
    }
    mark(key, description, domain) {
        this.searchModel.blockNotification = true;
        this.unmark(key);
        this.searchModel.blockNotification = false;
        this.searchModel.createNewFilters([{ description, domain, invisible: "True", type: "filter", sopKey: key }]);
    }
    toggleTag(tag) {
        const known = this.state.tags.some((chosen) => chosen.id === tag.id);
        this.state.tags = known ? this.state.tags.filter((chosen) => chosen.id !== tag.id) : [...this.state.tags, tag];
        this.applyTags();
    }
    setTagMode(mode) {
        this.state.tagMode = mode;
        this.applyTags();
    }
    applyTags() {
        const ids = this.state.tags.map((tag) => tag.id);
        if (!ids.length) {
            return this.unmark("tag");
        }
        const names = this.state.tags.map((tag) => tag.name).join(", ");
        const { label } = this.tagModes.find((mode) => mode.id === this.state.tagMode);
        return this.mark("tag", `${label}: ${names}`, this.tagDomain(ids));
    }
    tagDomain(ids) {
        switch (this.state.tagMode) {
            case "all":
                return `[${ids.map((id) => `('tag_ids', 'in', [${id}])`).join(", ")}]`;
            case "none":
                return `[('tag_ids', 'not in', [${ids}])]`;
            default:
                return `[('tag_ids', 'in', [${ids}])]`;
        }
    }
    get tagModes() {
        return [
            { id: "any", label: _t("Any tag of") },
            { id: "all", label: _t("All tags of") },
            { id: "none", label: _t("None of") },
        ];
    }
    get activeTags() {
        return this.state.tick >= 0 && this.marked("tag") ? this.state.tags : [];
    }
    async loadAgents() {
        this.state.agents = await this.orm.call("sop.inbox.screen", "get_agents", [[]]);
    }
    pickAgent(agent) {
        this.mark("user", _t("Assignee: %s", agent.name), `[('user_id', '=', ${agent.id})]`);
    }
    get agentLabel() {
        return this.state.tick >= 0 && this.marked("user")?.description;
    }
}
