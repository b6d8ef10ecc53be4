import json
from textwrap import shorten

from odoo import api, fields, models
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.transactions import made_once

from ...tools.outgoing import File, OutgoingMessage
from ..conversation.sop_conversation_messages import as_html

MARKS = {"read": "read_until", "delivered": "delivered_until"}  # how far a customer's marks came, the further one first

# how far an outgoing row has come; a later word never takes it back
RANK = {"queued": 0, "sending": 1, "unknown": 1, "failed": 1, "sent": 2, "delivered": 3, "read": 4}
ECHO_SKEW = 600  # how far the platform's time of a message may be after our last attempt: a slow answer, another clock


class SopChannelMessage(models.Model):
    """One message, comment or operation as the platform knows it, in or out.

    The words people see live in ``mail.message``; this row holds the platform's id, what happened to
    the message there, and for outgoing ones the way to the platform (``sop_channel_message_outbox.py``).
    A row may be born of an edit, a deletion or a read mark before the message itself has come:
    it keeps what was reported until then, so that facts may arrive in any order and any number of times.
    """

    _name = "sop.channel.message"
    _inherit = ["sop.queue.mixin"]
    _description = "Message on the Platform"
    _order = "id"
    _rec_name = "external_ref"

    account_id = fields.Many2one("sop.channel.account", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    conversation_id = fields.Many2one("sop.conversation", ondelete="cascade", index="btree_not_null", readonly=True)
    mail_message_id = fields.Many2one("mail.message", ondelete="set null", index="btree_not_null", readonly=True)
    direction = fields.Selection([("in", "In"), ("out", "Out")], readonly=True)
    external_ref = fields.Char("ID on the Platform", readonly=True)
    parent_ref = fields.Char("Answers", readonly=True, index="btree_not_null")
    person_ref = fields.Char("Customer on the Platform", readonly=True)
    at = fields.Datetime("Time", readonly=True)
    text = fields.Text("Content", readonly=True)
    version = fields.Integer(readonly=True, help="Number or time of the last edit.")
    is_comment = fields.Boolean(readonly=True)
    is_removed = fields.Boolean("Deleted", readonly=True)
    is_hidden = fields.Boolean("Hidden", readonly=True)
    is_liked = fields.Boolean("Liked", readonly=True)
    hidden_reported_at = fields.Datetime(readonly=True)
    reactions = fields.Text(readonly=True)

    _external_unique = models.UniqueIndex("(account_id, external_ref) WHERE external_ref IS NOT NULL", "This message is known already.")

    @api.depends("text", "part", "external_ref")
    @api.depends_context("lang")
    def _compute_display_name(self):
        parts = dict(self._fields["part"]._description_selection(self.env))
        for row in self:
            row.display_name = shorten(row.text or "", 60, placeholder="…") or parts.get(row.part) or row.external_ref

    # === FINDING ===

    @api.model
    def _find(self, account, ref):
        """Return the row of the platform's id on the account, or none."""
        if not ref:
            return self.browse()
        return self.search([("account_id", "=", account.id), ("external_ref", "=", ref)], limit=1)

    @api.model
    def _awaiting_echo(self, account, at, domain):
        """Return the rows of ``account`` in ``domain`` the platform may have without our knowing under which id.

        :param at: when the platform took what its echo reports; what was tried long before that is not it
        """
        tried = [("account_id", "=", account.id), ("direction", "=", "out"), ("claimed_at", ">=", fields.Datetime.subtract(at, seconds=ECHO_SKEW))]
        unnamed = [("external_ref", "=", False), "|", ("state", "=", "sending"), ("may_have_arrived", "=", True)]
        # what is on its way before what is in doubt: its echo is the one to be expected
        return self.search(domain + tried + unnamed).sorted(lambda row: row.state != "sending")

    def _with_words(self, text):
        """Return those of these rows that say ``text``, whatever the blanks in it."""
        return self.filtered(lambda row: (row.text or "").split() == text.split())

    @api.model
    def _upsert(self, account, ref, **values):
        """Return the row of the platform's id, made with ``values`` when there is none.

        Two at once: the second raises ConcurrencyError and is replayed.
        """
        row = self._find(account, ref)
        if row:
            return row
        with made_once(self.env):
            return self.create({"account_id": account.id, "external_ref": ref, **values})

    # === FACTS THAT MAY COME BEFORE THE MESSAGE ===

    def _set_text(self, text, version):
        """The words were changed; an older change than the one known does nothing."""
        self.ensure_one()
        if version >= self.version and (self.version or text != self.text):
            self.write({"text": text, "version": version})
            self._refresh_body()

    def _set_removed(self):
        """The message was taken back: its words are not shown any more."""
        self.ensure_one()
        if not self.is_removed:
            self.is_removed = True
            self._refresh_body()

    def _set_hidden(self, hidden, at):
        """Hidden or shown again at a moment; a report older than the one known does nothing."""
        self.ensure_one()
        if not self.hidden_reported_at or at >= self.hidden_reported_at:
            self.write({"is_hidden": hidden, "hidden_reported_at": at})
            self._push_state()

    def _set_reaction(self, by, emoji, at):
        """Somebody reacted (or took it back: ""); one reaction a person, the latest counts."""
        self.ensure_one()
        known = json.loads(self.reactions or "{}")
        stamp = fields.Datetime.to_string(at)
        if by in known and known[by][1] > stamp:
            return
        old = known.get(by, ["", ""])[0]
        known[by] = [emoji, stamp]
        self.reactions = json.dumps(known, sort_keys=True)
        self._show_reaction(old, emoji)

    def _show_reaction(self, old, emoji):
        """Show the customer's reaction on the message; the shop's own in the platform's tool are not ours to show."""
        message, guest = self.mail_message_id, self.conversation_id.identity_id._get_guest() if self.conversation_id else None
        if not message or old == emoji:
            return
        partner = self.env["res.partner"]
        for content, action in ((old, "remove"), (emoji, "add")):
            if content:
                message._message_reaction(content, action, partner, guest)

    def _refresh_body(self):
        """Bring the message people see in line with what the platform reported."""
        message = self.mail_message_id
        if message:
            channel = self.conversation_id.channel_id
            files = {"attachment_ids": []} if self.is_removed else {}
            channel._message_update_content(message, body=as_html(self._shown_text()), strict=False, **files)
            if self.direction == "in":
                self.conversation_id._extract_phone_from_text(self.text or "")
        self._push_state()

    def _shown_text(self):
        """Words people see."""
        if self.is_removed and self.is_comment:
            return self.env._("[The comment was deleted]")  # by the customer, or by the page
        if self.is_removed and self.direction == "out":
            return self.env._("[This message was taken back]")
        if self.is_removed:
            return self.env._("[The customer took this message back]")
        return self.text or self.env._("[No text]")

    def _attach(self, message):
        """Tie a posted message to its row, and apply what was reported before it came."""
        self.mail_message_id = message
        for emoji, _at in json.loads(self.reactions or "{}").values():
            self._show_reaction("", emoji)
        answers = self.search([("account_id", "=", self.account_id.id), ("parent_ref", "=", self.external_ref)])
        answers.mail_message_id.filtered(lambda answer: not answer.parent_id).parent_id = message

    # === WHAT THE SCREEN SHOWS ===

    def _push_state(self):
        """Notify open screens of what became of these messages, in the company's language: a worker has none of its own."""
        for row in self.filtered("mail_message_id"):
            row = row.with_context(lang=row.company_id.partner_id.lang)
            store = Store(bus_channel=row.conversation_id.channel_id)
            store.add(row.mail_message_id, {"sop_delivery": row.mail_message_id._sop_delivery()[row.mail_message_id.id]})
            store.bus_send()

    def _delivery_values(self, private):
        """What the screen shows of the rows of one message: the least advanced part counts.

        :param private: see ``_private_rows``
        :return: dict, without secrets; ``version`` orders two of them: news on the bus may overtake an older answer
        """
        worst = min(self.filtered("state") or self[:1], key=lambda row: RANK.get(row.state, 9) if row.state != "failed" else -1)
        return {
            "state": worst.state or "",
            "reason": worst.reason_text or "",
            "id": worst.id,
            "canRetry": worst.state in ("failed", "unknown"),
            "canConfirm": bool(worst.state in ("failed", "unknown") and worst.may_have_arrived),
            "canTakeBack": self.filtered(lambda row: row.direction == "out")._can_take_back(),
            "privately": any(row.part == "private" for row in self),
            "removed": any(self.mapped("is_removed")),
            "comment": self._comment_values(private),
            "version": str(max(self.mapped("write_date"))),
        }

    def _comment_values(self, answers):
        """What the screen shows of a customer's comment; False for everything else."""
        comment = self.filtered(lambda row: row.is_comment and row.direction == "in")[:1]
        if not comment:
            return False
        private = answers.get((comment.account_id, comment.external_ref), self.browse())
        return {
            "id": comment.id,
            "hidden": comment.is_hidden,
            "liked": comment.is_liked,
            "private": private.state or "",
            "canPrivate": not private and comment._private_is_open(),
        }

    def _private_rows(self):
        """Return the private answers of the comments among these rows: dict (account, comment's id at the platform) -> row."""
        comments = self.filtered(lambda row: row.is_comment and row.direction == "in" and row.external_ref)
        if not comments:
            return {}
        domain = [("account_id", "in", comments.account_id.ids), ("target_ref", "in", comments.mapped("external_ref")), ("part", "=", "private")]
        rows = self.sudo().search(domain)  # sudo: a colleague's answer counts too
        return {(row.account_id, row.target_ref): row for row in rows}

    def _private_is_open(self):
        """Whether the platform still takes a private answer to this comment: some days from its time."""
        service = self.env["sop.provider"]._find(self.account_id.provider)
        if service is None or "private" not in service._parts or not self.at or self.is_removed:
            return False
        return fields.Datetime.subtract(fields.Datetime.now(), days=service._private_days) < self.at

    # === AS DATA ===

    def _parcel(self, service):
        """Return the row as data for a thread that must not touch the database."""
        account = self.account_id
        return OutgoingMessage(
            part=self.part,
            url=service._url(account.app_id),
            token=account.access_token or "",
            page=account.external_id,
            person=self.person_ref or "",
            target=self.target_ref or "",
            text=self.text or "",
            data=self.payload or {},
            file=self._parcel_file(),
            client_ref=self.client_ref or "",
            tag=self.tag or "",
            quote="" if self.is_comment else self.parent_ref or "",
        )

    def _parcel_file(self):
        attachment = self.attachment_id
        if not attachment:
            return None
        ref = self.env["sop.channel.upload"]._ref_of(self.account_id, attachment)
        if ref:
            return File(attachment.name, b"", attachment.mimetype or "application/octet-stream", ref)
        return self.account_id._get_provider()._as_file(attachment)

    # === WHAT THE SHOP DOES TO A MESSAGE ===

    def _queue_reaction(self, word, partner):
        """Queue the shop's reaction to this message; one that still waits is changed.

        :param word: the platform's word for it, "" to take it back
        :param partner: the colleague whose reaction it is
        """
        payload = {"emoji": word, "partner": partner.id}
        queue_key = f"r{self.id}"
        waiting = self.search([("queue_key", "=", queue_key), ("state", "=", "queued")], limit=1)
        if waiting:
            waiting.payload = payload
        else:
            self._queue(self.conversation_id, "reaction", target_ref=self.external_ref, payload=payload, queue_key=queue_key, client_ref=False)

    def _undo_reaction(self):
        """The customer cannot be shown this reaction: it is not shown here either, and the row goes."""
        self.ensure_one()
        row = self.search([("account_id", "=", self.account_id.id), ("external_ref", "=", self.target_ref)], limit=1)
        message, partner = row.mail_message_id, (self.payload or {}).get("partner")
        reaction = message.reaction_ids.filtered(lambda reaction: reaction.partner_id.id == partner).sorted("id")[-1:]
        content = reaction.content
        if reaction:
            reaction.unlink()
            message._bus_send_reaction_group(content)
        self.unlink()

    def action_take_back(self):
        """Take back replies the platform does not have, whole messages with all their parts. Batch.

        Nothing of them reaches the customer; the conversation waits for a reply as before.

        :raise UserError: when a part of one is on its way, or may have arrived
        """
        for message in self._check_conversation().mail_message_id:
            parts = self.sudo().search([("mail_message_id", "=", message.id), ("direction", "=", "out")])  # sudo: see _check_conversation
            if parts.try_lock_for_update() != parts or not parts._can_take_back():  # a worker that has one wins
                raise UserError(self.env._("It is on its way to the customer or has arrived: it can no longer be taken back."))
            conversation = parts.conversation_id
            refs = parts.filtered(lambda row: row.part == "private").mapped("target_ref")
            comments = refs and parts.search([("account_id", "=", parts.account_id.id), ("external_ref", "in", refs)])
            receipts = self.env["sale.order"].sudo().browse((message.sudo().sop_payload or {}).get("order_id") or [])  # sudo: a mark of ours
            receipts.exists().sop_receipt_at = False  # a next confirmation sends one again
            parts.unlink()
            comments and comments._push_state()  # they may be answered privately again
            message.sudo().write({"sop_side": False, "sop_folded": False})  # sudo: the message of a colleague in the same conversation
            conversation.channel_id._message_update_content(message.sudo(), body="", attachment_ids=[], strict=False)
            Store(bus_channel=conversation.channel_id).add(message, {"sop_delivery": False}).bus_send()
            conversation._recompute_from_messages()
        return True

    def _can_take_back(self):
        """Whether the customer has none of these parts: all wait, or the platform refused them; of none an answer was ever lost."""
        return bool(self) and all(row.state in ("queued", "failed") and not row.may_have_arrived for row in self)

    def action_arrived(self):
        """Replies whose answer was lost are with the customer: a person has looked there. Idempotent, batch; pushes as ``action_retry``."""
        asked = self._check_conversation()
        rows = asked.filtered(lambda row: row.direction == "out" and row.state in ("failed", "unknown") and row.may_have_arrived)
        rows.write({"state": "sent", "reason": False, "error_code": False, "error_detail": False})
        rows.conversation_id._refresh_unsent()
        asked._push_state()
        return True

    def action_open_inbox(self):
        """Open the conversation this message belongs to."""
        self.ensure_one()
        self.check_access("read")
        return self.conversation_id.action_open_inbox()

    # === ACCESS ===

    def _check_conversation(self):
        """Raise unless the user may work on the conversations of these rows; returns the rows as superuser."""
        self.check_access("read")
        rows = self.sudo()  # sudo: the conversations' own rules decide
        rows.conversation_id.with_env(self.env).check_access("write")
        return rows
