from odoo import models
from odoo.exceptions import UserError


class SopChannelAccount(models.Model):
    """What only some platforms have: templates."""

    _inherit = "sop.channel.account"

    def action_fetch_templates(self):
        """Fetch the page's templates from Meta. Idempotent."""
        self.ensure_one()
        self.check_access("write")
        if self.provider != "facebook":
            raise UserError(self.env._("Only pages of Facebook have templates."))
        if self.is_unplugged:
            raise UserError(self._check_problems()[0])
        self.env["sop.channel.template"].sudo()._fetch(self.sudo())  # sudo: the token is used, never shown; rows are nobody's to write
        return self._open("sop.channel.template", self.env._("Templates"), [])
