from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class SopBankLine(models.Model):
    """The sender's name and words are personal data; the sum, the time and the bank's number stay for the books."""

    _name = "sop.bank.line"
    _inherit = ["sop.bank.line", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "words": False, "sender": False, "sender_hint": False, "payload": False, "error": False}

    @api.model
    def _sop_personal_find(self, person):
        """What paid their orders; of money that found no order, what has their number or address in its words."""
        found = self.search(Domain("order_id.partner_id", "in", person.ids("res.partner")))
        return found | person.said_in(self, SQL("order_id IS NULL"), "words", "payload")

    def _sop_personal_export(self, person):
        """What they paid: time, sum and words; not the service's raw body."""
        return [record._sop_personal_pairs(["at", "amount", "words", "sender", "sender_hint"]) for record in self]
