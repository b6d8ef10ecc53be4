from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """When a purchase is reported."""

    _inherit = "res.config.settings"

    sop_purchase_at = fields.Selection(related="company_id.sop_purchase_at", readonly=False)
