import { Domain } from "@web/core/domain";
import { RelationalModel } from "@web/model/relational_model/relational_model";

import { keepOpen, keepPlaces } from "./inbox_places";

/**
 * Pages after the first are found by the last row of the page before ("older than this one"), not by
 * counting rows off: a deep page costs what the first costs, and rows that arrive meanwhile push none twice.
 */
export class SopInboxModel extends RelationalModel {
    setup() {
        super.setup(...arguments);
        this.lastRows = new Map();
        /** While the list is read again: what keeps its place (see ``holdPlaces``). */
        this.reading = undefined;
    }

    async _loadUngroupedList(config, cache) {
        const { reading } = this;
        const result = await this.loadPage(config, cache);
        const again = reading && JSON.stringify(config.domain) === reading.domain;
        return again ? { ...result, records: await this.holdPlaces(config, result.records, reading) } : result;
    }

    /**
     * The rows as they are to stand. Whether somebody is in the list is asked when its rows are here, not when they were asked for.
     *
     * @param {Object} reading
     * @param {number[]} reading.shown ids in the list
     * @param {() => boolean} reading.isHeld whether rows keep their places
     * @param {number|false} reading.openId the conversation shown
     * @param {boolean} reading.own something was done here: rows that left the list leave the screen too
     * @param {boolean} reading.more older rows are being added
     * @param {(found: Object[], isHeld: boolean) => void} reading.onFound
     */
    async holdPlaces(config, found, reading) {
        const { shown, openId, own, more } = reading;
        const there = new Set(found.map((row) => row.id));
        // in a list without focus, only the conversation one is in keeps its place, as long as the filters show it
        const held = reading.isHeld();
        const gone = own ? [] : shown.filter((id) => !there.has(id) && (held || id === openId));
        const others = gone.length ? await this.loadRows(config, gone, held ? [] : config.domain) : [];
        const isHeld = reading.isHeld();
        reading.onFound(found, isHeld);
        return isHeld ? keepPlaces(shown, found, others, more) : keepOpen(shown, found, [...found, ...others].find((row) => row.id === openId));
    }

    async loadRows(config, ids, within) {
        const domain = Domain.and([within, [["id", "in", ids]]]).toList(config.context);
        const page = { ...config, domain, offset: 0, limit: ids.length };
        return (await super._loadUngroupedList(page, undefined)).records;
    }

    async loadPage(config, cache) {
        const last = config.offset && this.lastRows.get(this.pageKey(config, config.offset));
        let result;
        if (last) {
            const domain = Domain.and([config.domain, this.olderThan(last)]).toList(config.context);
            result = await super._loadUngroupedList({ ...config, domain, offset: 0 }, undefined);
            result = { ...result, length: result.length + config.offset };
        } else {
            result = await super._loadUngroupedList(config, cache);
        }
        const end = result.records.at(-1);
        if (end && !config.orderBy.length) {
            this.lastRows.set(this.pageKey(config, config.offset + result.records.length), end);
        }
        return result;
    }

    /** What is chosen when the list is read again stays chosen, up to the moment the new rows are there. */
    _updateConfig(config, patch, options = {}) {
        const { commit } = options;
        if (!commit || !config.isRoot) {
            return super._updateConfig(...arguments);
        }
        const keep = (data) => {
            const chosen = new Set(this.root.selection.map((record) => record.resId));
            commit(data);
            for (const record of this.root.records) {
                if (chosen.has(record.resId)) {
                    record._toggleSelection(true);
                }
            }
        };
        return super._updateConfig(config, patch, { ...options, commit: keep });
    }

    pageKey(config, offset) {
        return JSON.stringify([config.domain, config.orderBy, offset]);
    }

    /** The first condition is what the index is read by; the second takes rows of the same second apart. */
    olderThan({ last_message_at: at, id }) {
        return [
            ["last_message_at", "<=", at],
            "|",
            ["last_message_at", "<", at],
            ["id", "<", id],
        ];
    }
}
