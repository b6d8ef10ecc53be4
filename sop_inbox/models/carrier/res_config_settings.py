from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of parcels."""

    _inherit = "res.config.settings"

    sop_unclear_refusal = fields.Selection(related="company_id.sop_unclear_refusal", readonly=False)
