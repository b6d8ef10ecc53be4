from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the contact list."""

    _inherit = "res.config.settings"

    sop_own_listings = fields.Boolean(related="company_id.sop_own_listings", readonly=False)
    sop_reveal_budget = fields.Integer(related="company_id.sop_reveal_budget", readonly=False)
    sop_reveal_alert = fields.Integer(related="company_id.sop_reveal_alert", readonly=False)
    sop_submit_limit = fields.Integer(related="company_id.sop_submit_limit", readonly=False)
    sop_phone_limit = fields.Integer(related="company_id.sop_phone_limit", readonly=False)
    sop_min_fill_seconds = fields.Integer(related="company_id.sop_min_fill_seconds", readonly=False)
    sop_auto_lead = fields.Boolean(related="company_id.sop_auto_lead", readonly=False)
    sop_request_team_id = fields.Many2one(related="company_id.sop_request_team_id", readonly=False)
    sop_escalation_hours = fields.Integer(related="company_id.sop_escalation_hours", readonly=False)
    sop_programme_category_ids = fields.Many2many(related="company_id.sop_programme_category_ids", readonly=False)
    sop_retention_months = fields.Integer(related="company_id.sop_retention_months", readonly=False)
