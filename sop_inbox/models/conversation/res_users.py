from odoo import models


class ResUsers(models.Model):
    """Staff of the inbox."""

    _inherit = "res.users"

    def write(self, vals):
        """Who leaves the inbox, or a company, leaves their conversations to those who stay."""
        if not vals.keys() & {"active", "group_ids", "company_ids", "role"}:
            return super().write(vals)
        staff = self.filtered(lambda user: user._sop_can_work(user.company_id.browse()))
        result = super().write(vals)
        self.env["sop.conversation"].sudo()._leave_to_others(staff)  # sudo: who manages users need not be of the inbox
        return result

    def _sop_can_work(self, companies):
        """Return whether this user works in the inbox of all ``companies``."""
        self.ensure_one()
        return bool(self.active and self.has_group("sop_inbox.sop_inbox_group_user") and not companies - self.company_ids)

    def _sop_team_ids(self):
        """Ids of the teams this person leads or belongs to: record rules use them.

        Rules keep the answer in their cache, so that a page of the inbox reads its index by the teams' ids and joins
        nothing; a change of ``crm.team.member`` or of a leader clears that cache.
        """
        # sudo: rules ask before it is known who may read a team
        teams = self.env["crm.team"].sudo().with_context(active_test=False)
        member = [("user_id", "=", self.id), ("active", "=", True)]
        return teams.search(["|", ("user_id", "=", self.id), ("crm_team_member_ids", "any", member)]).ids
