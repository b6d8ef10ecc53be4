from odoo import api, fields, models


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

    @api.model
    def _record(self, conversation, kind, since, until, user):
        """Note how long the customer waited for a person.

        :param kind: 'first', 'next' or 'resolution'
        :param since: naive UTC, when the wait began
        :param until: naive UTC, when ``user`` ended it
        """
        if since and until >= since:
            self.create(self._prepare_values(conversation, kind, since, until, user))

    @api.model
    def _prepare_values(self, conversation, kind, since, until, user):
        calendar = conversation.team_id._sop_calendar(conversation.company_id)
        working = calendar.get_work_hours_count(since, until) * 60 if calendar else None
        minutes = (until - since).total_seconds() / 60
        here = self.with_context(tz=conversation.company_id._sop_zone())
        return {
            "conversation_id": conversation.id,
            "account_id": conversation.account_id.id,
            "company_id": conversation.company_id.id,
            "team_id": conversation.team_id.id,
            "user_id": user.id,
            "kind": kind,
            "asked_at": since,
            "answered_at": until,
            "hour": fields.Datetime.context_timestamp(here, since).hour,
            "minutes": round(minutes, 2),
            "working_minutes": round(minutes if working is None else working, 2),
            "is_late": bool(kind != "resolution" and conversation.reply_due_at and until > conversation.reply_due_at),
        }
