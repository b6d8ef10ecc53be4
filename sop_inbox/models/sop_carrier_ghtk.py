from odoo import api, models

from ..tools import carrier_ghtk


class SopCarrierGhtk(models.AbstractModel):
    """GHTK: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.ghtk"
    _inherit = "sop.carrier"
    _description = "GHTK"

    @api.private
    def vendor(self):
        return carrier_ghtk

    @api.private
    def default_url(self):
        return "https://services.giaohangtietkiem.vn"

    @api.private
    def tracking_url(self, tracking):
        return f"https://i.ghtk.vn/{tracking}"
