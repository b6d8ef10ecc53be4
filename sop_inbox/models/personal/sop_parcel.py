from odoo import api, models
from odoo.fields import Domain


class SopParcel(models.Model):
    """A parcel is kept with its delivery; a carrier's words may hold what it was told of the receiver."""

    _name = "sop.parcel"
    _inherit = ["sop.parcel", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | {"message": False, "content_key": False}

    @api.model
    def _sop_personal_domain(self, person):
        mine = Domain("picking_id.partner_id", "in", person.ids("res.partner") if person.wide else [])
        return super()._sop_personal_domain(person) | mine

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self

    def _sop_personal_export(self, person):
        return [parcel._sop_personal_pairs(["carrier_id", "tracking_ref", "state", "cod_amount", "message"]) for parcel in self]
