from odoo import models

from ...tools import carrier_ghn, life_ghn


class SopCarrierGhn(models.AbstractModel):
    """GHN: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.ghn"
    _inherit = "sop.carrier"
    _description = "GHN"
    _api = carrier_ghn
    _life = life_ghn
    _url = "https://online-gateway.ghn.vn/shiip/public-api"
    _tracking_url = "https://donhang.ghn.vn/?order_code={tracking}"
