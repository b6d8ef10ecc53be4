from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.sop_pipeline.tools.signals import received

# What makes a message of a conversation what it is: who said what when, and where.
FIXED = {
    "author_id", "author_guest_id", "email_from", "date", "body", "subject", "attachment_ids", "parent_id", "model", "res_id",
    "message_type", "subtype_id", "is_internal",
}  # fmt: skip


class MailMessage(models.Model):
    """Messages of conversations know whose they are, so that counters can be counted again.

    They are made by ``message_post`` of their chat, and changed by core's editing, which asks it.
    """

    _name = "mail.message"
    _inherit = ["mail.message", "sop.guard.mixin"]

    sop_side = fields.Selection(
        [("in", "Customer"), ("out", "Staff"), ("auto", "Bot")],
        string="Side in the Inbox",
        readonly=True,
        copy=False,
        help="Set only on messages of conversations that the customer can see.",
    )

    @api.model
    def _sop_kept(self):
        """Side and structured content follow from who posted."""
        return super()._sop_kept() | {"sop_side", "sop_payload"}

    @api.model_create_multi
    def create(self, vals_list):
        """Messages in a chat with a customer are written through ``message_post`` only; see core for the contract.

        :raise AccessError: somebody tries
        """
        messages = super().create(vals_list)
        if not self.env.su:
            messages._sop_check_posted()
        return messages

    def write(self, vals):
        """What was said between us and a customer stays as it was said; see core for the contract.

        :raise AccessError: somebody changes it, or moves a message into a chat with a customer
        """
        if self.env.su or not FIXED & vals.keys():
            return super().write(vals)
        if any(self.sudo().mapped("sop_side")):  # sudo: only whether
            raise AccessError(self.env._("What was said between the shop and a customer cannot be changed afterwards."))
        result = super().write(vals)
        if {"model", "res_id"} & vals.keys():
            self._sop_check_posted()
        return result

    def _sop_check_posted(self):
        """:raise AccessError: when one of these stands in a chat with a customer without having been posted there"""
        ids = {message.res_id for message in self.sudo() if message.model == "discuss.channel"}  # sudo: only where they stand
        ids.discard((received(self.env, "sop_told") or {}).get("channel"))
        # sudo: only which chats are with customers
        if any(channel._sop_is_customer_chat() for channel in self.env["discuss.channel"].sudo().browse(ids)):
            raise AccessError(self.env._("Write to a customer in their chat; a message cannot be put there another way."))

    def unlink(self):
        """Counters of a conversation follow messages that are taken away."""
        channels = {message.res_id for message in self if message.sop_side and message.model == "discuss.channel"}
        result = super().unlink()
        if channels:
            # sudo: the user who deletes a message has its conversation counted again
            self.env["sop.conversation"].sudo().search([("channel_id", "in", list(channels))])._retell()
        return result
