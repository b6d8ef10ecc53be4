from odoo import models
from odoo.exceptions import UserError


class SopChannelMessage(models.Model):
    """What staff does to a customer's comment on the page: hide, show, like, delete."""

    _inherit = "sop.channel.message"

    def action_hide(self):
        """Hide comments on the page; their authors and friends still see them. Idempotent, batch."""
        return self._operate("hide", lambda row: not row.is_hidden)

    def action_unhide(self):
        """Show hidden comments again. Idempotent, batch."""
        return self._operate("unhide", lambda row: row.is_hidden)

    def action_like(self):
        """Like comments as the page. Idempotent, batch."""
        return self._operate("like", lambda row: not row.is_liked)

    def action_unlike(self):
        """Take the page's like back. Idempotent, batch."""
        return self._operate("unlike", lambda row: row.is_liked)

    def action_delete(self):
        """Delete comments on the page, for everybody and for good. Idempotent, batch."""
        return self._operate("delete", lambda row: not row.is_removed)

    def _operate(self, name, wanted):
        rows = self._check_conversation()
        if any(not row.is_comment or row.direction != "in" for row in rows):
            raise UserError(self.env._("This can be done to a customer's comment only."))
        for row in rows.filtered(wanted):
            row._queue_operation(name)
        return True

    def _queue_operation(self, name):
        """Queue an operation on this comment, unless the same one waits already."""
        waiting = self.search([("queue_key", "=", f"o{self.id}"), ("state", "in", ("queued", "sending", "unknown"))])
        if waiting and waiting[-1].payload.get("op") == name:
            return waiting[-1]
        return self._queue(self.conversation_id, "op", target_ref=self.external_ref, payload={"op": name}, queue_key=f"o{self.id}", client_ref=False)
