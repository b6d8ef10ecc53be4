from odoo import api, models
from odoo.fields import Domain


class DiscussChannel(models.Model):
    """The chat of a conversation; its messages and files go with it."""

    _name = "discuss.channel"
    _inherit = ["discuss.channel", "sop.personal.data.mixin"]

    _sop_personal_sequence = 25

    @api.model
    def _sop_personal_domain(self, person):
        return super()._sop_personal_domain(person) | Domain("sop_conversation_id", "in", person.ids("sop.conversation"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []  # its messages are exported with all others
