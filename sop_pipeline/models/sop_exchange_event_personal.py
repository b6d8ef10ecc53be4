from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class SopExchangeEvent(models.Model):
    """What the exchange sent names the customer's number; the row stays, so that the same event is not taken twice."""

    _name = "sop.exchange.event"
    _inherit = ["sop.exchange.event", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "payload": "{}", "error": False}

    @api.model
    def _sop_personal_find(self, person):
        found = self.search(Domain("call_id", "in", person.ids("sop.call")))
        return found | person.said_in(self, SQL("call_id IS NULL"), "payload")

    def _sop_personal_export(self, person):
        return []  # exported with the calls
