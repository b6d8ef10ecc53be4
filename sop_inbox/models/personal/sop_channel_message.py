from odoo import api, models
from odoo.fields import Domain


class SopChannelMessage(models.Model):
    """A message as the platform knows it."""

    _name = "sop.channel.message"
    _inherit = ["sop.channel.message", "sop.personal.data.mixin"]

    _sop_personal_sequence = 15

    @api.model
    def _sop_personal_fields(self):
        names = ("text", "payload", "reactions", "person_ref", "target_ref", "queue_key", "external_ref", "parent_ref", "error_detail")
        return super()._sop_personal_fields() | dict.fromkeys(names, False)

    @api.model
    def _sop_personal_domain(self, person):
        identities = self.env["sop.identity"].browse(person.ids("sop.identity")).exists()
        own = Domain.OR(
            Domain("account_id", "=", account.id) & Domain("person_ref", "in", people.mapped("external_id"))
            for account, people in identities.grouped("account_id").items()
        )
        return super()._sop_personal_domain(person) | own | Domain("conversation_id", "in", person.ids("sop.conversation"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []  # the texts are exported with the chat's messages
