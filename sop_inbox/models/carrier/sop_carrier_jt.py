from odoo import models

from ...tools import carrier_jt, life_jt


class SopCarrierJt(models.AbstractModel):
    """J&T: fee, parcel and cancellation over its open platform."""

    _name = "sop.carrier.jt"
    _inherit = "sop.carrier"
    _description = "J&T"
    _api = carrier_jt
    _life = life_jt
    _url = "https://ylopenapi.jtexpress.vn/webopenplatformapi"
    _tracking_url = "https://jtexpress.vn/vi/tracking?type=track&billCode={tracking}"
