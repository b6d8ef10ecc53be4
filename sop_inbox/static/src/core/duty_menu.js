import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { Mutex } from "@web/core/utils/concurrency";

/** Whether the user takes conversations now: a switch in the menu under their picture. */
const dutyService = {
    dependencies: ["orm", "notification"],
    async start(env, { orm, notification }) {
        if (!(await user.hasGroup("sop_inbox.sop_inbox_group_user"))) {
            return;
        }
        let onDuty = false;
        const mutex = new Mutex(); // each press turns what the one before it left
        mutex.exec(async () => {
            onDuty = await orm.silent.call("sop.duty", "get_state", []);
        });
        async function toggle() {
            onDuty = await orm.call("sop.duty", "action_set", [!onDuty]);
            notification.add(
                onDuty ? _t("You are on duty: new conversations come to you.") : _t("You are away: no new conversations are assigned to you."),
                { type: onDuty ? "success" : "info" }
            );
        }
        registry.category("user_menuitems").add("sop_duty", () => ({
            type: "switch",
            id: "sop_duty",
            description: _t("On duty in the inbox"),
            isChecked: onDuty,
            callback: () => mutex.exec(toggle),
            sequence: 15,
        }));
    },
};
registry.category("services").add("sop_duty", dutyService);
