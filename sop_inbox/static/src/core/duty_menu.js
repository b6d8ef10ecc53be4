import { reactive } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** Whether the user takes conversations now; known to the menu under their picture. */
const dutyService = {
    dependencies: ["orm", "notification"],
    async start(env, { orm, notification }) {
        const state = reactive({ onDuty: false, known: false });
        const isStaff = await user.hasGroup("sop_inbox.sop_inbox_group_user");
        if (isStaff) {
            orm.silent.call("sop.duty", "get_state", []).then((onDuty) => Object.assign(state, { onDuty, known: true }));
            registry.category("user_menuitems").add("sop_duty", (env) => ({
                type: "switch",
                id: "sop_duty",
                description: _t("On duty in the inbox"),
                isChecked: state.onDuty,
                callback: () => toggle(),
                sequence: 15,
            }));
        }
        async function toggle() {
            state.onDuty = await orm.call("sop.duty", "action_set", [!state.onDuty]);
            notification.add(
                state.onDuty ? _t("You are on duty: new conversations come to you.") : _t("You are away: no new conversations are assigned to you."),
                { type: state.onDuty ? "success" : "info" }
            );
        }
        return { state, toggle };
    },
};
registry.category("services").add("sop_duty", dutyService);
