import secrets

from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    """A customer's log-in to the portal."""

    _name = "res.users"
    _inherit = ["res.users", "sop.personal.data.mixin"]

    _sop_personal_sequence = 60

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "login": False, "signature": False}

    def _sop_personal_check(self, person):
        super()._sop_personal_check(person)
        if internal := self.filtered(lambda user: not user.share):
            raise UserError(self.env._("%(names)s works here: archive the user first.", names=", ".join(internal.mapped("name"))))

    def _sop_personal_erase(self, person):
        """Close the log-in for good."""
        for user in self:
            user._sop_erasing().write({"login": f"erased-{user.id}", "password": secrets.token_urlsafe(32), "signature": False, "active": False})
        self.env["res.device.log"].search([("user_id", "in", self.ids)]).unlink()
