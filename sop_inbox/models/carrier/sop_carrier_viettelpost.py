from odoo import models

from ...tools import carrier_viettelpost, life_viettelpost


class SopCarrierViettelpost(models.AbstractModel):
    """Viettel Post: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.viettelpost"
    _inherit = "sop.carrier"
    _description = "Viettel Post"
    _api = carrier_viettelpost
    _life = life_viettelpost
    _url = "https://partner.viettelpost.vn"
    _tracking_url = "https://viettelpost.vn/thong-tin-don-hang?peopleTracking=sender&orderNumber={tracking}"
