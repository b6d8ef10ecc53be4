import unicodedata

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.signals import received, send

PERSONAL_TYPES = ("comment", "email", "email_outgoing")
# What a client may say of a message in a chat with a customer; author, time and all else follow from who calls.
SAID = {
    "body", "body_is_html", "subject", "subtype_xmlid", "subtype_id", "parent_id", "attachments", "attachment_ids", "partner_ids",
    "special_mentions", "email_add_signature",
}  # fmt: skip


class DiscussChannel(models.Model):
    """Chats with customers: external ones of their own type, and the site's live chats.

    Each has at most one ``sop.conversation``; messages update it in their own transaction. Two signals:

    - ``sop_post``: dict ``side``, ``payload``, ``sent`` and ``at`` of a message our own code posts (``_sop_posting``)
    - ``sop_decided``: the same, decided for the message that is being made right now, with its ``channel``
    """

    _name = "discuss.channel"
    _inherit = ["discuss.channel", "sop.guard.mixin"]

    channel_type = fields.Selection(selection_add=[("sop_inbox", "Customer Conversation")], ondelete={"sop_inbox": "cascade"})
    # A joined column: the rule that lets a team read its chats costs one look-up by primary key.
    sop_conversation_id = fields.Many2one(
        "sop.conversation",
        "Conversation",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
        bypass_search_access=True,
        groups="sop_inbox.sop_inbox_group_user",  # a customer in their own chat asks nothing about the conversation
    )

    # === CRUD ===

    @api.model
    def _sop_kept(self):
        """Which conversation a chat is of is said by the conversation."""
        return super()._sop_kept() | {"sop_conversation_id"}

    @api.model_create_multi
    def create(self, vals_list):
        """Chats with customers are made by conversations alone; see core for the contract.

        :raise AccessError: somebody makes one by hand
        """
        channels = super().create(vals_list)
        if not self.env.su and any(channel.channel_type == "sop_inbox" for channel in channels):
            raise AccessError(self.env._("A chat with a customer begins with a message; it cannot be created by hand."))
        return channels

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Live chat's cleaning jobs do not see sessions the inbox still works on."""
        if received(self.env, "sop_gc"):
            domain = Domain(domain) & self._sop_finished_domain("sop_conversation_id")
        return super()._search(domain, *args, **kwargs)

    def unlink(self):
        """Live chat's cleaning jobs delete no chat the inbox keeps; see core for the contract."""
        if received(self.env, "sop_gc"):
            return super(DiscussChannel, self.filtered(lambda channel: not channel.sop_conversation_id)).unlink()
        return super().unlink()

    @api.model
    def _sop_finished_domain(self, path):
        """Domain of chats no one in the inbox works on, ``path`` leading to the conversation."""
        return Domain(path, "=", False) | Domain(f"{path}.state", "in", ("done", "spam"))

    @api.autovacuum
    def _gc_empty_livechat_sessions(self):
        return super(DiscussChannel, send(self, sop_gc=True))._gc_empty_livechat_sessions()

    @api.autovacuum
    def _gc_bot_only_ongoing_sessions(self):
        return super(DiscussChannel, send(self, sop_gc=True))._gc_bot_only_ongoing_sessions()

    # === MESSAGES ===

    def _sop_is_customer_chat(self):
        """Return whether messages here are between us and a customer."""
        return self.channel_type in ("sop_inbox", "livechat")

    def _sop_conversation(self):
        """Return the conversation of this chat as superuser; none unless each of the two names the other."""
        # sudo: a visitor may not read it
        conversation = self.sudo().sop_conversation_id
        return conversation if conversation.channel_id == self else conversation.browse()

    def _sop_posting(self, side, payload=None, sent=False, at=None):
        """Return the same chat, whose next message is ours: nothing of it is asked or filled in again.

        :param side: 'in', 'out' or 'auto'
        :param payload: structured content (``mail.message.sop_payload``)
        :param sent: True when the platform has the message already, or gets it another way
        :param at: naive UTC time of the message; default now
        """
        return send(self, sop_post={"side": side, "payload": payload, "sent": sent, "at": at})

    def message_post(self, *, message_type="notification", **kwargs):
        """Give a message between us and a customer its side, and stop it when it cannot go.

        Side, structured content, time and whether it goes out follow from who calls and what our own code signals:
        an argument or a key in the context says nothing. See core for the contract.
        """
        for name in ("sop_side", "sop_payload"):
            kwargs.pop(name, None)
        if not self._sop_is_customer_chat():
            return super().message_post(message_type=message_type, **kwargs)
        # notices of the site's own live chat (ratings, who came and went) are core's, and have no side
        if not self.env.su and (self.channel_type == "sop_inbox" or message_type in PERSONAL_TYPES):
            kwargs = {name: value for name, value in kwargs.items() if name in SAID}
        post = {}
        if message_type in PERSONAL_TYPES:
            post = received(self.env, "sop_post") or self._sop_decide(kwargs)
            kwargs["date"] = post["at"] or fields.Datetime.now()
        chat = send(self, sop_post=None, sop_decided=post | {"channel": self.id})
        return super(DiscussChannel, chat).message_post(message_type=message_type, **kwargs).with_env(self.env)

    def _sop_decide(self, kwargs):
        """Return what a message that comes from outside is, and bring its arguments into line.

        :raise UserError: it cannot go
        :raise AccessError: it would go to a customer of somebody else's
        """
        if kwargs.get("subtype_xmlid") == "mail.mt_note" or kwargs.get("subtype_id") == self.env.ref("mail.mt_note").id:
            raise UserError(self.env._("The customer would see this note. Write it in the tab Notes instead."))
        if not kwargs.get("subtype_id"):
            kwargs["subtype_xmlid"] = kwargs.get("subtype_xmlid") or "mail.mt_comment"
        if body := kwargs.get("body"):
            kwargs["body"] = type(body)(unicodedata.normalize("NFC", body))  # typed composed or not, it is searched and met alike
        side, conversation = self._sop_side(kwargs.get("author_id")), self._sop_conversation()
        if side != "in" and conversation:
            writer = conversation.with_user(self.env.user)  # with the caller's own rights, whatever the route
            if conversation.provider != "livechat":
                writer.check_access("write")
            if side == "out" and writer.has_access("write"):
                kwargs["body"] = conversation._before_reply(kwargs.get("body", ""))
        return {"side": side, "payload": None, "sent": False, "at": None}

    def _message_create(self, values_list):
        """Write down what ``message_post`` has decided; see core for the contract."""
        post = received(self.env, "sop_decided") or {}
        if post.get("channel") != self.id or not post.get("side"):
            return super()._message_create(values_list)
        given = {"sop_side": post["side"], "sop_payload": post["payload"]}
        values_list = [values | given | {"sop_folded": self.env["mail.message"]._sop_fold(values.get("body"))} for values in values_list]
        return super(DiscussChannel, self._sop_keeping("mail.message"))._message_create(values_list)

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {"sop_side", "sop_payload", "sop_folded"}

    def _sop_side(self, author_id):
        """Return 'in' for the customer, 'out' for a person of ours, 'auto' for bots and the system."""
        if not author_id and self.env.user._is_public():
            return "in" if self.env["mail.guest"]._get_guest_from_context() else "auto"
        # sudo: who is behind an author is not the writer's to read
        partner = self.env["res.partner"].sudo().browse(author_id) if author_id else self.env.user.partner_id.sudo()
        channel = self.sudo()
        if partner and partner in (channel.sop_conversation_id.identity_id.author_id | channel.livechat_customer_partner_ids):
            return "in"
        if partner == self.env.ref("base.partner_root"):
            return "auto"
        users = partner.with_context(active_test=False).user_ids
        return "out" if any(not user.share for user in users) else "auto"

    def _message_post_after_hook(self, message, msg_vals):
        if message.sop_side:
            # sudo: a visitor's or colleague's message changes columns its writer may not write
            self.sudo()._sop_on_message(message)
        result = super()._message_post_after_hook(message, msg_vals)
        if message.sop_side == "in":
            self.sudo()._sop_after_inbound(message)  # sudo: see above
        return result

    def _sop_on_message(self, message):
        conversation = self._sop_conversation()
        if not conversation and self.channel_type == "livechat" and message.sop_side != "auto":
            conversation = self._sop_adopt_livechat()
        if not conversation:
            return
        conversation._on_message(message)
        if message.sop_side == "out":
            self.env["sop.conversation.bot"].browse(conversation.id)._stop()
            conversation._assign_replier(message.author_id)
            # the code to pay with on a receipt is one customer's: no picture for others
            if message.attachment_ids and (message.sop_payload or {}).get("type", "product") == "product":
                self.env["sop.picture"]._remember(message.attachment_ids, conversation.company_id)
        if message.sop_side != "in" and conversation.provider != "livechat" and not received(self.env, "sop_decided", {}).get("sent"):
            conversation._message_outbound(message)

    def _sop_after_inbound(self, message):
        """The customer's message is here, and known to the script that runs: it goes on, or people get the conversation."""
        conversation = self._sop_conversation()
        if conversation:
            self.env["sop.conversation.bot"].browse(conversation.id)._on_inbound(message)
            conversation._assign_inbound()

    def _check_can_update_message_content(self, message):
        """What a platform has keeps its text: the customer would still see the old one."""
        super()._check_can_update_message_content(message)
        if message.sop_side and self._sop_conversation().provider not in (False, "livechat"):
            raise UserError(self.env._("The customer would still see the old text. Take the message back while it waits, or write another one."))

    def _message_update_content(self, message, /, **kwargs):
        result = super()._message_update_content(message, **kwargs)
        if message.sop_side:
            self._sop_conversation()._on_message_edited(message)
        return result

    def _find_or_create_member_for_self(self):
        """Typing in a chat of the team makes no user a member: only the assignee is one."""
        if self._sop_conversation() and self.env.user._is_internal() and not self.self_member_id:
            return self.env["discuss.channel.member"]
        return super()._find_or_create_member_for_self()

    # === LIVE CHAT ===

    def _sop_adopt_livechat(self):
        """Return the conversation of a live chat session, made at its first message by a person."""
        self.ensure_one()
        if not self.livechat_channel_id or not self._sop_is_opened_by_site():
            return self.env["sop.conversation"]
        account = self.env["sop.channel.account"]._for_livechat(self.livechat_channel_id)
        identity = self._sop_livechat_identity(account)
        operator = self.livechat_operator_id.user_ids.filtered(
            lambda user: user.has_group("sop_inbox.sop_inbox_group_user") and account.company_id in user.company_ids
        )[:1]
        values = {"thread_ref": self.uuid, "channel": self, "user_id": operator.id}
        conversation = self.env["sop.conversation"]._get_or_create(account, "livechat", identity, **values)
        if script := self.chatbot_current_step_id.chatbot_script_id:
            script._get_welcome_steps()._sop_act(conversation)  # said before there was a conversation
        return conversation

    def _forward_human_operator(self, chatbot_script_step=None, users=None):
        """Who takes over from a script has the conversation; see core for the contract."""
        conversation = self._sop_conversation()
        if self.channel_type == "sop_inbox" and conversation and chatbot_script_step:
            return self.env["sop.conversation.bot"].browse(conversation.id)._hand_over(chatbot_script_step, self)
        result = super()._forward_human_operator(chatbot_script_step, users)
        if conversation:
            # sudo: a visitor's chat
            users = self.sudo().livechat_operator_id.user_ids.filtered(lambda user: user._sop_can_work(conversation.company_id))
            if users and conversation.user_id not in users:
                conversation._assign(users[:1])
        return result

    def _sop_visitor(self):
        """Return the member who visits."""
        return self.channel_member_ids.filtered(lambda member: member.livechat_member_type == "visitor")[:1]

    def _sop_is_opened_by_site(self):
        """Whether a visitor opened this session on the site, or live chat's staff for them; any colleague may make a chat of its kind."""
        opener = self.create_uid
        if not opener._is_internal() or opener.partner_id == self._sop_visitor().partner_id:
            return True
        return opener.has_group("im_livechat.im_livechat_group_user")

    def _sop_livechat_identity(self, account):
        """Return who visits: the partner who has logged in and opened it, else the guest of this browser."""
        visitor = self._sop_visitor()
        partner, guest = visitor.partner_id & self.create_uid.partner_id, visitor.guest_id
        reference = f"partner:{partner.id}" if partner else f"guest:{guest.id}" if guest else f"session:{self.id}"
        return self.env["sop.identity"]._get_or_create(
            account,
            reference,
            name=visitor.partner_id.name or self._sop_visitor_name(guest),
            partner_id=partner.id,
            author_id=partner.id,
            guest_id=guest.id,
            email=partner.email or guest.email,
        )

    def _sop_visitor_name(self, guest):
        """Name shown for a visitor; those live chat calls all the same are distinguished by a number."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        unknown = {self.with_context(lang=code).env._("Visitor") for code in languages} | {"Visitor"}
        name = guest.name or self.env._("Visitor")
        return f"{name} #{guest.id or self.id}" if name in unknown else name

    # === MEMBERS ===

    def _sop_staff_members(self, customer):
        """Members of ours in a chat with ``customer`` (``res.partner``)."""
        return self.channel_member_ids.filtered(lambda m: m.partner_id and m.partner_id != customer and m.partner_id._sop_is_staff())

    def _sop_remove_members(self, members):
        for member in members:
            self._action_unfollow(partner=member.partner_id, post_leave_message=False)

    # === COUNTS ===

    def _sop_count_inbound_after(self, message_id):
        """How many messages of the customer came after one."""
        messages = self.env["mail.message"].sudo()  # sudo: counting only; the messages are those of one chat, found by index
        chat = [("model", "=", "discuss.channel"), ("res_id", "=", self.id)]
        return messages.search_count([*chat, ("id", ">", message_id), ("sop_side", "=", "in")])

    def _sop_last_inbound_before(self, moment):
        """Return the id up to which all of the customer's messages are from before ``moment``."""
        self.env["mail.message"].flush_model()
        self.env.cr.execute(
            """SELECT COALESCE(max(id), 0) FROM mail_message m
                WHERE model = 'discuss.channel' AND res_id = %s AND sop_side = 'in' AND date <= %s
                  AND NOT EXISTS (SELECT 1 FROM mail_message l WHERE l.model = m.model AND l.res_id = m.res_id
                                     AND l.sop_side = 'in' AND l.date > %s AND l.id < m.id)""",
            [self.id, moment, moment],
        )
        return self.env.cr.fetchone()[0]
