from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes, text
from odoo.addons.sop_pipeline.tools.signals import received, send

from ...tools.parcel import cut_text
from ..conversation.sop_conversation_messages import as_html
from .sop_channel_message import MARKS
from .sop_channel_outbox import ACTS


class SopConversation(models.Model):
    """Conversations with people at a platform: what brought them, how far they read, what goes out."""

    _inherit = "sop.conversation"

    ad_at = fields.Datetime("Came by an Ad", readonly=True, copy=False)
    referral_source = fields.Char("Came From", readonly=True, copy=False)
    referral_ref = fields.Char("Link or Ad", readonly=True, copy=False)
    twin_id = fields.Many2one(
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

    def _message_outbound(self, message):
        """Queue a reply for the platform, part by part: files may go first, texts keep their order."""
        super()._message_outbound(message)
        rows = self.env["sop.channel.message"]
        service = self.account_id._get_provider()
        if not service._is_remote:
            return
        tag = self._outbound_tag(message, service)
        for part, values in self._outbound_parts(message, service):
            rows |= rows._queue(self, part, message, tag=tag, **values)

    def _outbound_tag(self, message, service):
        """Return why a message may go although the plain window is closed (see ``sop.provider.tag``)."""
        return service.tag(self, message.sop_side == "auto", self._payload_of(message))

    def _payload_of(self, message):
        """Structured content of a message (an order's receipt), or None."""
        return message.sop_payload if "sop_payload" in message._fields else None

    def _outbound_parts(self, message, service):
        """Return what a message becomes at the platform: list of (part, values of the row)."""
        text = html2plaintext(message.body or "", include_references=False).strip()
        attachments = message.sudo().attachment_ids  # sudo: files of the message being sent
        if self.kind == "comment":
            return self._private_parts(text) if self._payload_of(message) else self._comment_parts(message, text, attachments)
        parts = [("text", {"text": piece}) for piece in cut_text(text, service._text_limit)]
        if parts and message.parent_id:
            parts[0][1]["parent_ref"] = self._quoted_ref(message.parent_id)
        payload = self._card_payload() or self._payload_of(message)
        if attachments and "file" not in service._parts and not payload and message.sop_side == "out":
            raise UserError(self.env._("This channel takes words only: send a link instead of the file."))
        template = service.template(payload) if payload else None
        if template:
            parts = [(template[0], {"payload": template[1], "text": text})]
            if any(card.get("image_url") for card in template[1].get("cards", [])):
                return parts  # the card shows the picture
        return parts + [("file", {"attachment_id": attachment.id}) for attachment in attachments]

    def _quoted_ref(self, parent):
        """Return the platform's id of the message a reply quotes, False when the platform does not know it."""
        return self._vendor_row(parent).external_ref

    def _vendor_row(self, message):
        """Return the row under which the platform knows a message, none when it does not know it."""
        rows = self.env["sop.channel.message"].sudo()  # sudo: see _queue
        return rows.search([("mail_message_id", "=", message.id), ("external_ref", "!=", False)], limit=1)

    def _message_reacted(self, message, action):
        """Bring the shop's reaction to the customer: one for the whole shop, the latest of all colleagues'.

        :param action: "add" or "remove", what a colleague did
        :raise UserError: when the customer cannot be shown it; taking one back never fails
        """
        service = self.account_id._get_provider()
        if not service._is_remote:
            return
        latest = message.reaction_ids.filtered("partner_id").sorted("id")[-1:]
        row = self._vendor_row(message)
        if action == "add":
            self._check_can_react(row, service)
        elif not self._takes_reactions(service):
            return  # the customer still sees the old one
        if row:
            row._queue_reaction(service.reaction(latest.content or ""), latest.partner_id)

    def _takes_reactions(self, service):
        """Whether the platform shows the customer a reaction now: within 24 hours of their last message."""
        window = service.window(self)
        return self.kind != "comment" and window["open"] and not window["tag"]

    def _check_can_react(self, row, service):
        """Raise UserError unless the platform lets the customer see a reaction to this message now."""
        if self.kind == "comment":
            raise UserError(self.env._("Use Like below the comment: that is what the customer sees."))
        if not row:
            raise UserError(self.env._("The customer does not have this message yet."))
        if not self._takes_reactions(service):
            over = self.env._("Reactions reach the customer for 24 hours after their last message; this time is over.")
            raise UserError(service.window(self)["reason"] or over)

    def action_request_info(self):
        """Ask a customer for name, phone and address in the platform's own form.

        :return: id of the message shown in the conversation
        """
        self.ensure_one()
        self.check_access("write")
        if not self._can_ask_info():
            raise UserError(self.env._("This channel has no form to ask for a phone: ask in words."))
        company = self.company_id
        form = {
            "type": "info",
            "title": company.name,
            "subtitle": self.env._("Please leave your phone and address so that we can serve you."),
            "image_url": f"{company.get_base_url()}/logo.png?company={company.id}",
        }
        return send(self, sop_form=form)._post_outbound(self.env._("[Form: name, phone, address]")).id

    def _can_ask_info(self):
        """Whether the platform has a form that asks the customer for name, phone and address."""
        service = self.env["sop.provider"]._find(self.provider)
        return self.kind == "message" and service is not None and "info" in service._parts

    def action_send_product(self, product_id):
        """A product's card goes in the platform's own form where it has one."""
        return super(SopConversation, send(self, sop_card=product_id)).action_send_product(product_id)

    def _card_payload(self):
        """Return the form or the product's card that is being sent, as data, or None."""
        if form := received(self.env, "sop_form"):
            return form
        product = self.env["product.product"].browse(received(self.env, "sop_card") or [])
        if not product:
            return None
        link = self._product_link(product)
        card = {
            "title": product.display_name,
            "subtitle": " · ".join([self._product_price(product), self._product_stock(product)]).replace("\xa0", " "),
            "url": link if link.startswith("https://") else "",
        }
        if link.startswith("https://") and product.image_512:
            card["image_url"] = f"{product.get_base_url()}/web/image/product.product/{product.id}/image_512"
        return {"type": "product", "cards": [card]}

    def _comment_parts(self, message, text, attachments):
        """A reply to the comment that was answered, else to the customer's last one; at most one picture each."""
        rows, mine = self.env["sop.channel.message"].sudo(), self._customers_comments()  # sudo: see _queue
        target = rows.search([*mine, ("mail_message_id", "=", message.parent_id.id)], limit=1) if message.parent_id else rows
        target = target or rows.search(mine, order="at desc, id desc", limit=1)
        base = {"target_ref": target.external_ref, "is_comment": True, "parent_ref": target.external_ref}
        files = [attachment.id for attachment in attachments] or [False]
        return [("reply", {**base, "text": text if index == 0 else "", "attachment_id": file}) for index, file in enumerate(files) if text or file]

    # === PRIVATE MESSAGES ===

    def _personal_thread(self):
        """Below a post everybody reads: an order goes where the talk went on in private, or as a comment's private answer."""
        if self.kind != "comment":
            return super()._personal_thread()
        chat = self.twin_id
        if chat and chat._get_window()["open"]:
            return chat
        return self if self._private_target() else chat

    def _private_target(self):
        """Return the customer's latest comment that still takes its one private answer, if any."""
        rows = self.env["sop.channel.message"].sudo()  # sudo: see _queue
        comments = rows.search(self._customers_comments(), order="at desc, id desc", limit=100)
        answered = comments._private_rows()
        return comments.filtered(lambda row: row._private_is_open() and (row.account_id, row.external_ref) not in answered)[:1]

    def _private_parts(self, text):
        """The private answer that carries what nobody else may read; it takes words only, so files stay here."""
        comment = self._private_target()
        if not comment:
            raise UserError(self._no_private_way())
        limit = self.account_id._get_provider()._text_limit
        if len(text) > limit:  # the end has the order's address on the web
            text = f"{text[: limit - 505]}\n…\n{text[-500:]}"
        return [("private", {"target_ref": comment.external_ref, "text": text, "lane": f"p{comment.id}"})]

    def _no_private_way(self):
        return self.env._(
            "This customer is only known by public comments, where everybody would read the order. Ask them to write to the page first."
        )

    # === REPLIES IN THE PLATFORM'S TOOL ===

    def _customers_comments(self):
        """Domain of the customer's comments in this thread that are still there."""
        return [("conversation_id", "=", self.id), ("direction", "=", "in"), ("is_comment", "=", True), ("is_removed", "=", False)]

    def _post_elsewhere(self, body, at):
        """Post what staff wrote in the platform's own tool; the platform has it already.

        :return: the ``mail.message``, written in the name of the shop
        """
        # sudo: the worker is the system
        chat = self.channel_id.sudo()._sop_posting("out", sent=True, at=at)
        return chat.message_post(
            body=as_html(body),
            author_id=self.company_id.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    # === UNSENT REPLIES ===

    @api.model
    def _shown_fields(self):
        return super()._shown_fields() | {"has_unsent"}

    @api.model
    def _chip_domains(self):
        return super()._chip_domains() | {"unsent": [("has_unsent", "=", True)]}

    def _note_unsent(self):
        """A reply finally failed: the conversation shows it, and is open again, for its customer has no answer."""
        self._open_again()
        self.has_unsent = True

    def _refresh_unsent(self):
        """A reply that had failed went, goes again or was taken back: look whether another one is left."""
        for conversation in self.filtered("has_unsent"):
            domain = [("conversation_id", "=", conversation.id), ("state", "=", "failed"), ("part", "not in", ACTS)]
            conversation.has_unsent = bool(self.env["sop.channel.message"].sudo().search_count(domain, limit=1))  # sudo: only whether

    def _retell(self):
        """Replies are looked at again as well; who waits again for one is open again."""
        super()._retell()
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
        if self.last_outbound_at and message.date <= self.last_outbound_at and self._is_answered_elsewhere(message.date):
            vals["unread_count"] = self.unread_count
            if not self.unread_count:
                vals["read_message_ref"] = vals["last_inbound_ref"]
        return vals

    def _is_answered_elsewhere(self, moment):
        """Whether staff wrote in the platform's own tool at ``moment`` or later: rows of ours have a part."""
        domain = [("conversation_id", "=", self.id), ("direction", "=", "out"), ("part", "=", False), ("at", ">=", moment)]
        return bool(self.env["sop.channel.message"].sudo().search_count(domain, limit=1))  # sudo: only whether there is one

    def _outbound_values(self, message):
        """A reply that comes late has read what came before it, not what came after."""
        vals = super()._outbound_values(message)
        if self.last_inbound_at and message.date < self.last_inbound_at:
            ref = max(self.read_message_ref, self._last_inbound_before(message.date))
            vals |= {"read_message_ref": ref, "unread_count": self._count_inbound_after(ref)}
        return vals

    def _last_inbound_before(self, moment):
        """Return the id up to which all of the customer's messages are from before ``moment``."""
        self.env["mail.message"].flush_model()
        self.env.cr.execute(
            """SELECT COALESCE(max(id), 0) FROM mail_message m
                WHERE model = 'discuss.channel' AND res_id = %s AND sop_side = 'in' AND date <= %s
                  AND NOT EXISTS (SELECT 1 FROM mail_message l WHERE l.model = m.model AND l.res_id = m.res_id
                                     AND l.sop_side = 'in' AND l.date > %s AND l.id < m.id)""",
            [self.channel_id.id, moment, moment],
        )
        return self.env.cr.fetchone()[0]

    # === PRIVATE ANSWER ===

    @takes(body=text(5000), comment_id=record_id)
    def action_private_reply(self, body, comment_id=None):
        """Answer a comment privately: once for each comment, within seven days; it then goes on as messages.

        :param comment_id: ``sop.channel.message`` of the comment; default the customer's last one
        :return: id of the message shown in the comment thread
        """
        self.ensure_one()
        conversation = self._sudo_checked()
        conversation._lock()
        rows = conversation.channel_message_ids.filtered(lambda row: row.is_comment and row.direction == "in" and not row.is_removed)
        comment = rows.filtered(lambda row: row.id == comment_id) if comment_id else rows.sorted("at")[-1:]
        text = body.strip()
        if not comment or not text:
            raise UserError(self.env._("Write the private answer to a comment that is still there."))
        if not comment._private_is_open():
            days = conversation.account_id._get_provider()._private_days
            raise UserError(self.env._("The platform takes a private answer within %(days)s days of the comment; they are over.", days=days))
        if comment._private_rows():
            raise UserError(self.env._("This comment has had its one private answer already."))
        shown = self.env._("[Private] %(text)s", text=text)
        message = conversation._post_outbound(shown, user=self.env.user, sent=True, parent_id=comment.mail_message_id.id)
        self.env["sop.channel.message"]._queue(
            conversation, "private", message, target_ref=comment.external_ref, text=text[:2000], lane=f"p{comment.id}"
        )
        comment._push_state()
        return message.id

    # === READ MARKS ===

    def _mark_rows(self, rows):
        """Bring rows up to how far their customer has received and read."""
        marks = [(name, self.identity_id[column]) for name, column in MARKS.items()]
        for row in rows.filtered(lambda r: r.state in ("sent", "delivered") and r.at):
            state = next((name for name, until in marks if until and row.at <= until), row.state)
            if state != row.state and not (row.state == "delivered" and state == "delivered"):
                row.state = state
                row._push_state()

    def _note_referral(self, referral, at):
        """Keep what brought the customer; an ad opens its window once."""
        vals = {}
        if not self.referral_source and not self.referral_ref:
            vals["referral_source"] = referral.get("source") or "link"
            vals["referral_ref"] = referral.get("ad_title") or referral.get("ref") or referral.get("ad_id")
        if referral.get("ad_id") and (not self.ad_at or at < self.ad_at):
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

    # === SCREEN ===

    def _panel_values(self):
        """The panel also shows what brought the customer and where the talk goes on."""
        return super()._panel_values() | {
            "referral": " ".join(filter(None, [self.referral_source, self.referral_ref])),
            "can_ask_info": self._can_ask_info(),
            "twin": {"id": self.twin_id.id, "kind": self.twin_id.kind} if self.twin_id else False,
        }
