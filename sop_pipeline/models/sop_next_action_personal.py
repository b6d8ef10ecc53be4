from odoo import api, models
from odoo.fields import Domain


class SopNextAction(models.Model):
    """What a next action stumbled over may name the customer."""

    _name = "sop.next.action"
    _inherit = ["sop.next.action", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "error": False}

    @api.model
    def _sop_personal_domain(self, person):
        about = (Domain("res_model", "=", name) & Domain("res_id", "in", sorted(ids)) for name, ids in person.found.items() if ids)
        return super()._sop_personal_domain(person) | Domain("lead_id", "in", person.ids("crm.lead")) | Domain.OR(about)

    def _sop_personal_export(self, person):
        return []  # plans of the shop; their results are exported with activities and messages
