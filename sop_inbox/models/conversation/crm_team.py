from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..channel.sop_channel_account import READERS


class CrmTeam(models.Model):
    """A team answers the conversations of its accounts: who gets them, and how fast."""

    _name = "crm.team"
    _inherit = ["crm.team", "sop.guard.mixin"]

    sop_account_ids = fields.One2many("sop.channel.account", "team_id", "Channels", groups=READERS)
    sop_distribution = fields.Selection(
        [("manual", "Manual (agents pick)"), ("even", "Evenly over staff on duty")],
        "Conversations are Given",
        default="manual",
        required=True,
    )
    sop_sticky = fields.Boolean("Same Seller Again", default=True, help="A customer who comes back gets their last seller, if on duty.")
    sop_capacity = fields.Integer("Open Conversations at Most", help="Per person, by distribution. 0 means no limit.")
    sop_reply_target = fields.Integer("Reply Within (minutes)", help="In working hours. 0 means no target.")
    sop_calendar_id = fields.Many2one(
        "resource.calendar", "Working Hours", check_company=True, help="When customers are answered; empty means the company's."
    )

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"sop_calendar_id": "read"}

    @api.constrains("sop_capacity", "sop_reply_target")
    def _check_sop_numbers(self):
        for team in self:
            if team.sop_capacity < 0 or team.sop_reply_target < 0:
                raise ValidationError(self.env._("Capacity and reply target of %(team)s cannot be negative.", team=team.name))

    @api.model_create_multi
    def create(self, vals_list):
        """A new team has a leader: they see its conversations, and record rules keep that in their cache."""
        teams = super().create(vals_list)
        self.env.registry.clear_cache()
        return teams

    def write(self, vals):
        """A new leader sees the team's conversations from now on, and the one before no longer."""
        result = super().write(vals)
        if "user_id" in vals:
            self.env.registry.clear_cache()
        return result

    def _sop_calendar(self, company):
        """Return the working hours customers of this team are answered in."""
        return self.sop_calendar_id or company.resource_calendar_id

    def _sop_works_now(self, company):
        """Whether customers of this team (or of none) are answered by people now; always where no hours are set."""
        calendar = self._sop_calendar(company)
        if not calendar:
            return True
        now = pytz.utc.localize(fields.Datetime.now())
        return bool(calendar._work_intervals_batch(now, now + timedelta(minutes=1))[False])
