from odoo import fields, models
from odoo.tools import format_date


class SopParcel(models.Model):
    """A parcel in words: on the order for staff, and to the customer."""

    _inherit = "sop.parcel"

    conversation_id = fields.Many2one(related="order_id.sop_conversation_id", string="Conversation", store=True, index="btree_not_null")

    def _strip(self):
        """Return a parcel as plain data for the order in the chat: ``text`` is one line such as "Out for Delivery, 2nd try, due 29/11"."""
        now = fields.Datetime.now()
        return {
            "id": self.id,
            "state": self.state,
            "text": self._state_words(),
            "why": self._why_not() if self.state in ("new", "unknown") else "",
            "can_ask": self.state == "unknown" and self.has_access("write") and self.sudo().carrier_id._sop_can_be_asked(),  # sudo: as below
            "reason": self.reason or "",
            "tracking": self.tracking_ref or "",
            "url": self.tracking_url or "",
            "late": bool(self.due_at and self.due_at < now),
            "can_decide": self.state == "failed" and not self.decided and self._can_decide(),
            "decided": dict(self._fields["decided"]._description_selection(self.env)).get(self.decided, ""),
        }

    def _state_words(self):
        """Return the state in one line, in the language of the environment."""
        env, parts = self.env, [dict(self._fields["state"]._description_selection(self.env))[self.state]]
        if self.state in ("out", "failed") and self.tries > 1:
            parts.append(env._("try %(number)s", number=self.tries))
        if self.state in ("waiting", "picked", "moving", "out") and self.expected_at:
            parts.append(env._("due %(day)s", day=self._day(self.expected_at)))
        if self.state in ("delivered", "returned") and self.since:
            parts.append(self._day(self.since))
        return ", ".join(parts)

    def _why_not(self):
        """Return why a parcel that was handed over has no waybill: the carrier's words, and what an unknown outcome means."""
        carrier = self.sudo().carrier_id.name  # sudo: the carrier's name, for who may read the parcel
        if self.state == "new":
            return self.message or ""
        doubt = self.env._("%(carrier)s did not say whether it has this parcel: nothing else is sent until that is known.", carrier=carrier)
        return " ".join(filter(None, [self.message, doubt]))

    def _day(self, moment):
        """A day as people here write it: 29/11."""
        here = fields.Datetime.context_timestamp(self.with_context(tz=self.company_id._sop_zone()), moment)
        return format_date(self.env, here.date(), date_format="dd/MM")

    def _answer(self):
        """Return the answer to a customer who asks where their parcel is: state, reason and the carrier's page."""
        env, carrier = self.env, self.sudo().carrier_id.name  # sudo: the carrier's name, for who may read the parcel
        lines = [env._("Order %(order)s: %(state)s.", order=self.order_id.name, state=self._state_words())]
        if self.reason and self.state in ("failed", "returning"):
            lines.append(env._("The carrier says: %(reason)s", reason=self.reason))
        lines.append(env._("%(carrier)s, waybill %(tracking)s", carrier=carrier, tracking=self.tracking_ref))
        return "\n".join([*lines, *filter(None, [self.tracking_url])])
