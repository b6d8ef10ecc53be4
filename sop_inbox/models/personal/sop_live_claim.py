from odoo import api, models
from odoo.fields import Domain


class SopLiveClaim(models.Model):
    """A wish in a livestream."""

    _name = "sop.live.claim"
    _inherit = ["sop.live.claim", "sop.personal.data.mixin"]

    _sop_personal_sequence = 18

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("comment_ref", "words", "phone"), False)

    @api.model
    def _sop_personal_domain(self, person):
        return super()._sop_personal_domain(person) | Domain("identity_id", "in", person.ids("sop.identity"))

    def _sop_personal_learn(self, person):
        super()._sop_personal_learn(person)
        person.learn(self.mapped("phone"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return [claim._sop_personal_pairs(["at", "product_id", "quantity", "words", "phone", "state"]) for claim in self]
