from odoo import api, models
from odoo.fields import Domain


class SopParcel(models.Model):
    """A parcel is kept with its delivery; a carrier's words may hold what it was given of the receiver."""

    _name = "sop.parcel"
    _inherit = ["sop.parcel", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | {
            "message": False,
            "content_key": False,
            "reason": False,
            "proof": False,
            "phone_key": False,
            "address_mark": False,
            "excluded_reason": False,
        }

    @api.model
    def _sop_personal_domain(self, person):
        mine = Domain("picking_id.partner_id", "in", person.contacts())
        if person.wide and person.phones:  # those of a statement of the past have nothing but the number
            mine |= Domain("past", "=", True) & Domain("phone_key", "in", sorted(person.phones))
        return super()._sop_personal_domain(person) | mine

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self

    def _sop_personal_export(self, person):
        facts = ["phone_key", "reason", "reason_fault", "excluded", "excluded_reason"]
        return [parcel._sop_personal_pairs(["carrier_id", "tracking_ref", "state", "cod_amount", "message", *facts]) for parcel in self]


class SopParcelEvent(models.Model):
    """What a carrier said of a parcel: its reasons, places and pictures may be about the receiver."""

    _name = "sop.parcel.event"
    _inherit = ["sop.parcel.event", "sop.personal.data.mixin"]

    _sop_personal_sequence = 40

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("words", "reason", "place", "proof"), False)

    @api.model
    def _sop_personal_domain(self, person):
        mine = Domain("parcel_id.picking_id.partner_id", "in", person.contacts())
        return super()._sop_personal_domain(person) | mine

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self

    def _sop_personal_export(self, person):
        return [event._sop_personal_pairs(["at", "state", "words", "reason", "place"]) for event in self]


class SopParcelNews(models.Model):
    """A webhook as it came: it goes with the person whose parcel it was about."""

    _name = "sop.parcel.news"
    _inherit = ["sop.parcel.news", "sop.personal.data.mixin"]

    _sop_personal_sequence = 35

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("body", "key", "error"), False)

    @api.model
    def _sop_personal_domain(self, person):
        mine = Domain("parcel_id.picking_id.partner_id", "in", person.contacts())
        return super()._sop_personal_domain(person) | mine

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []  # the history made of them is exported
