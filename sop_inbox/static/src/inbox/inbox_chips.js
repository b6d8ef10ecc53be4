import { Component, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";

import { filterChips, stateChips, STATES, tagModes } from "./chip_names";
import { useOverflow } from "./overflow";
import { TagPicker } from "./tag_picker";

const GROUPINGS = ["groupBy", "dateGroupBy"];

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
        this.dateDropdown = useDropdownState();
        this.userText = _t("Assignee");
        useBus(this.searchModel, "update", () => this.state.tick++);
        // one line; what does not fit stands behind a plus, those pressed first of all
        useOverflow("row", (hidden) => (this.state.hidden = hidden));
    }

    get stateChips() {
        return stateChips();
    }
    get chips() {
        return filterChips().filter((chip) => !chip.rare || this.props.counters[chip.name] || this.isActive(chip.name));
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
    /** What narrows the list besides the state: chips, saved views and words that were searched for. */
    get narrowing() {
        const items = this.searchModel.query.map((part) => this.searchModel.searchItems[part.searchItemId]);
        return items.filter(({ name, type }) => !STATES.includes(name) && !GROUPINGS.includes(type));
    }
    get allActive() {
        return this.state.tick >= 0 && !this.narrowing.length;
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
        for (const { groupId } of this.narrowing) {
            searchModel.deactivateGroup(groupId);
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
        this.dateDropdown.close();
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
        const { label, domain } = this.tagModes.find((mode) => mode.id === this.state.tagMode);
        return this.mark("tag", `${label}: ${names}`, domain(ids));
    }
    get tagModes() {
        return tagModes();
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
