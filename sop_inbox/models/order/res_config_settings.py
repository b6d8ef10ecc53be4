from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of orders made in conversations."""

    _inherit = "res.config.settings"

    sop_call_amount = fields.Monetary(related="company_id.sop_call_amount", readonly=False, currency_field="currency_id")
    sop_call_holds = fields.Boolean(related="company_id.sop_call_holds", readonly=False)
