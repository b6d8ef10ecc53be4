from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The limits from which a customer is a VIP."""

    _inherit = "res.config.settings"

    sop_vip_orders = fields.Integer(related="company_id.sop_vip_orders", readonly=False)
    sop_vip_amount = fields.Float(related="company_id.sop_vip_amount", readonly=False)
