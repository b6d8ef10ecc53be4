from odoo import api, models
from odoo.fields import Domain


class StockPicking(models.Model):
    """A delivery is kept with its order; the note for the driver is not needed for that."""

    _name = "stock.picking"
    _inherit = ["stock.picking", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | {"note": False}

    @api.model
    def _sop_personal_domain(self, person):
        return super()._sop_personal_domain(person) | Domain("partner_id", "in", person.contacts())

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self

    def _sop_personal_export(self, person):
        return [picking._sop_personal_pairs(["name", "scheduled_date", "state", "carrier_tracking_ref", "note"]) for picking in self]
