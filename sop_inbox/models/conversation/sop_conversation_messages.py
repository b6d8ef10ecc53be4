from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import is_html_empty, plaintext2html
from odoo.tools.mail import html_to_inner_content

from odoo.addons.sop_pipeline.tools.phone import find_phones

PHONES_KEPT = 10  # of one customer
BODY_LIMIT = 60_000  # characters; longer texts are cut, no chat needs them


def as_html(text):
    """Return words as they are shown: lines stay lines and addresses can be clicked; markup made here passes."""
    return text if not text or isinstance(text, Markup) else plaintext2html(text)


def safe_names(attachments):
    """Files of strangers under a safe name; what a browser would run is renamed to text."""
    active = (".svg", ".html", ".htm", ".xml", ".xhtml", ".js", ".mjs")
    return [(f"{name}.txt" if (name or "").lower().endswith(active) else name or "file", content) for name, content in attachments or []]


class SopConversation(models.Model):
    """What messages do to a conversation, and the two doors messages come and go through.

    A message has a side (``mail.message.sop_side``): 'in' the customer, 'out' a person of ours,
    'auto' a bot, an automatic reply, the system. Notes and notices have none.

    - unread: 'in' messages since a person last read; a bot never clears it
    - unanswered: the last message that is not 'auto' is 'in'
    """

    _inherit = "sop.conversation"

    has_phone = fields.Boolean(readonly=True, copy=False, default=False)
    phone = fields.Char("Phone in Chat", readonly=True, copy=False, groups="sop_inbox.sop_inbox_group_user")

    phones = fields.Char("Phones in Chat", readonly=True, copy=False, groups="sop_inbox.sop_inbox_group_user", help="All of them, the latest first.")

    # === POSTING ===

    def _post_inbound(self, body, attachments=None, at=None, identity=None, auto=False, **kwargs):
        """Put a message of the external person into the conversation, as if they had typed it here.

        :param body: text (never markup: it is escaped); cut at 60 000 characters
        :param attachments: list of (file name, bytes); images that are no images come as plain files
        :param at: naive UTC datetime the platform gives; default now. Late messages keep their time
        :param identity: who wrote, when not the conversation's own person
        :param kwargs: passed to ``message_post``
        :return: the ``mail.message``
        """
        self.ensure_one()
        guest = (identity or self.identity_id)._get_guest()
        # sudo: the external person has no rights here; only as the public user can a guest be an author
        channel = self.channel_id.with_user(self.env.ref("base.public_user")).sudo()
        chat = channel.with_context(guest=guest)._sop_posting("auto" if auto else "in", sent=True, at=at)
        return chat.message_post(
            body=as_html((body or "")[:BODY_LIMIT]),
            attachments=safe_names(attachments),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    def _post_outbound(self, body, attachments=None, at=None, user=None, auto=False, sent=False, payload=None, **kwargs):
        """Put a reply into the conversation.

        :param body: text, or Markup made here; variables in it are filled already
        :param attachments: list of (file name, bytes)
        :param at: naive UTC datetime, for replies written elsewhere (the platform's own tool)
        :param user: the person who writes; default the current one
        :param auto: True for a bot or an automatic reply, which is no answer
        :param sent: True when the platform has it already, or gets it another way
        :param payload: structured content, see ``mail.message.sop_payload``
        :param kwargs: passed to ``message_post``
        :return: the ``mail.message``
        """
        self.ensure_one()
        if not (auto or sent or self.provider == "livechat"):
            self._check_can_reply()
        author = self.env.ref("base.partner_root") if auto else (user or self.env.user).partner_id
        # sudo: access was checked by who calls; a reply is posted on a chat the person is no member of
        chat = self.channel_id.sudo()._sop_posting("auto" if auto else "out", payload=payload, sent=sent, at=at)
        return chat.message_post(
            body=as_html(body),
            attachments=safe_names(attachments),
            author_id=author.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            **kwargs,
        )

    def _before_reply(self, body):
        """A person's reply is about to be posted: stop it when it cannot go, and fill its variables.

        :param body: text or Markup as the composer sends it
        :return: the same with ``{{...}}`` filled; UserError when one cannot be
        """
        if self.provider != "livechat":
            self._check_can_reply()
        if "{{" not in (body or ""):
            return body
        return self._replies._fill_placeholders(body)

    def _check_can_reply(self):
        """Raise UserError with the platform's reason when a free reply cannot go now."""
        self.ensure_one()
        window = self._get_window()
        if not window["open"]:
            raise UserError(" ".join(filter(None, [window["reason"], window["alternative"]])))

    def _get_window(self):
        """Return the provider's window for this conversation (see ``sop.provider.window``)."""
        return self.account_id._get_provider().window(self)

    def _personal_thread(self):
        """Return the conversation in which what is the customer's alone (an order) reaches them; none without such a way."""
        return self

    def _message_outbound(self, message):
        """Hook: a person's or bot's reply was posted here and has to go to the platform.

        Called once in the transaction of the message, never for replies the platform already has and
        never for live chat. A channel extends this to queue the message; nothing goes out here.
        """

    # === COLUMNS ===

    def _on_message(self, message):
        """Bring the columns up to date with a new message of this conversation, whatever its age or order.

        :param message: ``mail.message`` with a ``sop_side``; called once, in its transaction
        """
        self.ensure_one()
        # a bot's message shows in the list and changes nothing else
        vals = {"in": self._inbound_values, "out": self._outbound_values, "auto": lambda _message: {}}[message.sop_side](message)
        if not self.last_message_ref or message.date >= self.last_message_at:
            vals |= {
                "last_message_at": message.date,
                "last_message_ref": message.id,
                "preview": message._sop_preview(),
                "preview_side": message.sop_side,
            }
        self.with_context(tracking_disable=True).write(vals)

    def _inbound_values(self, message):
        vals = {
            "unread_count": self.unread_count + 1,
            "last_inbound_ref": max(message.id, self.last_inbound_ref),
            "last_inbound_at": max(message.date, self.last_inbound_at or message.date),
        }
        if not self.last_outbound_at or message.date >= self.last_outbound_at:
            vals["is_unanswered"] = True
            if not self.is_unanswered:
                vals |= {"waiting_since": message.date, "reply_due_at": self._reply_deadline(message.date)}
        if self.state == "done" or not self.opened_at:
            vals |= {"opened_at": message.date, "first_reply_at": False}
        if self.state in ("done", "snoozed"):
            vals |= self._open_values()
        return vals | self._words_values(message)

    def _outbound_values(self, message):
        vals = {
            "last_outbound_at": max(message.date, self.last_outbound_at or message.date),
            "unread_count": 0,
            "read_message_ref": self.last_inbound_ref,
        }
        if not self.last_inbound_at or message.date >= self.last_inbound_at:
            if self.is_unanswered:
                kind = "next" if self.first_reply_at else "first"
                self.env["sop.response"]._record(self, kind, self.waiting_since, message.date, message._sop_writer())
                vals["first_reply_at"] = self.first_reply_at or message.date
            vals |= {"is_unanswered": False, "waiting_since": False, "reply_due_at": False}
        if self.state == "spam":
            vals |= self._open_values()
        return vals

    def _words_values(self, message):
        """Columns that follow from what the customer wrote: phone and tags by words."""
        if is_html_empty(message.body):
            return {}
        text = html_to_inner_content(message.body)[:BODY_LIMIT]
        tags = set(self.env["sop.tag.rule"]._tags_for(text, self.company_id)) - set(self.tag_ids.ids)
        vals = {"tag_ids": [Command.link(tag_id) for tag_id in tags]} if tags else {}
        return vals | self._phone_values(text)

    def _phone_values(self, text):
        """Phone columns; the latest sure number counts. A number known already costs nothing more."""
        matches = find_phones(text)
        if not matches:
            return {}
        number = max(matches, key=lambda match: (match.confidence, match.start)).e164
        seen = [match.e164 for match in reversed(matches)] + (self.phones or self.phone or "").split()
        phones = " ".join(list(dict.fromkeys([number, *seen]))[:PHONES_KEPT])
        return {"has_phone": True, "phone": number, "phones": phones} | self._customer_values_of_phone(number)

    def _read_values(self, last_message_id=None):
        """Columns after a person read up to ``last_message_id`` (default: everything)."""
        if not last_message_id or last_message_id >= self.last_inbound_ref:
            return {"unread_count": 0, "read_message_ref": self.last_inbound_ref}
        upto = max(last_message_id, self.read_message_ref)
        return {"unread_count": self.channel_id._sop_count_inbound_after(upto), "read_message_ref": upto}

    def _recompute_from_messages(self):
        """Messages are gone that were there: columns and waiting time are as if they had never been. Batch."""
        for conversation in self:
            self.env["sop.conversation.recount"].browse(conversation.ids)._recount()
            chat = [("model", "=", "discuss.channel"), ("res_id", "=", conversation.channel_id.id), ("sop_side", "!=", False)]
            messages = self.env["mail.message"].sudo()  # sudo: the list's line only; found by the chat's index
            last = messages.search(chat, order="date DESC, id DESC", limit=1)
            vals = {
                "last_message_at": last.date or conversation.create_date,
                "last_message_ref": last.id,
                "preview": last._sop_preview() if last else False,
                "preview_side": last.sop_side,
            }
            if conversation.is_unanswered and not conversation.waiting_since:
                vals |= conversation._waiting_values()
            conversation.with_context(tracking_disable=True).write(vals)

    def _waiting_values(self):
        """Columns of a customer who waits again, since the first message without an answer; the reply that ended it never was."""
        domain = [("model", "=", "discuss.channel"), ("res_id", "=", self.channel_id.id), ("sop_side", "=", "in")]
        if self.last_outbound_at:
            domain.append(("date", ">=", self.last_outbound_at))
        since = self.env["mail.message"].sudo().search(domain, order="date, id", limit=1).date  # sudo: only a time
        # sudo: users cannot write reply times
        ended = self.env["sop.response"].sudo().search([("conversation_id", "=", self.id), ("asked_at", "=", since), ("kind", "!=", "resolution")])
        vals = {"waiting_since": since, "reply_due_at": self.state != "spam" and self._reply_deadline(since)}
        if "first" in ended.mapped("kind"):
            vals["first_reply_at"] = False
        ended.unlink()
        return vals

    def _extract_phone_from_text(self, text):
        """Keep the phone in a text that is not, or no longer, the one shown."""
        vals = self._phone_values(text[:BODY_LIMIT]) if text else {}
        if vals:
            self.write(vals)

    def _on_message_edited(self, message):
        """Keep the list's line true when the last message is changed or emptied; it is found by its new words only."""
        message.sudo().sop_folded = message._sop_fold(message.body)  # sudo: a column only our code writes
        for conversation in self.filtered(lambda c: c.last_message_ref == message.id):
            conversation.preview = message._sop_preview()
