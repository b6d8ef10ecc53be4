from odoo import api, models

from ..tools import carrier_viettelpost


class SopCarrierViettelpost(models.AbstractModel):
    """Viettel Post: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.viettelpost"
    _inherit = "sop.carrier"
    _description = "Viettel Post"

    @api.private
    def vendor(self):
        return carrier_viettelpost

    @api.private
    def default_url(self):
        return "https://partner.viettelpost.vn"

    @api.private
    def tracking_url(self, tracking):
        return f"https://viettelpost.vn/thong-tin-don-hang?peopleTracking=sender&orderNumber={tracking}"
