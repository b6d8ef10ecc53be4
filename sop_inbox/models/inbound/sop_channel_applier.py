from odoo import api, models
from odoo.fields import Domain

from ...tools.facts import DATA
from ...tools.text import clean
from ..outbound.sop_channel_message_outbox import ACTS

NAME_LIMIT = 200


class SopChannelApplier(models.AbstractModel):
    """Brings a platform's facts into conversations. Events may be applied in any order, any number of times, with the same result.

    Called by the worker (``sop.channel.event``) for one customer at a time, each in a savepoint;
    a module that knows another kind of fact adds a method ``_apply_<kind>(account, fact)``.
    """

    _name = "sop.channel.applier"
    _description = "Applies events of platforms"

    @api.model
    def _apply(self, account, fact):
        """Apply one fact of ``account``; ``fact.at`` is never empty here.

        :raise ValueError: the platform's parser returned a kind, or a name in the data, that nothing here reads
        """
        service = self.env["sop.comment.applier"] if fact.kind == "comment" else self
        apply = getattr(service, f"_apply_{fact.kind}", None)
        if not apply:
            raise ValueError(f"There is no kind of fact {fact.kind!r}.")
        known = self._data_names(fact.kind)
        if known is not None and (unknown := fact.data.keys() - known):
            raise ValueError(f"The data of a fact of kind {fact.kind!r} has no {sorted(unknown)}; it may have {sorted(known)}.")
        return apply(account, fact)

    @api.model
    def _data_names(self, kind):
        """Return the names that may stand in the data of a fact of this kind; None: any. A module that reads one more adds it here."""
        return DATA.get(kind)

    # === MESSAGES ===

    @api.model
    def _apply_message(self, account, fact):
        """The customer wrote."""
        row = self._rows()._upsert(account, fact.ref)
        if row.mail_message_id or row.direction:
            return
        conversation = self._conversation(account, fact)
        self._note_referral(conversation, fact)
        self._note_talk_product(conversation, fact.data.get("products"))
        self._post_in(row, conversation, fact)

    @api.model
    def _post_in(self, row, conversation, fact, **values):
        """Post what the customer wrote; words that were edited or taken back before they came stay so."""
        text = self._words(fact)
        edited = bool(row.version)
        row.write(
            {
                "conversation_id": conversation.id,
                "person_ref": fact.person,
                "direction": "in",
                "at": fact.at,
                "parent_ref": fact.data.get("reply_to") or fact.data.get("parent") or False,
                "text": row.text if edited else text,
                **values,
            }
        )
        parent = self._rows()._find(row.account_id, row.parent_ref).mail_message_id
        body = row._shown_text() if edited or row.is_removed or row.text else self._placeholder(fact)
        message = conversation._post_inbound(body, at=fact.at, **({"parent_id": parent.id} if parent else {}))
        row._attach(message)
        if edited or row.is_removed:
            row._refresh_body()  # marked as changed, like one that was changed later
        if body != text:
            conversation._extract_phone_from_text(text)
        if not row.is_removed:
            self.env["sop.channel.media"]._queue_files(row, fact.media)

    @api.model
    def _apply_echo(self, account, fact):
        """Something went out: our own, or what staff wrote in the platform's own tool."""
        rows = self._rows()
        row = rows._find(account, fact.ref)
        if row.mail_message_id and row.direction == "out":
            row._settle(fact.ref)
            return
        own = self._own_row(account, fact)
        if own:
            own._settle(fact.ref, {"person": fact.person})
        elif not row.direction:
            self._post_elsewhere(row or rows._upsert(account, fact.ref), account, fact)

    @api.model
    def _own_row(self, account, fact):
        """Return our row an echo is of: by our word in it, else by what is under way to this person with the same words."""
        rows = self._rows()
        client_ref = fact.data.get("client_ref")
        if client_ref:
            found = rows.search([("client_ref", "=", client_ref), ("account_id", "=", account.id)], limit=1)
            if found or fact.data.get("app") == account.app_id.app_ref:
                return found
        if account._get_provider()._marks_echo:
            return rows.browse()
        to_person = [("person_ref", "=", fact.person), ("is_comment", "=", False), ("part", "not in", ACTS)]
        under_way = rows._awaiting_echo(account, fact.at, to_person)
        if fact.media:
            return under_way.filtered(lambda row: row.part == "file")[:1]
        return under_way._with_words(fact.text)[:1]

    @api.model
    def _post_elsewhere(self, row, account, fact):
        """Staff answered in the platform's own tool: that counts as an answer."""
        conversation = self._conversation(account, fact)
        state = row.state if row.state in ("delivered", "read") else "sent"
        row.write(
            {
                "conversation_id": conversation.id,
                "person_ref": fact.person,
                "direction": "out",
                "state": state,
                "at": fact.at,
                "text": row.text if row.version else self._words(fact),
            }
        )
        body = row._shown_text() if row.text or row.is_removed else self._placeholder(fact)
        row._attach(conversation._sending._post_elsewhere(body, fact.at))
        if row.version or row.is_removed:
            row._refresh_body()
        row._mark(conversation.identity_id)
        if not row.is_removed:
            self.env["sop.channel.media"]._queue_files(row, fact.media)

    @api.model
    def _apply_edit(self, account, fact):
        if fact.ref:
            self._rows()._upsert(account, fact.ref)._set_text(clean(fact.text), fact.data.get("number", 0) or 1)

    @api.model
    def _apply_delete(self, account, fact):
        self._rows()._upsert(account, fact.ref)._set_removed()

    @api.model
    def _apply_reaction(self, account, fact):
        if fact.ref and fact.data.get("by") == fact.person:
            self._rows()._upsert(account, fact.ref)._set_reaction(fact.person, clean(fact.data.get("emoji", "")), fact.at)

    @api.model
    def _apply_delivery(self, account, fact):
        self._mark(account, fact, "delivered")

    @api.model
    def _apply_read(self, account, fact):
        self._mark(account, fact, "read")

    @api.model
    def _mark(self, account, fact, state):
        """The customer's app has it, or they have read it: by name, or everything until a moment."""
        for ref in fact.data.get("mids") or []:
            row = self._rows()._upsert(account, ref)
            if row.state in (False, "sent", "delivered") and row.direction != "in" and row.state != state:
                row.state = "read" if state == "read" else row.state if row.state == "delivered" else state
                row._push_state()
        until = fact.data.get("until")
        if until and fact.person:
            # of the person: a talk begins with words, not with somebody's reading
            self._identity(account, fact.person)._note_mark(state, min(until, self.env.cr.now()))

    # === PEOPLE ===

    @api.model
    def _apply_referral(self, account, fact):
        """An ad or a link brought the customer to an open conversation."""
        self._note_referral(self._conversation(account, fact), fact)

    @api.model
    def _apply_follow(self, account, fact):
        self._note_following(account, fact, True)

    @api.model
    def _apply_unfollow(self, account, fact):
        self._note_following(account, fact, False)

    @api.model
    def _note_following(self, account, fact, following):
        identity = self._identity(account, fact.person)
        if not identity.follow_reported_at or fact.at >= identity.follow_reported_at:
            identity.write({"is_following": following, "follow_reported_at": fact.at})

    @api.model
    def _apply_info(self, account, fact):
        """The customer filled in the platform's form: name, phone, address; what is empty on the customer's contact is filled in."""
        row = self._rows()._upsert(account, fact.ref)
        if row.direction:
            return
        said = {name: clean(value) for name, value in fact.data.items()}
        self._identity(account, fact.person, said.get("name", ""))._note_form(said)
        place = ", ".join(said[name] for name in ("street", "ward", "district", "province") if said.get(name))
        text = "\n".join(filter(None, [said.get("name"), said.get("phone"), place, said.get("birthday"), said.get("gender")]))
        self._post_in(row, self._conversation(account, fact), fact._replace(text=text))

    @api.model
    def _apply_withdraw(self, account, fact):
        """The customer withdraws at the platform what they had allowed there: who looks after the channel gets a duty, once."""
        conversation, summary = self._conversation(account, fact), self.env._("The customer withdraws consent: erase their data")
        if summary not in conversation.activity_ids.mapped("summary"):
            user = account.team_id.user_id or self.env.ref("base.user_admin")
            conversation.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=user.id)

    # === HELPERS ===

    @api.model
    def _rows(self):
        # sudo: the worker is the system; only it applies events
        return self.env["sop.channel.message"].sudo()

    @api.model
    def _identity(self, account, person, name=""):
        """Return who this is on the account; name and picture are asked for at first sight.

        :param name: what the platform says they are called, "" when it does not; a name that is known stays
        """
        identities = self.env["sop.identity"].sudo()  # sudo: see _rows
        known = identities.search([("account_id", "=", account.id), ("external_id", "=", person)], limit=1)
        if known:
            known._name_once(name)
            self.env["sop.channel.media"]._ask_name_again(known)
            return known
        identity = identities._get_or_create(account, person, name=name)
        self.env["sop.channel.media"]._queue_profile(identity)
        return identity

    @api.model
    def _conversation(self, account, fact):
        """Return the message thread with the person of a fact, who may be named in it."""
        identity = self._identity(account, fact.person, clean(fact.data.get("name") or "")[:NAME_LIMIT])
        return self.env["sop.conversation"]._get_or_create(account, "message", identity)

    @api.model
    def _note_talk_product(self, conversation, codes):
        """The customer wrote from product cards of these codes: the first that is one of ours is what the talk is about."""
        if codes:
            products = self.env["product.product"]
            found = products.search(products._sop_offered_domain(conversation.company_id) & Domain("default_code", "in", codes))
            named = found.grouped("default_code")
            conversation.talk_product_id = next((named[code][:1] for code in codes if code in named), conversation.talk_product_id)

    @api.model
    def _note_referral(self, conversation, fact):
        if fact.data.get("referral"):
            conversation._note_referral(fact.data["referral"], fact.at)

    @api.model
    def _words(self, fact):
        """Words of a fact: the text, what was shared with it, and a line for each thing that will never come."""
        lines = [fact.text]
        for media in fact.media:
            shared = " ".join(filter(None, [media.name, media.url])) if media.kind == "share" else ""
            lines.append(shared or ("" if media.url else self._label(media.kind)))
        return clean("\n".join(filter(None, lines)))

    @api.model
    def _placeholder(self, fact):
        """What stands in a message without words until its files are here."""
        return " ".join(self._label(media.kind) for media in fact.media) or self.env._("[No text]")

    @api.model
    def _label(self, kind):
        """What stands for something that is not here; the platform's word for what we do not know."""
        labels = {
            "image": self.env._("[Picture]"),
            "video": self.env._("[Video]"),
            "audio": self.env._("[Voice]"),
            "sticker": self.env._("[Sticker]"),
            "file": self.env._("[File]"),
            "share": self.env._("[File]"),
        }
        return labels.get(kind) or self.env._("[Not shown here, look on the platform: %(kind)s]", kind=kind.replace("_", " "))
