from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes, text
from odoo.addons.sop_pipeline.tools.signals import received

from ...tools.outgoing import cut_text
from ...tools.text import free_lines, hold_lines
from ..conversation.sop_conversation_messages import as_html


class SopConversationSending(models.AbstractModel):
    """What a reply becomes at the conversation's platform: texts, files, cards, public and private answers, reactions."""

    _name = "sop.conversation.sending"
    _inherit = "sop.conversation.part.mixin"
    _description = "Sending of a Conversation"

    def _outbound_tag(self, message, service):
        """Return why a message may go although the plain window is closed (see ``sop.provider.tag``)."""
        return service.tag(self.conversation, message.sop_side == "auto", self._payload_of(message))

    def _payload_of(self, message):
        """Structured content of a message (an order's receipt), or None."""
        return message.sop_payload if "sop_payload" in message._fields else None

    def _outbound_parts(self, message, service):
        """Return what a message becomes at the platform: list of (part, values of the row)."""
        text = free_lines(html2plaintext(hold_lines(message.body or ""), include_references=False).strip())
        attachments = message.sudo().attachment_ids  # sudo: files of the message being sent
        if self.conversation.kind == "comment":
            return self._private_parts(text) if self._payload_of(message) else self._comment_parts(message, text, attachments)
        parts = [("text", {"text": piece}) for piece in cut_text(text, service._text_limit)]
        if parts and message.parent_id:
            parts[0][1]["parent_ref"] = self._quoted_ref(message.parent_id)
        payload = self._card_payload() or self._payload_of(message)
        if attachments and not payload and message.sop_side == "out":
            service.check_files(attachments)
        template = service.template(payload) if payload else None
        if template and template[0] == "text" and parts:
            parts[-1][1]["payload"] = template[1]
        elif template:
            parts = [(template[0], {"payload": template[1], "text": text})]
            if any(card.get("image_url") for card in template[1].get("cards", [])):
                return parts  # the card shows the picture
        return parts + [("file", {"attachment_id": attachment.id}) for attachment in attachments]

    def _quoted_ref(self, parent):
        """Return the platform's id of the message a reply quotes, False when the platform does not know it."""
        return self._platform_row(parent).external_ref

    def _platform_row(self, message):
        """Return the row under which the platform knows a message, none when it does not know it."""
        rows = self.env["sop.channel.message"].sudo()  # sudo: see _queue
        return rows.search([("mail_message_id", "=", message.id), ("external_ref", "!=", False)], limit=1)

    # === REACTIONS ===

    def _message_reacted(self, message, action):
        """Bring the shop's reaction to the customer: one for the whole shop, the latest of all colleagues'.

        :param action: "add" or "remove", what a colleague did
        :raise UserError: when the customer cannot be shown it; taking one back never fails
        """
        service = self.conversation.account_id._get_provider()
        if not service._is_remote:
            return
        latest = message.reaction_ids.filtered("partner_id").sorted("id")[-1:]
        row = self._platform_row(message)
        if action == "add":
            self._check_can_react(row, service)
        elif not self._takes_reactions(service):
            return  # the customer still sees the old one
        if row:
            row._queue_reaction(service.reaction(latest.content or ""), latest.partner_id)

    def _takes_reactions(self, service):
        """Whether the platform shows the customer a reaction now: within 24 hours of their last message."""
        window = service.window(self.conversation)
        return self.conversation.kind != "comment" and window["open"] and not window["tag"]

    def _check_can_react(self, row, service):
        """Raise UserError unless the platform lets the customer see a reaction to this message now."""
        if self.conversation.kind == "comment":
            raise UserError(self.env._("Use Like below the comment: that is what the customer sees."))
        if not row:
            raise UserError(self.env._("The customer does not have this message yet."))
        if not self._takes_reactions(service):
            over = self.env._("Reactions reach the customer for 24 hours after their last message; this time is over.")
            raise UserError(service.window(self.conversation)["reason"] or over)

    # === FORMS AND CARDS ===

    def _can_ask_info(self):
        """Whether the platform has a form that asks the customer for name, phone and address."""
        service = self.env["sop.provider"]._find(self.conversation.provider)
        return self.conversation.kind == "message" and service is not None and "info" in service._parts

    def _card_payload(self):
        """Return the form or the product's card that is being sent, as data, or None."""
        if form := received(self.env, "sop_form"):
            return form
        product = self.env["product.product"].browse(received(self.env, "sop_card") or [])
        if not product:
            return None
        replies = self.conversation._replies
        link = replies._product_link(product)
        card = {
            "title": product.display_name,
            "subtitle": " · ".join([replies._product_price(product), replies._stock_words(product)]).replace("\xa0", " "),
            "url": link if link.startswith("https://") else "",
        }
        if link.startswith("https://") and product.image_512:
            card["image_url"] = f"{product.get_base_url()}/web/image/product.product/{product.id}/image_512"
        return {"type": "product", "cards": [card]}

    # === COMMENTS ===

    def _comment_parts(self, message, text, attachments):
        """A reply to the comment that was answered, else to the customer's last one; at most one picture each."""
        rows, mine = self.env["sop.channel.message"].sudo(), self._customers_comments()  # sudo: see _queue
        target = rows.search([*mine, ("mail_message_id", "=", message.parent_id.id)], limit=1) if message.parent_id else rows
        target = target or rows.search(mine, order="at desc, id desc", limit=1)
        base = {"target_ref": target.external_ref, "is_comment": True, "parent_ref": target.external_ref}
        files = [attachment.id for attachment in attachments] or [False]
        return [("reply", {**base, "text": text if index == 0 else "", "attachment_id": file}) for index, file in enumerate(files) if text or file]

    # === PRIVATE ANSWERS ===

    def _private_target(self):
        """Return the customer's latest comment that still takes its one private answer, if any."""
        rows = self.env["sop.channel.message"].sudo()  # sudo: see _queue
        comments = rows.search(self._customers_comments(), order="at desc, id desc", limit=100)
        answered = comments._private_rows()
        return comments.filtered(lambda row: row._private_is_open() and (row.account_id, row.external_ref) not in answered)[:1]

    def _private_parts(self, text):
        """The private answer that carries what is for the customer alone; it takes words only, so files stay here."""
        comment = self._private_target()
        if not comment:
            raise UserError(self._no_private_way())
        limit = self.conversation.account_id._get_provider()._text_limit
        if len(text) > limit:  # the end has the order's address on the web
            text = f"{text[: limit - 505]}\n…\n{text[-500:]}"
        return [("private", {"target_ref": comment.external_ref, "text": text, "queue_key": f"p{comment.id}"})]

    def _no_private_way(self):
        return self.env._(
            "This customer is only known by public comments, where everybody would read the order. Ask them to write to the page first."
        )

    def _customers_comments(self):
        """Domain of the customer's comments in this thread that are still there."""
        return [("conversation_id", "=", self.id), ("direction", "=", "in"), ("is_comment", "=", True), ("is_removed", "=", False)]

    @takes(body=text(5000), comment_id=record_id)
    def action_private_reply(self, body, comment_id=None):
        """Answer a comment privately: once for each comment, within seven days; it then goes on as messages.

        :param comment_id: ``sop.channel.message`` of the comment; default the customer's last one
        :return: id of the message shown in the comment thread
        """
        self.ensure_one()
        conversation = self.conversation._sudo_checked()
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
            conversation, "private", message, target_ref=comment.external_ref, text=text[:2000], queue_key=f"p{comment.id}"
        )
        comment._push_state()
        return message.id

    # === REPLIES IN THE PLATFORM'S TOOL ===

    def _post_elsewhere(self, body, at):
        """Post what staff wrote in the platform's own tool; the platform has it already.

        :return: the ``mail.message``, written in the name of the shop
        """
        # sudo: the worker is the system
        chat = self.conversation.channel_id.sudo()._sop_posting("out", sent=True, at=at)
        return chat.message_post(
            body=as_html(body),
            author_id=self.conversation.company_id.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _is_answered_elsewhere(self, moment):
        """Whether staff wrote in the platform's own tool at ``moment`` or later: rows of ours have a part."""
        domain = [("conversation_id", "=", self.id), ("direction", "=", "out"), ("part", "=", False), ("at", ">=", moment)]
        return bool(self.env["sop.channel.message"].sudo().search_count(domain, limit=1))  # sudo: only whether there is one
