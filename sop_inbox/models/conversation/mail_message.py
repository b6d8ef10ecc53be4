from odoo import fields, models


class MailMessage(models.Model):
    """Messages of conversations know whose they are, so that counters can be counted again."""

    _inherit = "mail.message"

    sop_side = fields.Selection(
        [("in", "Customer"), ("out", "Staff"), ("auto", "Bot")],
        string="Side in the Inbox",
        readonly=True,
        copy=False,
        help="Set only on messages of conversations that the customer can see.",
    )

    def unlink(self):
        """Counters of a conversation follow messages that are taken away."""
        channels = {message.res_id for message in self if message.sop_side and message.model == "discuss.channel"}
        result = super().unlink()
        if channels:
            # sudo: whoever may delete a message has its conversation counted again
            self.env["sop.conversation"].sudo().search([("channel_id", "in", list(channels))])._retell()
        return result
