from odoo import models

from ...tools import carrier_viettelpost


class SopCarrierViettelpost(models.AbstractModel):
    """Viettel Post: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.viettelpost"
    _inherit = "sop.carrier"
    _description = "Viettel Post"
    _vendor = carrier_viettelpost
    _url = "https://partner.viettelpost.vn"
    _tracking_url = "https://viettelpost.vn/thong-tin-don-hang?peopleTracking=sender&orderNumber={tracking}"
