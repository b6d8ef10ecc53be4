from odoo import api, models


class MailScheduledMessage(models.Model):
    """A message about a contact request that waits to be sent holds no number."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "sop.request.words.mixin"]

    @api.model
    def _sop_words(self):
        return "model", ("body", "subject")
