import { registry } from "@web/core/registry";
import { formatDuration } from "@web/core/l10n/dates";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";

/** A number of seconds in its largest unit, as core's status bar writes it. */
export class DurationField extends IntegerField {
    get formattedValue() {
        const seconds = this.value || 0;
        return seconds < 60 ? "" : formatDuration(seconds, false);
    }
}

registry.category("fields").add("sop_duration", { ...integerField, component: DurationField });
