from odoo import api, models
from odoo.fields import Domain


class MailScheduledMessage(models.Model):
    """Replies that wait for their time go with the customer they are for."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("body", "subject"), False)

    @api.model
    def _sop_personal_find(self, person):
        return self.search(Domain("sop_conversation_id", "in", person.ids("sop.conversation")))

    def _sop_personal_erase(self, person):
        self.unlink()
