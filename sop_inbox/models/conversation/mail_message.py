from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, is_html_empty
from odoo.tools.mail import html_to_inner_content
from odoo.tools.sql import column_exists, create_column

from odoo.addons.sop_pipeline.tools.signals import received

from ...tools.text import snippet
from ...tools.words import fold
from ...tools.words_sql import folded_sql

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
    sop_payload = fields.Json(
        "Structured Content",
        readonly=True,
        copy=False,
        help="Dict with a key 'type' ('receipt', 'quotation' or 'order_cancelled' for orders); the body has the same as text.",
    )

    sop_folded = fields.Text(readonly=True, copy=False, index="trigram", help="The words without accents, to be found by.")
    _sop_said_idx = models.Index("(date, res_id) WHERE sop_side IS NOT NULL")

    def _auto_init(self):
        """Only chats with customers are searched: other messages are not gone through when the inbox is installed."""
        cr = self.env.cr
        if not column_exists(cr, "mail_message", "sop_folded"):
            create_column(cr, "mail_message", "sop_folded", "text")
            if column_exists(cr, "mail_message", "sop_side"):
                words = folded_sql(SQL("regexp_replace(body, '<[^>]*>', ' ', 'g')"))
                cr.execute(SQL("UPDATE mail_message SET sop_folded = %s WHERE sop_side IS NOT NULL", words))
        return super()._auto_init()

    @api.model
    def _sop_fold(self, body):
        """Return what a message of a conversation is found by."""
        return fold(html_to_inner_content(body)).replace("\x00", "") if body else False

    @api.model
    def _sop_kept(self):
        """Side and structured content follow from who posted."""
        return super()._sop_kept() | {"sop_side", "sop_payload", "sop_folded"}

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
        ids.discard((received(self.env, "sop_decided") or {}).get("channel"))
        # sudo: only which chats are with customers
        if any(channel._sop_is_customer_chat() for channel in self.env["discuss.channel"].sudo().browse(ids)):
            raise AccessError(self.env._("Write to a customer in their chat; a message cannot be put there another way."))

    def unlink(self):
        """Counters of a conversation follow messages that are taken away."""
        channels = {message.res_id for message in self if message.sop_side and message.model == "discuss.channel"}
        result = super().unlink()
        if channels:
            # sudo: the user who deletes a message has its conversation counted again
            self.env["sop.conversation"].sudo().search([("channel_id", "in", list(channels))])._recompute_from_messages()
        return result

    def _sop_writer(self):
        """Return the user who wrote a reply."""
        users = self.author_id.with_context(active_test=False).user_ids
        return users.filtered(lambda user: not user.share)[:1]

    def _sop_preview(self):
        """One line for the list: the words, else what was sent."""
        if self.body and not is_html_empty(self.body):
            text = snippet(html_to_inner_content(self.body)[:1000])
            if text:
                return text
        mimetypes = self.sudo().attachment_ids.mapped("mimetype")  # sudo: only its kind is used
        if not mimetypes:
            return ""
        kind = (mimetypes[0] or "").split("/")[0]
        labels = {"image": self.env._("[Picture]"), "video": self.env._("[Video]"), "audio": self.env._("[Voice]")}
        return labels.get(kind, self.env._("[File]"))
