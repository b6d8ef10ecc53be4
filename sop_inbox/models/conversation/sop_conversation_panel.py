from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

HISTORY = 8  # orders and earlier conversations shown beside the chat


class SopConversation(models.Model):
    """What the customer panel shows. A module adds its part by extending ``_panel_values``."""

    _inherit = "sop.conversation"

    has_avatar = fields.Boolean(compute="_compute_has_avatar")

    @api.depends("identity_id")
    def _compute_has_avatar(self):
        domain = [("res_model", "=", "sop.identity"), ("res_field", "=", "image_128"), ("res_id", "in", self.identity_id.ids)]
        # sudo: only whether there is a picture, in one query for a page of the list
        known = {row[0] for row in self.env["ir.attachment"].sudo()._read_group(domain, ["res_id"])}
        for conversation in self:
            conversation.has_avatar = conversation.identity_id.id in known

    def action_open_inbox(self):
        """Return the action that opens this conversation in the inbox."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_inbox.sop_conversation_action")
        return {**action, "context": {"sop_conversation_id": self.id}}

    def get_panel(self):
        """Return everything the panel beside the chat shows of one conversation, as plain values."""
        self.ensure_one()
        self.check_access("read")
        return self._panel_values()

    def _panel_values(self):
        """Hook: dict for the client; keys are never removed, others may be added."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "provider": self.provider,
            "account": self.account_id.name,
            "channel_id": self.channel_id.id,
            "state": self.state,
            "snoozed_until": self._moment(self.snoozed_until),
            "done_by": self.done_by_id.name or "",
            "done_at": self._moment(self.done_at),
            "thread_title": self.thread_title or "",
            "thread_url": self.thread_url or "",
            "phone": self.phone or "",
            "email": self.identity_id.email or "",
            "user": {"id": self.user_id.id, "name": self.user_id.name} if self.user_id else False,
            "team": self.team_id.name or "",
            "tags": [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in self.tag_ids],
            "waiting_since": self._moment(self.waiting_since),
            "reply_due_at": self._moment(self.reply_due_at),
            "is_unanswered": self.is_unanswered,
            "window": self._panel_window(),
            "partner": self._panel_partner(),
            "lead": self._panel_lead(),
            "orders": self._panel_orders(),
            "earlier": self._panel_earlier(),
        }

    def _moment(self, value):
        """Datetime for the client: ISO text in UTC, or False."""
        return fields.Datetime.to_string(value) if value else False

    def _panel_window(self):
        if self.env.get(f"sop.provider.{self.provider}") is None:
            return {"open": False, "until": False, "reason": self.env._("This channel is not connected here."), "alternative": ""}
        window = self._get_window()
        return {**window, "until": self._moment(window["until"])}

    def _panel_partner(self):
        if not self.partner_id:
            return False
        partner = self._seen_partner()
        return {
            "id": self.partner_id.id,
            "name": partner.name or self.name,
            "phone": partner.phone or self.phone or "",
            "email": partner.email or self.identity_id.email or "",
            "address": ", ".join(filter(None, [partner.street, partner.city, partner.state_id.name])),
            "match": self.partner_match or "",
            "can_open": bool(partner),
        }

    def _panel_lead(self):
        """The lead as the user may read it; of any other only that there is one, and whom to ask."""
        if not self.lead_id:
            return False
        lead = self.lead_id if self.lead_id.has_access("read") else self.lead_id.browse()
        return {
            "id": self.lead_id.id,
            "name": lead.name or self.env._("A colleague's lead"),
            "stage": lead.stage_id.name or "",
            "code": lead.sop_code or "",
            "interest": dict(lead._fields["sop_interest"]._description_selection(self.env)).get(lead.sop_interest, ""),
            "interest_code": lead.sop_interest or "",
            "user": self.lead_id.sudo().user_id.name or "",  # sudo: whom to ask
            "won": lead.won_status == "won",
            "can_open": bool(lead),
        }

    def _panel_orders(self):
        """Orders of the customer and of this conversation, newest first, with the sum of what was bought."""
        orders = self._shown_orders()
        bought = orders.filtered(lambda order: order.state == "sale")
        labels = dict(orders._fields["state"]._description_selection(self.env))
        currency = self.company_id.currency_id
        here = self.with_context(tz=self.company_id._sop_zone(self.env.user))
        return {
            "count": len(orders),
            "bought": len(bought),
            "total": format_amount(self.env, sum(bought.mapped("amount_total")), currency),
            "cancelled": len(orders.filtered(lambda order: order.state == "cancel")),
            "rows": [
                {
                    "id": order.id,
                    "name": order.name,
                    "date": format_date(self.env, fields.Datetime.context_timestamp(here, order.date_order).date()),
                    "amount": format_amount(self.env, order.amount_total, order.currency_id),
                    "state": order.state,
                    "label": labels[order.state],
                    "here": order.sop_conversation_id == self,
                    "can_open": order.with_env(self.env).has_access("read"),
                }
                for order in orders.sorted("date_order", reverse=True)[:HISTORY]
            ],
        }

    def _shown_orders(self):
        """Return, as superuser, the orders of this conversation and of its customer that the user may know of.

        An agent who talks to a customer sees what they bought from any seller, without lines and costs. Where nothing but a
        colleague's word says that they are this customer, it is what the user may read anyway.
        """
        domain = Domain("sop_conversation_id", "=", self.id)
        orders = self.env["sale.order"]
        if partner := self._seen_partner():
            domain |= Domain("partner_id", "child_of", partner.sudo().commercial_partner_id.id)  # sudo: its head may be hidden
        if self._is_proven_customer():
            orders = orders.sudo()  # sudo: see above
        return orders.search(domain & Domain("company_id", "=", self.company_id.id)).sudo()

    def _panel_earlier(self):
        """Other conversations with the same person, of those the user may see."""
        domain = [("identity_id", "=", self.identity_id.id)]
        if self.partner_id:
            domain = ["|", *domain, ("partner_id", "=", self.partner_id.id)]
        return [
            {
                "id": conversation.id,
                "kind": conversation.kind,
                "provider": conversation.provider,
                "account": conversation.account_id.name,
                "preview": conversation.preview or "",
                "at": self._moment(conversation.last_message_at),
                "state": conversation.state,
            }
            for conversation in self.search([*domain, ("id", "!=", self.id)], limit=HISTORY)
        ]
