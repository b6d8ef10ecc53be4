from odoo import api, models
from odoo.fields import Domain


class SopCall(models.Model):
    """A call has the customer's number, and may have their voice."""

    _name = "sop.call"
    _inherit = ["sop.call", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "number": False, "note": False, "recording_url": False, "external_id": False}

    @api.model
    def _sop_personal_domain(self, person):
        domain = super()._sop_personal_domain(person) | Domain("lead_id", "in", person.ids("crm.lead"))
        if person.wide:
            without = Domain("lead_id", "=", False) & Domain("partner_id", "=", False)
            domain |= Domain("partner_id", "in", person.ids("res.partner")) | (without & Domain("number", "in", sorted(person.phones)))
        return domain

    def _sop_personal_export(self, person):
        names = ["started_at", "direction", "number", "user_id", "state", "interest", "product_ids"]
        if person.wide:
            names += ["note", "recording_url"]
        return [call._sop_personal_pairs(names) for call in self]
