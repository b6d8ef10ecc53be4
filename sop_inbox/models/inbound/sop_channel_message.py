from odoo import models


class SopChannelMessage(models.Model):
    """Outgoing rows meet what comes in: an echo that waits, and what a sent row means for its comment."""

    _inherit = "sop.channel.message"

    def _after_sent(self, found):
        """A comment's operation or private answer is done."""
        super()._after_sent(found)
        self = self.with_context(lang=self.company_id.partner_id.lang)  # words of a job, for the whole shop
        if self.part == "op":
            self.env["sop.comment.applier"]._operation_done(self)
        elif self.part == "private" and found.get("person"):
            self.env["sop.comment.applier"]._private_sent(self, found["person"])

    def _may_have_echo(self):
        """Whether this row's echo may be among the events not applied yet: then its time is not over."""
        domain = [*self.account_id._events_domain(), ("state", "=", "new")]
        theirs_or_in_time = ["|", ("person_ref", "=", self.person_ref), ("received_at", "<=", self.next_attempt_at)]
        return bool(self.env["sop.channel.event"].search_count(domain + theirs_or_in_time, limit=1))
