from odoo import api, models


class CrmTeamMember(models.Model):
    """Who is in a team sees its conversations: record rules keep that in their cache."""

    _inherit = "crm.team.member"

    @api.model_create_multi
    def create(self, vals_list):
        """Whoever joins a team sees its conversations from now on."""
        members = super().create(vals_list)
        self.env.registry.clear_cache()
        return members

    def write(self, vals):
        """Whoever leaves a team, or comes back, no longer sees its conversations, or sees them again."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """Whoever leaves a team no longer sees its conversations."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
