from odoo import api, models

from ..tools import carrier_ghn


class SopCarrierGhn(models.AbstractModel):
    """GHN: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.ghn"
    _inherit = "sop.carrier"
    _description = "GHN"

    @api.private
    def vendor(self):
        return carrier_ghn

    @api.private
    def default_url(self):
        return "https://online-gateway.ghn.vn/shiip/public-api"

    @api.private
    def tracking_url(self, tracking):
        return f"https://donhang.ghn.vn/?order_code={tracking}"
