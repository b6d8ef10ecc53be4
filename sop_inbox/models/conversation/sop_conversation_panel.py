from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

HISTORY = 8  # orders and earlier conversations shown beside the chat


class SopConversationPanel(models.AbstractModel):
    """What the customer panel shows. A module adds its part by extending ``_panel_values``."""

    _name = "sop.conversation.panel"
    _inherit = "sop.conversation.part.mixin"
    _description = "Customer Panel of a Conversation"

    def get_panel(self):
        """Return everything the panel beside the chat shows of one conversation, as plain values."""
        self._open("read")
        return self._panel_values()

    def _panel_values(self):
        """Hook: dict for the client; keys are never removed, others may be added."""
        return {
            "id": self.id,
            "name": self.conversation.name,
            "identity": self.conversation.identity_id.id,
            "nameless": self.conversation.identity_id.is_nameless,
            "avatar": self.conversation.has_avatar and f"/web/image/sop.identity/{self.conversation.identity_id.id}/image_128",
            "kind": self.conversation.kind,
            "provider": self.conversation.provider,
            "account": self.conversation.account_id.name,
            "channel_id": self.conversation.channel_id.id,
            "state": self.conversation.state,
            "snoozed_until": self._moment(self.conversation.snoozed_until),
            "done_by": self.conversation.done_by_id.name or "",
            "done_at": self._moment(self.conversation.done_at),
            "thread_title": self.conversation.thread_title or "",
            "thread_url": self.conversation.thread_url or "",
            "phone": self.conversation.phone or "",
            "phones": [number for number in (self.conversation.phones or "").split() if number != self.conversation.phone],
            "email": self.conversation.identity_id.email or "",
            "user": {"id": self.conversation.user_id.id, "name": self.conversation.user_id.name} if self.conversation.user_id else False,
            "team": self.conversation.team_id.name or "",
            "tags": [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in self.conversation.tag_ids],
            "waiting_since": self._moment(self.conversation.waiting_since),
            "reply_due_at": self._moment(self.conversation.reply_due_at),
            "is_unanswered": self.conversation.is_unanswered,
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
        if self.env.get(f"sop.provider.{self.conversation.provider}") is None:
            return {"open": False, "until": False, "reason": self.env._("This channel is not connected here."), "alternative": ""}
        window = self.conversation._get_window()
        return {**window, "until": self._moment(window["until"])}

    def _panel_partner(self):
        if not self.conversation.partner_id:
            return False
        partner = self.conversation._seen_partner()
        return {
            "id": self.conversation.partner_id.id,
            "name": partner.name or self.conversation.name,
            "phone": partner.phone or self.conversation.phone or "",
            "email": partner.email or self.conversation.identity_id.email or "",
            "address": ", ".join(filter(None, [partner.street, partner.city, partner.state_id.name])),
            "match": self.conversation.partner_match or "",
            "can_open": bool(partner),
        }

    def _panel_lead(self):
        """The lead as the user may read it; of any other only that there is one, and who to ask."""
        if not self.conversation.lead_id:
            return False
        lead = self.conversation.lead_id if self.conversation.lead_id.has_access("read") else self.conversation.lead_id.browse()
        return {
            "id": self.conversation.lead_id.id,
            "name": lead.name or self.env._("A colleague's lead"),
            "stage": lead.stage_id.name or "",
            "code": lead.sop_code or "",
            "interest": dict(lead._fields["sop_interest"]._description_selection(self.env)).get(lead.sop_interest, ""),
            "interest_code": lead.sop_interest or "",
            "user": self.conversation.lead_id.sudo().user_id.name or "",  # sudo: who to ask
            "won": lead.won_status == "won",
            "can_open": bool(lead),
        }

    def _panel_orders(self):
        """Orders of the customer and of this conversation, newest first, with the sum of what was bought."""
        orders = self._shown_orders()
        bought = orders.filtered(lambda order: order.state == "sale")
        labels = dict(orders._fields["state"]._description_selection(self.env))
        currency = self.conversation.company_id.currency_id
        here = self.conversation.with_context(tz=self.conversation.company_id._sop_zone(self.env.user))
        return {
            "count": len(orders),
            "bought": len(bought),
            "total": format_amount(self.env, bought._sop_sum(currency), currency),
            "cancelled": len(orders.filtered(lambda order: order.state == "cancel")),
            "rows": [
                {
                    "id": order.id,
                    "name": order.name,
                    "date": format_date(self.env, fields.Datetime.context_timestamp(here, order.date_order).date()),
                    "amount": format_amount(self.env, order.amount_total, order.currency_id),
                    "state": order.state,
                    "label": labels[order.state],
                    "here": order.sop_conversation_id == self.conversation,
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
        if partner := self.conversation._seen_partner():
            domain |= Domain("partner_id", "child_of", partner.sudo().commercial_partner_id.id)  # sudo: its head may be hidden
        if self.conversation._is_proven_customer():
            orders = orders.sudo()  # sudo: see above
        return orders.search(domain & Domain("company_id", "=", self.conversation.company_id.id)).sudo()

    def _panel_earlier(self):
        """Other conversations with the same person, of those the user may see."""
        domain = [("identity_id", "=", self.conversation.identity_id.id)]
        if self.conversation.partner_id:
            domain = ["|", *domain, ("partner_id", "=", self.conversation.partner_id.id)]
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
            for conversation in self.conversation.search([*domain, ("id", "!=", self.id)], limit=HISTORY)
        ]
