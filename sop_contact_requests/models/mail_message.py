from odoo import api, models


class MailMessage(models.Model):
    """The chatter of a contact request never holds its number."""

    _name = "mail.message"
    _inherit = ["mail.message", "sop.request.words.mixin"]

    @api.model
    def _sop_words(self):
        return "model", ("body", "subject")
