from odoo import models


class ResUsers(models.Model):
    """Staff of the inbox."""

    _inherit = "res.users"

    def _sop_can_work(self, companies):
        """Tell whether this person works in the inbox of all ``companies``."""
        self.ensure_one()
        return bool(self.active and self.has_group("sop_inbox.sop_inbox_group_user") and not companies - self.company_ids)
