from odoo import api, models
from odoo.fields import Domain


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
