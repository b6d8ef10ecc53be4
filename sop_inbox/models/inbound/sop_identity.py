from odoo import fields, models

from ..outbound.sop_channel_message import MARKS


class SopIdentity(models.Model):
    """A person on a platform: whether they follow the shop, and how they are forgotten."""

    _inherit = "sop.identity"

    is_following = fields.Boolean(readonly=True, copy=False)
    follow_told_at = fields.Datetime("Follow Reported At", readonly=True, copy=False)

    delivered_until = fields.Datetime(readonly=True, copy=False)
    read_until = fields.Datetime(readonly=True, copy=False)

    def _note_mark(self, state, until):
        """The customer's app has, or they have read, everything until a moment; an older mark does nothing.

        :param state: "delivered" or "read"
        """
        column = MARKS[state]
        if not self[column] or until > self[column]:
            self[column] = until
            for conversation in self.conversation_ids.filtered(lambda conversation: conversation.kind == "message"):
                domain = [("conversation_id", "=", conversation.id), ("state", "in", ("sent", "delivered")), ("at", "<=", until)]
                conversation._mark_rows(self.env["sop.channel.message"].sudo().search(domain))  # sudo: users cannot write rows
