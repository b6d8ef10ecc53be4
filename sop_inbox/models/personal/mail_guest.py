from odoo import api, models


class MailGuest(models.Model):
    """A customer writes in chats as a guest."""

    _name = "mail.guest"
    _inherit = ["mail.guest", "sop.personal.data.mixin"]

    _sop_personal_sequence = 35

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("name", "email"), False)

    def _sop_personal_erase(self, person):
        self.unlink()
