from odoo import api, models


class MailActivity(models.Model):
    """Activities on a contact request never hold its number."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "sop.request.words.mixin"]

    @api.model
    def _sop_words(self):
        return "res_model", ("summary", "note")
