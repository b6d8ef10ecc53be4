from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import moment, record_id, takes
from odoo.addons.sop_pipeline.tools.signals import received
from odoo.addons.sop_pipeline.tools.transactions import made_once, replayed

from ...tools.text import snippet

# What a person may write straight into a conversation; everything else goes through a method.
FREE_FIELDS = {"tag_ids", "partner_id", "lead_id"}


def check_shown(conversations, last_message_id):
    """Refuse to take as seen what their customers wrote after ``last_message_id`` (None: nothing is refused).

    :raise UserError: for the first who has written since
    """
    for conversation in conversations:
        if last_message_id and conversation.last_inbound_ref > last_message_id:
            raise UserError(
                conversation.env._(
                    "%(customer)s has written meanwhile, so nothing was changed. Read the new message first.",
                    customer=conversation.name,
                )
            )


class SopConversation(models.Model):
    """One thread of messages with one person on one account, shown as one row of the inbox.

    Every column a filter needs is stored, indexed and kept in the transaction of the message
    (``sop_conversation_messages.py``); nothing searches ``mail.message``. The messages live in
    ``channel_id``; the conversation's own chatter holds private notes and who did what.
    """

    _name = "sop.conversation"
    _description = "Conversation"
    _inherit = [
        "sop.guard.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "last_message_at desc, id desc"
    _rec_names_search = ["name"]
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char("Customer's Name", required=True, index="trigram")
    account_id = fields.Many2one("sop.channel.account", "Channel", required=True, ondelete="restrict", index=True, readonly=True)
    provider = fields.Selection(related="account_id.provider", store=True, precompute=True)
    kind = fields.Selection(
        [("message", "Message"), ("comment", "Comment"), ("livechat", "Live chat")],
        required=True,
        default="message",
        readonly=True,
    )
    identity_id = fields.Many2one("sop.identity", required=True, ondelete="cascade", index=True, readonly=True)
    thread_ref = fields.Char("Thread", default="", readonly=True, copy=False, help="The post of a comment thread, the session of a live chat.")
    thread_title = fields.Char("Post", readonly=True)
    thread_url = fields.Char("Address of the Post", readonly=True)
    channel_id = fields.Many2one("discuss.channel", "Chat", required=True, ondelete="cascade", index=True, readonly=True, copy=False)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    team_id = fields.Many2one("crm.team", "Sales Team", check_company=True, ondelete="set null", index="btree_not_null")
    tag_ids = fields.Many2many("crm.tag", "sop_conversation_tag_rel", "conversation_id", "tag_id", string="Tags")
    state = fields.Selection(
        [("open", "Open"), ("snoozed", "Snoozed"), ("done", "Done"), ("spam", "Spam")],
        required=True,
        default="open",
        tracking=True,
        copy=False,
    )
    last_message_at = fields.Datetime("Last Message Date", readonly=True, copy=False)
    last_inbound_at = fields.Datetime("Last Inbound Message", readonly=True, copy=False)
    last_outbound_at = fields.Datetime("Last Outbound Message", readonly=True, copy=False)
    preview = fields.Char("Last Message", readonly=True, copy=False)
    preview_side = fields.Selection([("in", "Customer"), ("out", "Staff"), ("auto", "Bot")], readonly=True, copy=False)
    last_message_ref = fields.Integer("Last Message ID", readonly=True, copy=False, aggregator=None)
    last_inbound_ref = fields.Integer("Last Customer Message ID", readonly=True, copy=False, aggregator=None)
    read_message_ref = fields.Integer("Read Up To", readonly=True, copy=False, aggregator=None)
    unread_count = fields.Integer("Unread", readonly=True, copy=False, default=0)
    is_unanswered = fields.Boolean("Unanswered", readonly=True, copy=False, default=False)

    _thread_unique = models.UniqueIndex("(account_id, kind, identity_id, COALESCE(thread_ref, ''))", "This thread is in the inbox already.")
    _channel_unique = models.UniqueIndex("(channel_id)", "This chat is in the inbox already.")
    # One index for the plain list and one for each chip, in the list's order within a state: a chip's number
    # and its first page read only rows they show.
    _list_idx = models.Index("(state, last_message_at DESC, id DESC)")
    _all_idx = models.Index("(last_message_at DESC, id DESC)")
    _kind_idx = models.Index("(state, kind, last_message_at DESC, id DESC)")
    _user_idx = models.Index("(user_id, state, last_message_at DESC, id DESC)")
    _unread_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE unread_count > 0")
    _unanswered_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE is_unanswered IS TRUE")
    _phone_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE has_phone IS TRUE")
    _order_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE order_count > 0")
    _sold_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE sold_count > 0")
    _load_idx = models.Index("(user_id) WHERE state = 'open'")
    _unassigned_idx = models.Index("(last_message_at DESC, id DESC) WHERE user_id IS NULL AND state = 'open'")
    _overdue_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE reply_due_at IS NOT NULL")
    _snoozed_idx = models.Index("(snoozed_until) WHERE state = 'snoozed'")

    # === CRUD ===

    @api.model_create_multi
    def create(self, vals_list):
        """Conversations are created by messages; nothing is logged and they start without followers."""
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
        conversations = super(SopConversation, quiet).create(vals_list).with_env(self.env)
        for conversation in conversations:
            # sudo: users cannot write a chat; the link is what lets the team read it
            conversation.channel_id.sudo().sop_conversation_id = conversation
        conversations._record_interaction()
        return conversations

    def write(self, vals):
        """Refuse people to write the columns that messages and buttons keep; notify the open screens."""
        result = super().write(vals)
        if "partner_id" in vals and "partner_match" not in vals:
            self._sop_keeping().partner_match = "manual" if vals["partner_id"] else False
        if vals.keys() & {"partner_id", "lead_id"}:
            self._record_interaction()
        if vals.keys() & {"tag_ids", "lead_id"}:
            self._carry_tags()
        if vals.keys() & self._shown_fields():
            self._push_update()
        return result

    def message_post(self, *, message_type="notification", partner_ids=None, **kwargs):
        """The conversation's own chatter is private: everything in it is a note for colleagues only."""
        if message_type == "comment":
            kwargs |= {"subtype_xmlid": "mail.mt_note", "subtype_id": False}
        if not self.env.su:
            kwargs = {name: value for name, value in kwargs.items() if name not in ("author_id", "email_from", "date")}
        # sudo: who is a colleague
        colleagues = self.env["res.partner"].sudo().browse(partner_ids or []).filtered(lambda p: p.user_ids and not p.partner_share)
        return super().message_post(message_type=message_type, partner_ids=colleagues.ids, **kwargs)

    def _message_get_suggested_recipients(self, *args, **kwargs):
        """No outside recipient is ever suggested: notes stay here."""
        return []

    def copy(self, default=None):  # pylint: disable=method-required-super
        """A conversation is one thread with one person; there is no second one to make."""
        raise UserError(self.env._("A conversation cannot be duplicated."))

    @api.model
    def _sop_links(self):
        """A lead gets the tags of its conversation: who links the two may change it."""
        return super()._sop_links() | {"partner_id": "read", "lead_id": "write", "tag_ids": "read"}

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | self._kept_fields()

    def _sop_refuse_kept(self, names):
        raise AccessError(self.env._("Use the buttons of the inbox: %(fields)s cannot be written directly.", fields=", ".join(sorted(names))))

    @api.model
    def _kept_fields(self):
        """Columns only methods write; a module that adds one to the messages' hook adds it here by making it readonly."""
        return {name for name, field in self._fields.items() if field.store and field.column_type} - self._free_fields()

    @api.model
    def _free_fields(self):
        return FREE_FIELDS | {"activity_user_id", "activity_type_id", "activity_date_deadline", "activity_summary"}

    @api.model
    def _shown_fields(self):
        """Fields whose change makes the screens in other browsers look again."""
        return {
            "state",
            "user_id",
            "team_id",
            "tag_ids",
            "partner_id",
            "lead_id",
            "unread_count",
            "order_count",
            "sold_count",
            "name",
            "preview",
        }

    # === CREATION ===

    @api.model
    def _get_or_create(self, account, kind, identity, thread_ref="", channel=None, **values):
        """Return the one conversation of this account, kind, person and thread; make it when there is none.

        Safe when called twice at once: the database's unique index lets one through and the
        other raises ConcurrencyError, which replays a request (a cron must catch it and go on later).

        :param account: ``sop.channel.account``
        :param kind: 'message', 'comment' or 'livechat'
        :param identity: ``sop.identity`` of the same account
        :param thread_ref: what sets several threads of one person apart (the post of a comment)
        :param channel: ``discuss.channel`` that exists already (live chat); else one is made
        :param values: further columns at birth (``thread_title``, ``thread_url``, ``user_id``...)
        :return: ``sop.conversation`` as superuser, for it may belong to no reader yet
        """
        # sudo: events arrive as the public user or a cron
        conversations = self.sudo()
        domain = [
            ("account_id", "=", account.id),
            ("kind", "=", kind),
            ("identity_id", "=", identity.id),
            ("thread_ref", "=", thread_ref) if thread_ref else ("thread_ref", "in", ["", False]),
        ]
        conversation = conversations.search(domain, limit=1)
        if conversation:
            return conversation
        with made_once(self.env):
            channel = channel or conversations._create_channel(account, identity)
            vals = conversations._prepare_values(account, kind, identity, thread_ref, channel) | values
            return conversations.with_company(account.company_id).create(vals).with_env(conversations.env)

    @api.model
    def _prepare_values(self, account, kind, identity, thread_ref, channel):
        """Values of a new conversation; a person known on another thread keeps their customer and salesperson."""
        before = self.search([("identity_id", "=", identity.id)], limit=1)
        return {
            "name": identity.name,
            "account_id": account.id,
            "kind": kind,
            "identity_id": identity.id,
            "thread_ref": thread_ref or "",
            "channel_id": channel.id,
            "team_id": account.team_id.id,
            "partner_id": identity.partner_id.id or before.partner_id.id,
            "last_message_at": fields.Datetime.now(),
        }

    @api.model
    def _create_channel(self, account, identity):
        """Return a new chat for an external person. Made as the public user: no user becomes a member."""
        # sudo: the public user may not create chats, and any other would be made a member of it
        public = self.env["discuss.channel"].with_user(self.env.ref("base.public_user")).sudo()
        channel = public.with_company(account.company_id).create({"name": identity.name or self.env._("Customer"), "channel_type": "sop_inbox"})
        return channel.with_env(self.env)

    # === STATES ===

    @takes(last_message_id=record_id)
    def action_mark_read(self, last_message_id=None):
        """A person has read the conversation: nothing is unread any more. Idempotent, batch.

        :param last_message_id: last message the person's screen showed; what came later stays unread
        """
        for conversation in self._sudo_checked():
            if conversation.unread_count:
                conversation.write(conversation._read_values(last_message_id))
        return True

    def action_mark_unread(self):
        """Put the conversation back among the unread ones. Idempotent, batch."""
        for conversation in self._sudo_checked().filtered(lambda c: not c.unread_count and c.last_inbound_ref):
            conversation.write({"unread_count": 1, "read_message_ref": conversation.last_inbound_ref - 1})
        return True

    @takes(last_message_id=record_id)
    def action_done(self, last_message_id=None):
        """Close: the work on this conversation is over until the customer writes again. Idempotent, batch.

        :param last_message_id: last message the person's screen showed
        :raise UserError: when the customer has written since
        """
        todo = self._sudo_checked().filtered(lambda c: c.state != "done")
        check_shown(todo, last_message_id)
        for conversation in todo:
            done = conversation._done_values()
            responses = self.env["sop.response"].sudo()  # sudo: users cannot write them; see _sudo_checked
            responses._record(conversation, "resolution", conversation.opened_at, done["done_at"], self.env.user)
            conversation.write(done)
            conversation._release_members()
        return True

    def action_reopen(self):
        """Back to the open ones, from done, spam or snoozed. Idempotent, batch."""
        closed = self._sudo_checked().filtered(lambda c: c.state != "open")
        closed.write(self._open_values())
        closed._sync_members()
        return True

    @takes(last_message_id=record_id)
    def action_spam(self, last_message_id=None):
        """Mark as spam: it waits for no reply and is not counted until somebody replies. Idempotent, batch.

        :param last_message_id: as in ``action_done``
        """
        todo = self._sudo_checked().filtered(lambda c: c.state != "spam")
        check_shown(todo, last_message_id)
        todo.write({"state": "spam", "snoozed_until": False, "reply_due_at": False})
        todo._release_members()
        return True

    @takes(until=moment, last_message_id=record_id)
    def action_snooze(self, until, last_message_id=None):
        """Out of sight until ``until`` (UTC datetime or its string), or until the customer writes. Batch.

        :param last_message_id: as in ``action_done``
        """
        if until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a moment that is still to come."))
        todo = self._sudo_checked()
        check_shown(todo, last_message_id)
        todo.write({"state": "snoozed", "snoozed_until": until, "done_by_id": False, "done_at": False})
        # sudo: ordinary staff may not wake scheduled jobs
        self.env.ref("sop_inbox.sop_conversation_cron_wake").sudo()._trigger(at=until)
        return True

    @api.model
    @replayed
    def _cron_wake(self):
        """Reopen what was snoozed until now. Each wakes once: the row is locked and looked at again.

        :return: the conversations that woke
        """
        domain = Domain("state", "=", "snoozed") & Domain("snoozed_until", "<=", fields.Datetime.now())
        due = self.search(domain, limit=500).try_lock_for_update().filtered_domain(domain)
        due.write(self._open_values() | {"woken_at": fields.Datetime.now()})
        due._sync_members()
        return due

    def _open_values(self):
        return {"state": "open", "snoozed_until": False, "done_by_id": False, "done_at": False}

    def _done_values(self):
        """Columns of a conversation that is closed now by this user; what was unread counts as read."""
        return {
            "state": "done",
            "snoozed_until": False,
            "reply_due_at": False,
            "done_by_id": self.env.uid,
            "done_at": fields.Datetime.now(),
            "unread_count": 0,
            "read_message_ref": self.last_inbound_ref,
        }

    def _sudo_checked(self):
        """Return self as superuser after checking that the user may work on all of it."""
        self.check_access("write")
        # sudo: the columns are kept by methods only; the check above says who may call them
        return self.sudo()

    def _lock(self):
        """One at a time goes on with these conversations; who waited for a change begins anew and sees it (the request is replayed)."""
        if self:
            self.env.flush_all()
            self.env.cr.execute(SQL("SELECT id FROM sop_conversation WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", tuple(self.ids)))

    @api.model
    def _load_demo(self):
        """Demo chats; see ``demo/conversations.py``."""
        from ...demo.conversations import load  # only demo databases need it

        load(self.env)

    # === SCREENS ===

    def _push_update(self):
        """Notify the open inboxes of each company that these conversations changed: ids only."""
        if received(self.env, "sop_no_push"):
            return
        for company, conversations in self.sudo().grouped("company_id").items():  # sudo: only ids leave
            items = [{"id": c.id, "team": c.team_id.id} for c in conversations]
            self.env["bus.bus"]._sendone((company, "sop_inbox"), "sop_inbox/update", {"items": items})

    @api.depends("name", "account_id")
    def _compute_display_name(self):
        for conversation in self:
            conversation.display_name = snippet(conversation.name or "", 64)
