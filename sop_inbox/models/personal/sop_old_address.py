from odoo import api, models
from odoo.fields import Domain


class SopOldAddress(models.Model):
    """The address a contact had is as much theirs as the one they have."""

    _name = "sop.old.address"
    _inherit = ["sop.old.address", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | {"street": False, "street2": False, "city": False, "new_street": False, "state_id": False}

    @api.model
    def _sop_personal_domain(self, person):
        mine = Domain("partner_id", "in", person.contacts())
        return super()._sop_personal_domain(person) | mine

    def _sop_personal_export(self, person):
        return [row._sop_personal_pairs(["street", "street2", "city", "state_id", "ward_id"]) for row in self]
