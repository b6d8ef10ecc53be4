from odoo import api, models
from odoo.fields import Domain


class AccountMove(models.Model):
    """Invoices are kept as the law wants: nothing is erased, everything is exported."""

    _name = "account.move"
    _inherit = ["account.move", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_domain(self, person):
        partners = Domain("partner_id", "in", person.contacts())
        return super()._sop_personal_domain(person) | partners

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self

    def _sop_personal_export(self, person):
        return [move._sop_personal_pairs(["name", "invoice_date", "state", "amount_total", "payment_state"]) for move in self]
