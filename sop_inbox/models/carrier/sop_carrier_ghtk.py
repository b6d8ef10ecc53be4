from odoo import models

from ...tools import carrier_ghtk, life_ghtk


class SopCarrierGhtk(models.AbstractModel):
    """GHTK: fee, parcel and cancellation over its own interface."""

    _name = "sop.carrier.ghtk"
    _inherit = "sop.carrier"
    _description = "GHTK"
    _api = carrier_ghtk
    _life = life_ghtk
    _url = "https://services.giaohangtietkiem.vn"
    _tracking_url = "https://i.ghtk.vn/{tracking}"
