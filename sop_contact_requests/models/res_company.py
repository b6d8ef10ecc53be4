from odoo import fields, models


class ResCompany(models.Model):
    """Settings of the contact list, per company."""

    _inherit = "res.company"

    sop_own_listings = fields.Boolean("Own listings", help="The company's own listings show the button without any package.")
    sop_reveal_budget = fields.Integer("Reveals per hour", default=60)
    sop_reveal_alert = fields.Integer("Alert at reveals per hour", default=30)
    sop_submit_limit = fields.Integer("Requests per address and hour", default=30)
    sop_phone_limit = fields.Integer("Requests per number and hour", default=10)
    sop_min_fill_seconds = fields.Integer("Minimum seconds to fill in the form", default=2)
    sop_auto_lead = fields.Boolean("Make an opportunity of every request")
    sop_request_team_id = fields.Many2one("crm.team", "Team for contact requests", ondelete="set null")
    sop_escalation_hours = fields.Integer("Escalate untouched requests after (hours)", default=24)
    sop_retention_months = fields.Integer("Keep requests (months)", default=24)

    sop_programme_category_ids = fields.Many2many(
        "product.public.category",
        "sop_programme_category_rel",
        string="Partner programme",
        help="Categories of goods in which sellers may apply to become partners. None: nobody can apply.",
    )
    sop_programme_conditions = fields.Html("Conditions of the partner programme", translate=True, help="Shown on the page of the programme.")

    _sop_limits = models.Constraint(
        "CHECK (sop_reveal_budget > 0 AND sop_reveal_alert > 0 AND sop_submit_limit > 0 AND sop_phone_limit > 0"
        " AND sop_min_fill_seconds >= 0 AND sop_escalation_hours >= 0 AND sop_retention_months >= 0)",
        "Limits are positive numbers.",
    )
