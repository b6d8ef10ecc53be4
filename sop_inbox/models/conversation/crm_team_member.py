from odoo import models


class CrmTeamMember(models.Model):
    """Who is in a team sees its conversations: record rules keep that in their cache, which forgets when a member joins or leaves."""

    _name = "crm.team.member"
    _inherit = ["crm.team.member", "sop.cached.mixin"]
