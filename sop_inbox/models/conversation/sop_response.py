from odoo import fields, models


class SopResponse(models.Model):
    """One wait of a customer that a person ended: append-only, the source of the reply time report."""

    _name = "sop.response"
    _description = "Reply Time"
    _order = "answered_at desc, id desc"

    conversation_id = fields.Many2one("sop.conversation", required=True, ondelete="cascade", index=True)
    account_id = fields.Many2one("sop.channel.account", required=True, ondelete="cascade", index=True)
    provider = fields.Selection(related="account_id.provider", store=True, precompute=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    team_id = fields.Many2one("crm.team", ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Answered By", ondelete="set null", index="btree_not_null")
    kind = fields.Selection([("first", "First reply"), ("next", "Later reply"), ("resolution", "Until done")], required=True)
    asked_at = fields.Datetime("Customer Message Date", required=True)
    answered_at = fields.Datetime("Answered", required=True, index=True)
    hour = fields.Integer("Hour of the Day", aggregator=None, help="Of the customer's message, in the company's time zone.")
    minutes = fields.Float(aggregator="avg", help="All minutes between question and answer.")
    working_minutes = fields.Float(aggregator="avg", help="Those of them within working hours.")
    is_late = fields.Boolean("Late")
