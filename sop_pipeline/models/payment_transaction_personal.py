from odoo import api, models
from odoo.fields import Domain


class PaymentTransaction(models.Model):
    """A payment is kept with its order; number, e-mail and address it was made with are not needed for that."""

    _name = "payment.transaction"
    _inherit = ["payment.transaction", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        names = ("partner_phone", "partner_email", "partner_address", "partner_zip", "partner_city", "partner_name")
        return {**super()._sop_personal_fields(), **dict.fromkeys(names, False)}

    @api.model
    def _sop_personal_domain(self, person):
        partners = Domain("partner_id", "in", person.contacts())
        return super()._sop_personal_domain(person) | partners

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self

    def _sop_personal_export(self, person):
        return [row._sop_personal_pairs(["reference", "create_date", "amount", "state", *self._sop_personal_fields()]) for row in self]
