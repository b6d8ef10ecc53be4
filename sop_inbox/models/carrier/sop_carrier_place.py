from odoo import api, fields, models

from ...tools.words import fold


class SopCarrierPlace(models.Model):
    """What a carrier calls a ward: carriers keep codes, and districts the country has no more.

    Filled by import from the carrier's own list; an address that is not here is reported to the
    person who quotes, and the other carriers go on.
    """

    _name = "sop.carrier.place"
    _description = "Place of a Carrier"
    _inherit = ["sop.guard.mixin"]
    _order = "delivery_type, state_id, ward"
    _rec_name = "ward"

    delivery_type = fields.Selection([("ghn", "GHN"), ("ghtk", "GHTK"), ("viettelpost", "Viettel Post")], required=True)
    state_id = fields.Many2one("res.country.state", "Province", required=True, index=True, ondelete="cascade")
    ward = fields.Char(required=True)
    ward_key = fields.Char(compute="_compute_ward_key", store=True, precompute=True)
    district = fields.Char("Old District")
    district_code = fields.Char()
    ward_code = fields.Char()

    _once = models.UniqueIndex("(delivery_type, state_id, ward_key)", "This ward has its codes already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"state_id": "read"}

    @api.depends("ward")
    def _compute_ward_key(self):
        for place in self:
            place.ward_key = place._key(place.ward)

    @api.model
    def _key(self, ward):
        """Return a ward's name without accents, capitals and its kind: "P. Bến Nghé" and "phường ben nghe" are one."""
        words = fold(ward or "").replace(".", " ").split()
        kinds = (["phuong"], ["p"], ["xa"], ["x"], ["thi", "tran"], ["tt"], ["dac", "khu"])
        for kind in kinds:
            if len(words) > len(kind) and words[: len(kind)] == kind:
                return " ".join(words[len(kind) :])
        return " ".join(words)

    @api.model
    def _find(self, delivery_type, partner):
        """Return the carrier's place of an address: its ward in its province, or none."""
        if not partner.state_id or not partner.city:
            return self.browse()
        domain = [
            ("delivery_type", "=", delivery_type),
            ("state_id", "=", partner.state_id.id),
            ("ward_key", "=", self._key(partner.city)),
        ]
        return self.sudo().search(domain, limit=1)  # sudo: a list of places is no secret, a seller may not read it all
