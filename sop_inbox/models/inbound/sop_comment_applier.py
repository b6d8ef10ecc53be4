from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.phone import find_phones

from ...tools.text import clean


class SopCommentApplier(models.AbstractModel):
    """Comments below a page's posts: a thread per post and customer. Events may be applied in any order, as those of messages may."""

    _name = "sop.comment.applier"
    _description = "Applies comment events of platforms"

    @api.model
    def _apply_comment(self, account, fact):
        """A comment was made, changed, hidden, shown or deleted; whatever comes first."""
        row = self.env["sop.channel.message"].sudo()._upsert(account, fact.ref, is_comment=True)  # sudo: the worker is the system
        row.is_comment = True
        verb, at = fact.data["verb"], min(fact.data.get("reported_at") or fact.at, fields.Datetime.now())
        if verb == "add":
            self._add(account, row, fact)
        elif verb == "edit":
            self._edit(row, clean(fact.text), at)
        elif verb == "remove":
            row._set_removed()
        else:
            row._set_hidden(verb == "hide", at)

    @api.model
    def _edit(self, row, text, at):
        """A comment says something else now: read like a new one, at the time it was made."""
        before = row.text
        row._set_text(text, int((at - fields.Datetime.to_datetime("2000-01-01")).total_seconds()))
        if row.text != before and row.direction == "in" and row.conversation_id.post_id and not row.is_removed:
            self._read_text(row, row.conversation_id.post_id, at)

    # === NEW COMMENTS ===

    @api.model
    def _add(self, account, row, fact):
        if row.direction == "in" or row.mail_message_id:
            return
        if fact.data["own"] or (not fact.person and self._own_row(account, fact)):
            self._add_own(account, row, fact)
        else:
            # the platform may leave out who commented: then the comment is all that is known of them
            self._add_customers(account, row, fact if fact.person else fact._replace(person=f"comment {fact.ref}"))

    @api.model
    def _add_customers(self, account, row, fact):
        """A customer commented: into their thread below this post."""
        applier = self.env["sop.channel.applier"]
        post = self.env["sop.channel.post"]._get_or_create(account, fact.data["post"])
        conversation = self._conversation(account, fact, post)
        applier._post_in(row, conversation, fact, is_hidden=row.is_hidden or (not row.hidden_reported_at and fact.data["hidden"]))
        self._adopt_orphans(account, row)
        if not row.is_removed:
            self._read_text(row, post, row.at)

    @api.model
    def _read_text(self, row, post, at):
        """What a customer's comment says since ``at``: whether it is hidden, and what it asks for in a livestream."""
        self._auto_hide(row.account_id, post, row, row.text or "")
        if post.live_session_ids:
            post._take_live_comment(row, at)

    @api.model
    def _conversation(self, account, fact, post):
        identities = self.env["sop.identity"].sudo()  # sudo: the worker is the system
        identity = identities._get_or_create(account, fact.person, name=clean(fact.data["name"]))
        return self.env["sop.conversation"]._get_or_create(
            account,
            "comment",
            identity,
            thread_ref=fact.data["post"],
            thread_title=post.title or False,
            thread_url=post.url or fact.data["url"] or False,
            post_id=post.id,
        )

    @api.model
    def _add_own(self, account, row, fact):
        """The page commented: our reply has arrived, or staff wrote it in the platform's own tool."""
        own = self._own_row(account, fact)
        if own:
            own._settle(fact.ref)
            return
        row.write({"direction": "out", "state": "sent", "at": fact.at, "parent_ref": fact.data["parent"] or False})
        if not row.version:
            row.text = clean(fact.text)
        # made when it is not there yet: another worker who adds it right now then sees this answer, or this one sees it
        parent = row.parent_ref and row._upsert(account, row.parent_ref, is_comment=True)
        if parent and parent.conversation_id:
            self._post_own(row, parent)

    @api.model
    def _own_row(self, account, fact):
        """Return our reply this comment is, while its answer has not come back: same comment, same words."""
        # sudo: the worker is the system
        rows = self.env["sop.channel.message"].sudo()
        rows = rows._awaiting_echo(account, fact.at, [("target_ref", "=", fact.data["parent"]), ("part", "=", "reply")])
        return rows._with_words(fact.text)[:1]

    @api.model
    def _adopt_orphans(self, account, row):
        """Answers of the page that came before the comment they answer."""
        domain = [
            ("account_id", "=", account.id),
            ("parent_ref", "=", row.external_ref),
            ("direction", "=", "out"),
            ("conversation_id", "=", False),
        ]
        for answer in row.search(domain):
            self._post_own(answer, row)

    @api.model
    def _post_own(self, row, parent):
        conversation = parent.conversation_id
        row.write({"conversation_id": conversation.id, "person_ref": parent.person_ref})
        row._attach(conversation._sending._post_elsewhere(row._shown_text(), row.at))

    # === HIDING ===

    @api.model
    def _auto_hide(self, account, post, row, text):
        """Hide a new comment at once where the page or its post says so; the shop keeps the phone."""
        policy = post.auto_hide or account.auto_hide
        if row.is_hidden or policy == "none":
            return
        if policy == "all" or any(match.confidence >= 0.7 for match in find_phones(text)):
            row._queue_operation("hide")

    @api.model
    def _operation_done(self, operation):
        """The platform has done an operation: the comment knows."""
        comment = operation._find(operation.account_id, operation.target_ref)
        name = operation.payload["op"]
        if name in ("hide", "unhide"):
            comment._set_hidden(name == "hide", fields.Datetime.now())
        elif name in ("like", "unlike"):
            comment.is_liked = name == "like"
            comment._push_state()
        elif name == "delete":
            comment._set_removed()

    # === PRIVATE ANSWERS ===

    @api.model
    def _private_sent(self, row, person):
        """A private answer has arrived: the talk goes on as messages, and both threads know each other."""
        account, comment_thread = row.account_id, row.conversation_id
        # the person is the same customer, whatever id the platform gives them here
        known = comment_thread.identity_id
        identity = self.env["sop.channel.applier"]._identity(account, person, name=not known.is_nameless and comment_thread.name)
        identity.write({name: known[name] for name in ("partner_id", "phone", "email") if known[name] and not identity[name]})
        chat = self.env["sop.conversation"]._get_or_create(
            account, "message", identity, user_id=comment_thread.user_id.id, partner_id=comment_thread.partner_id.id
        )
        values = {"related_conversation_id": comment_thread.id, "partner_id": chat.partner_id.id or comment_thread.partner_id.id}
        if comment_thread.phone and not chat.phone:  # until they answer they can only be called
            values |= {name: comment_thread[name] for name in ("has_phone", "phone", "phones")}
        chat.write(values)
        comment_thread.related_conversation_id = chat
        comment_thread._push_update()  # who has it open is shown the way to the chat
        user = row.mail_message_id.author_id.user_ids[:1] or self.env.user
        message = row.mail_message_id
        words = message.body if message.sop_payload else row.text  # an order keeps its form
        at = row.at.replace(microsecond=0)
        if chat.last_inbound_at and chat.last_inbound_at >= at:  # they have answered already: what they answered was there before
            at = fields.Datetime.subtract(at, seconds=1)
        chat._post_outbound(words, user=user, at=at, sent=True)
