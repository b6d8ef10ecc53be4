import { Domain } from "@web/core/domain";
import { RelationalModel } from "@web/model/relational_model/relational_model";

/**
 * Pages after the first are found by the last row of the page before ("older than this one"), not by
 * counting rows off: a deep page costs what the first costs, and rows that arrive meanwhile push none twice.
 */
export class SopInboxModel extends RelationalModel {
    setup() {
        super.setup(...arguments);
        this.lastRows = new Map();
    }

    async _loadUngroupedList(config, cache) {
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
