from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.arguments import flag, takes
from odoo.addons.sop_pipeline.tools.transactions import made_once

from ...tools.assignment import Candidate


class SopDuty(models.Model):
    """Whether an agent is available, and when a conversation was last assigned to them.

    The row is locked while conversations are given out, so that two messages at once can never
    give an agent more than their capacity.
    """

    _name = "sop.duty"
    _description = "Duty in the Inbox"
    _inherit = ["sop.guard.mixin"]
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    on_duty = fields.Boolean(default=False)
    since = fields.Datetime()
    last_assigned_at = fields.Datetime()

    _user_unique = models.UniqueIndex("(user_id)", "A person has one duty.")
    _on_duty_idx = models.Index("(user_id) WHERE on_duty IS TRUE")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"user_id": "read"}

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"since", "last_assigned_at"}

    @api.model
    @takes(on_duty=flag)
    def action_set(self, on_duty):
        """Switch the current user's availability; what waits is assigned to them. Idempotent.

        :return: the state afterwards
        """
        self.env["sop.conversation"].check_access("write")
        Duty = self.sudo()  # sudo: users switch their own availability only
        duty = Duty.search([("user_id", "=", self.env.uid)])
        if not duty:
            with made_once(self.env):
                duty = Duty.create({"user_id": self.env.uid})
        if duty.on_duty != on_duty:
            duty.write({"on_duty": on_duty, "since": fields.Datetime.now()})
            if on_duty:
                # sudo: ordinary staff may not wake scheduled jobs
                self.env.ref("sop_inbox.sop_conversation_cron_distribute").sudo()._trigger()
        return duty.on_duty

    @api.model
    def get_state(self):
        """Return whether the current user is on duty."""
        self.env["sop.conversation"].check_access("read")
        # sudo: users read their own availability only
        return self.sudo().search([("user_id", "=", self.env.uid)]).on_duty

    @api.model
    def _waiting_order(self):
        """In which order conversations that wait are given out. Hook."""
        return "waiting_since, id"

    def _candidates(self, team):
        """Return the persons behind these (locked) duties as candidates of ``team``."""
        loads = dict(
            self.env["sop.conversation"]._read_group([("user_id", "in", self.user_id.ids), ("state", "=", "open")], ["user_id"], ["__count"])
        )
        return [Candidate(duty.user_id.id, loads.get(duty.user_id, 0), team.sop_capacity, duty.last_assigned_at) for duty in self]
