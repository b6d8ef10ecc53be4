from odoo import api, models
from odoo.fields import Domain


class SopInteraction(models.Model):
    """What a customer lived through with the shop: that it was stays, the note about it goes."""

    _name = "sop.interaction"
    _inherit = ["sop.interaction", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "note": False}

    @api.model
    def _sop_personal_domain(self, person):
        domain = super()._sop_personal_domain(person) | Domain("lead_id", "in", person.ids("crm.lead"))
        return domain | Domain("partner_id", "in", person.ids("res.partner"))

    def _sop_personal_export(self, person):
        names = ["at", "type_id", "channel", *(["note"] if person.wide else [])]
        return [interaction._sop_personal_pairs(names) for interaction in self]
