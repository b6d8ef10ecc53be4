from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.signals import send

from .sop_channel_message_outbox import ACTS


class SopConversation(models.Model):
    """Conversations with people at a platform: what brought them, how far they read, what goes out."""

    _inherit = "sop.conversation"

    ad_at = fields.Datetime("Came by an Ad", readonly=True, copy=False)
    referral_source = fields.Char("Came From", readonly=True, copy=False)
    referral_ref = fields.Char("Link or Ad", readonly=True, copy=False)
    related_conversation_id = fields.Many2one(
        "sop.conversation",
        "Continued In",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Links the comments and the private messages of the same conversation.",
    )
    channel_message_ids = fields.One2many("sop.channel.message", "conversation_id")
    has_unsent = fields.Boolean("Not Sent", readonly=True, copy=False, help="A reply did not reach the customer and waits for a person.")

    _unsent_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE has_unsent IS TRUE")

    # === OUTGOING ===

    @property
    def _sending(self):
        return self.env["sop.conversation.sending"].browse(self._ids)

    def _message_outbound(self, message):
        """Queue a reply for the platform, part by part: files may go first, texts keep their order."""
        super()._message_outbound(message)
        rows = self.env["sop.channel.message"]
        service = self.account_id._get_provider()
        if not service._is_remote:
            return
        sending = self._sending
        tag = sending._outbound_tag(message, service)
        for part, values in sending._outbound_parts(message, service):
            rows |= rows._queue(self, part, message, tag=tag, **values)

    def action_request_info(self):
        """Ask a customer for name, phone and address in the platform's own form.

        :return: id of the message shown in the conversation
        """
        self.ensure_one()
        self.check_access("write")
        if not self._sending._can_ask_info():
            raise UserError(self.env._("This channel has no form to ask for a phone: ask in words."))
        company = self.company_id
        form = {
            "type": "info",
            "title": company.name,
            "subtitle": self.env._("Please leave your phone and address so that we can serve you."),
            "image_url": f"{company.get_base_url()}/logo.png?company={company.id}",
        }
        return send(self, sop_form=form)._post_outbound(self.env._("[Form: name, phone, address]")).id

    # === PRIVATE MESSAGES ===

    def _personal_thread(self):
        """Below a post everybody reads: an order goes where the talk went on in private, or as a comment's private answer."""
        if self.kind != "comment":
            return super()._personal_thread()
        chat = self.related_conversation_id
        if chat and chat._get_window()["open"]:
            return chat
        return self if self._sending._private_target() else chat

    # === UNSENT REPLIES ===

    @api.model
    def _shown_fields(self):
        return super()._shown_fields() | {"has_unsent", "has_scheduled"}

    def _note_unsent(self):
        """A reply finally failed: the conversation shows it, and is open again, for its customer has no answer."""
        self._open_again()
        self.has_unsent = True

    def _refresh_unsent(self):
        """A reply that had failed went, goes again or was taken back: look whether another one is left."""
        for conversation in self.filtered("has_unsent"):
            domain = [("conversation_id", "=", conversation.id), ("state", "=", "failed"), ("part", "not in", ACTS)]
            conversation.has_unsent = bool(self.env["sop.channel.message"].sudo().search_count(domain, limit=1))  # sudo: only whether

    def _recompute_from_messages(self):
        """Replies are looked at again as well; who waits again for one is open again."""
        super()._recompute_from_messages()
        self._refresh_unsent()
        self.filtered("is_unanswered")._open_again()

    def _open_again(self):
        """Closed conversations are open again: their customers have no answer. Batch."""
        closed = self.filtered(lambda conversation: conversation.state == "done")
        closed.write(self._open_values())
        closed._sync_members()

    # === LATE MESSAGES ===

    def _inbound_values(self, message):
        """What comes after its answer was read where it was answered, when that was in the platform's own tool."""
        vals = super()._inbound_values(message)
        if self.last_outbound_at and message.date <= self.last_outbound_at and self._sending._is_answered_elsewhere(message.date):
            vals["unread_count"] = self.unread_count
            if not self.unread_count:
                vals["read_message_ref"] = vals["last_inbound_ref"]
        return vals

    def _outbound_values(self, message):
        """A reply that comes late has read what came before it, not what came after."""
        vals = super()._outbound_values(message)
        if self.last_inbound_at and message.date < self.last_inbound_at:
            ref = max(self.read_message_ref, self.channel_id._sop_last_inbound_before(message.date))
            vals |= {"read_message_ref": ref, "unread_count": self.channel_id._sop_count_inbound_after(ref)}
        return vals

    def _note_referral(self, referral, at):
        """Keep what first brought the customer; each ad opens its window again."""
        vals = {}
        if not self.referral_source and not self.referral_ref:
            vals["referral_source"] = referral.get("source") or "link"
            vals["referral_ref"] = referral.get("ad_title") or referral.get("ref") or referral.get("ad_id")
        if referral.get("ad_id") and (not self.ad_at or at > self.ad_at):
            vals["ad_at"] = at
        if vals:
            self.write(vals)

    def _prepare_lead_values(self):
        """The lead knows what brought the customer."""
        values = super()._prepare_lead_values()
        if self.referral_source or self.referral_ref:
            values["referred"] = " ".join(filter(None, [self.referral_source, self.referral_ref]))
            if self.ad_at:
                source = f"{self.account_id._get_provider().label()} Ads"
                # sudo: the source is shared by all
                values["source_id"] = self.env["utm.mixin"].sudo()._find_or_create_record("utm.source", source).id
        return values
