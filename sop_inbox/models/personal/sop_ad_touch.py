from odoo import api, models
from odoo.fields import Domain


class SopAdTouch(models.Model):
    """What brought a customer, each time: deleted with their conversation."""

    _name = "sop.ad.touch"
    _inherit = ["sop.ad.touch", "sop.personal.data.mixin"]

    _sop_personal_sequence = 19

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("ad_ref", "title", "ref", "source"), False)

    @api.model
    def _sop_personal_domain(self, person):
        return super()._sop_personal_domain(person) | Domain("conversation_id", "in", person.ids("sop.conversation"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return [touch._sop_personal_pairs(["at", "source", "title", "ad_ref", "ref"]) for touch in self]
