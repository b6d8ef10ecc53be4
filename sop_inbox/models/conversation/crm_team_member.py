from odoo import api, models


class CrmTeamMember(models.Model):
    """Who is in a team sees its conversations: record rules keep that in their cache."""

    _inherit = "crm.team.member"

    @api.model_create_multi
    def create(self, vals_list):
        """A user who joins a team sees its conversations from now on."""
        members = super().create(vals_list)
        self.env.registry.clear_cache()
        return members

    def write(self, vals):
        """A user who leaves a team no longer sees its conversations; one who comes back sees them again."""
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        """A user who leaves a team no longer sees its conversations."""
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
