from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of pages and official accounts."""

    _inherit = "res.config.settings"

    sop_consent_text = fields.Text(related="company_id.sop_consent_text", readonly=False)
