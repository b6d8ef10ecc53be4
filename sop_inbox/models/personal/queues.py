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


class SopChannelMedia(models.Model):
    """A file or picture of a person that is to be fetched; it goes with its message or person."""

    _name = "sop.channel.media"
    _inherit = ["sop.channel.media", "sop.personal.data.mixin"]

    _sop_personal_sequence = 12

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("url", "name", "reason"), False)

    @api.model
    def _sop_personal_domain(self, person):
        domain = super()._sop_personal_domain(person) | Domain("identity_id", "in", person.ids("sop.identity"))
        return domain | Domain("row_id", "in", person.ids("sop.channel.message"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []


class SopConversionEvent(models.Model):
    """What was sent to the platform about a purchase."""

    _name = "sop.conversion.event"
    _inherit = ["sop.conversion.event", "sop.personal.data.mixin"]

    _sop_personal_sequence = 11

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("error", "answer"), False)

    @api.model
    def _sop_personal_domain(self, person):
        domain = super()._sop_personal_domain(person) | Domain("conversation_id", "in", person.ids("sop.conversation"))
        return domain | Domain("order_id", "in", person.ids("sale.order"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return [event._sop_personal_pairs(["kind", "at", "value", "currency", "state"]) for event in self]
