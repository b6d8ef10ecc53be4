import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime, html2plaintext, plaintext2html

from odoo.addons.sop_pipeline.tools.arguments import flag, moment, record_id, takes, text

OF_A_REPLY = {"author_id", "partner_ids", "is_note", "send_context", "notification_parameters"}  # of one to a customer they are ours to say


class MailScheduledMessage(models.Model):
    """A reply that goes later: core's scheduled message in a customer's chat, within the platform's window."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "sop.guard.mixin"]

    sop_conversation_id = fields.Many2one("sop.conversation", "Conversation", readonly=True, index="btree_not_null", ondelete="cascade")
    sop_unless_written = fields.Boolean("Not When the Customer Writes Before", readonly=True)

    @api.model
    def _sop_kept(self):
        """Both follow from what is scheduled where."""
        return super()._sop_kept() | {"sop_conversation_id", "sop_unless_written"}

    @api.model_create_multi
    def create(self, vals_list):
        """What is scheduled in a chat with a customer can go then; see core for the contract.

        :raise UserError: the platform takes no reply at that time
        :raise AccessError: the conversation is not the caller's to answer
        """
        messages = super().create(vals_list)
        chats = messages.filtered(lambda message: message.model == "discuss.channel")
        for message in chats:
            channel = self.env["discuss.channel"].browse(message.res_id)
            if channel.sudo()._sop_is_customer_chat():  # sudo: only whether
                message._sop_in_chat(channel)
        return messages

    def write(self, vals):
        """Another time is one the platform takes, too; see core for the contract. Errors as in create.

        :raise AccessError: it would go in another name, or to others
        """
        if not self.env.su and (names := OF_A_REPLY & vals.keys()) and self.sudo().sop_conversation_id:  # sudo: only whether
            self._sop_refuse_kept(names)
        result = super().write(vals)
        if "scheduled_date" in vals:
            for message in self.filtered("sop_conversation_id"):
                message._sop_check_time(message.sudo().sop_conversation_id, message.scheduled_date)  # sudo: core has checked who may write it
        return result

    def unlink(self):
        """The conversation knows whether something still waits; see core for the contract."""
        conversations = self.sudo().sop_conversation_id  # sudo: only to count
        result = super().unlink()
        self.env["sop.conversation.later"].browse(conversations.exists().ids)._note()
        return result

    def _sop_in_chat(self, channel):
        """Make a scheduled message one of its conversation, after the checks every reply passes."""
        conversation = channel._sop_conversation()
        conversation.with_user(self.env.user).check_access("write")
        if not conversation or conversation.provider == "livechat":
            raise UserError(self.env._("In a live chat the visitor is there now: nothing can be sent later."))
        parameters = json.dumps({"message_type": "comment"})
        # sudo: columns only our code writes; author and recipients are those of a reply
        self.sudo().write(
            {
                "sop_conversation_id": conversation.id,
                "notification_parameters": parameters,
                "author_id": self.env.user.partner_id.id,
                "partner_ids": False,
                "is_note": False,
                "send_context": False,
            }
        )
        self._sop_check_time(conversation, self.scheduled_date)
        self.env["sop.conversation.later"].browse(conversation.id)._note()

    @api.model
    def _sop_check_time(self, conversation, at):
        """Raise UserError when the platform will not take a reply at this time."""
        window = conversation._get_window()
        if not window["open"]:
            raise UserError(" ".join(filter(None, [window["reason"], window["alternative"]])))
        if window["until"] and at >= window["until"]:
            until = format_datetime(self.env, window["until"], tz=self.env.user.tz or self.env.company._sop_zone(self.env.user), dt_format="short")
            raise UserError(self.env._("The platform takes replies to this customer until %(until)s. Choose a time before that.", until=until))

    def _sop_customer_wrote(self):
        """The customer wrote: what was to go only if they did not is taken back, and its author learns it."""
        for message in self:
            author = message.create_uid
            words = " ".join(html2plaintext(message.body or "").split())[:200]
            title = message.with_context(lang=author.lang).env._(
                "Not sent later: %(customer)s has written", customer=message.sop_conversation_id.name
            )
            author._bus_send("simple_notification", {"type": "warning", "title": title, "message": words})
        self.unlink()

    def _post_message(self, raise_exception=True):
        """Core posts as who scheduled it; what cannot go is told to them by core. Those of a lost talk go no more."""
        gone = self.filtered(lambda message: message.sop_conversation_id and message.sop_conversation_id.state == "spam")
        gone.unlink()
        return super(MailScheduledMessage, self - gone)._post_message(raise_exception)


class SopConversation(models.Model):
    """Whether a reply waits for its time."""

    _inherit = "sop.conversation"

    has_scheduled = fields.Boolean("Reply Waits for Its Time", readonly=True, copy=False)


class SopConversationLater(models.AbstractModel):
    """Replies that go later, as the screen sees them."""

    _name = "sop.conversation.later"
    _inherit = "sop.conversation.part.mixin"
    _description = "Replies Sent Later"

    def _waiting(self):
        """Return the replies that wait, the next first."""
        # sudo: colleagues of one team see what waits for their customer
        return self.env["mail.scheduled.message"].sudo().search([("sop_conversation_id", "=", self.id)], order="scheduled_date, id")

    def _note(self):
        """Keep whether a reply waits. Batch."""
        for conversation in self.conversation.sudo():  # sudo: a column only our code writes
            waits = bool(self.browse(conversation.id)._waiting())
            if conversation.has_scheduled != waits:
                conversation.has_scheduled = waits

    @takes(body=text(10_000), at=moment, anyway=flag)
    def action_schedule(self, body, at, anyway=False):
        """Send a reply later.

        :param at: when (UTC); before the platform's window closes
        :param anyway: it goes also when the customer writes before
        :return: id of the scheduled message
        """
        conversation = self._open("write")
        if not body.strip():
            raise UserError(self.env._("Write what is to be sent."))
        if at <= fields.Datetime.now():
            raise UserError(self.env._("Choose a moment that is still to come."))
        self.env["mail.scheduled.message"]._sop_check_time(conversation, at)
        filled = conversation._before_reply(body)
        message = self.env["mail.scheduled.message"].create(
            {
                "model": "discuss.channel",
                "res_id": conversation.channel_id.id,
                "body": plaintext2html(filled),
                "scheduled_date": at,
                "author_id": self.env.user.partner_id.id,
            }
        )
        message.sudo().sop_unless_written = not anyway  # sudo: a column only our code writes
        return message.id

    def get_scheduled(self):
        """Return the replies that wait: list of dict ``id, text, at, by, unless_written``, the next first."""
        self._open("read")
        return [
            {
                "id": message.id,
                "text": " ".join(html2plaintext(message.body or "").split())[:300],
                "at": fields.Datetime.to_string(message.scheduled_date),
                "by": message.create_uid.name,
                "unless_written": message.sop_unless_written,
            }
            for message in self._waiting()
        ]

    @takes(scheduled_id=record_id)
    def action_cancel(self, scheduled_id):
        """Take back a reply that waits. Idempotent."""
        self._open("write")
        self._waiting().filtered(lambda message: message.id == scheduled_id).unlink()
        return True


class DiscussChannel(models.Model):
    """A customer who writes takes back what was to go only if they did not."""

    _inherit = "discuss.channel"

    def _sop_after_inbound(self, message):
        super()._sop_after_inbound(message)
        conversation = self._sop_conversation()
        if conversation.has_scheduled:
            later = self.env["sop.conversation.later"].browse(conversation.id)
            later._waiting().filtered("sop_unless_written")._sop_customer_wrote()
