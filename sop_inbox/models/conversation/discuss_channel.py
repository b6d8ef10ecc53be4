from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

PERSONAL_TYPES = ("comment", "email", "email_outgoing")


class DiscussChannel(models.Model):
    """Chats with customers: external ones of their own type, and the site's live chats.

    Each has at most one ``sop.conversation``; messages tell it in their own transaction.
    """

    _inherit = "discuss.channel"

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
    )

    # === CRUD ===

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Live chat's cleaning jobs do not see sessions the inbox still works on."""
        if self.env.context.get("sop_gc"):
            domain = Domain(domain) & self._sop_finished_domain("sop_conversation_id")
        return super()._search(domain, *args, **kwargs)

    def unlink(self):
        """Live chat's cleaning jobs delete no chat the inbox keeps; see core for the contract."""
        if self.env.context.get("sop_gc"):
            return super(DiscussChannel, self.filtered(lambda channel: not channel.sop_conversation_id)).unlink()
        return super().unlink()

    @api.model
    def _sop_finished_domain(self, path):
        """Domain of chats no one in the inbox works on, ``path`` leading to the conversation."""
        return Domain(path, "=", False) | Domain(f"{path}.state", "in", ("done", "spam"))

    @api.autovacuum
    def _gc_empty_livechat_sessions(self):
        return super(DiscussChannel, self.with_context(sop_gc=True))._gc_empty_livechat_sessions()

    @api.autovacuum
    def _gc_bot_only_ongoing_sessions(self):
        return super(DiscussChannel, self.with_context(sop_gc=True))._gc_bot_only_ongoing_sessions()

    # === MESSAGES ===

    def _sop_is_customer_chat(self):
        """Tell whether messages here are between us and a customer."""
        return self.channel_type in ("sop_inbox", "livechat")

    def message_post(self, *, message_type="notification", **kwargs):
        """Give a message between us and a customer its side, and stop it when it cannot go."""
        if not self._sop_is_customer_chat() or message_type not in PERSONAL_TYPES:
            kwargs.pop("sop_side", None)
            return super().message_post(message_type=message_type, **kwargs)
        if kwargs.get("subtype_xmlid") == "mail.mt_note":
            raise UserError(self.env._("The customer would see this note. Write it in the tab Notes instead."))
        if "sop_side" not in kwargs:
            kwargs["sop_side"] = self._sop_side(kwargs.get("author_id"))
        conversation = self.sudo().sop_conversation_id  # sudo: a visitor may not read it
        if kwargs["sop_side"] == "out" and conversation and not self.env.context.get("sop_sent"):
            kwargs["body"] = conversation._before_reply(kwargs.get("body", ""))
        return super().message_post(message_type=message_type, **kwargs)

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {"sop_side"}

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
        return super()._message_post_after_hook(message, msg_vals)

    def _sop_on_message(self, message):
        conversation = self.sop_conversation_id
        if not conversation and self.channel_type == "livechat" and message.sop_side != "auto":
            conversation = self._sop_adopt_livechat()
        if not conversation:
            return
        conversation._on_message(message)
        if message.sop_side == "in":
            conversation._assign_inbound()
        elif message.sop_side == "out":
            conversation._assign_replier(message.author_id)
            if message.attachment_ids:
                self.env["sop.picture"]._remember(message.attachment_ids, conversation.company_id)
        if message.sop_side != "in" and conversation.provider != "livechat" and not self.env.context.get("sop_sent"):
            conversation._message_outbound(message)

    def _check_can_update_message_content(self, message):
        """What a vendor has been handed keeps its words: the customer would go on seeing the old ones."""
        super()._check_can_update_message_content(message)
        if message.sop_side and self.sudo().sop_conversation_id.provider not in (False, "livechat"):  # sudo: only whose chat it is
            raise UserError(self.env._("The customer would go on seeing the old words. Take the message back while it waits, or write another one."))

    def _message_update_content(self, message, /, **kwargs):
        result = super()._message_update_content(message, **kwargs)
        if message.sop_side:
            self.sudo().sop_conversation_id._on_message_edited(message)  # sudo: the list's line only
        return result

    def _find_or_create_member_for_self(self):
        """Typing in a chat of the team makes nobody a member: only the assignee is one."""
        # sudo: whether this is a chat of the inbox
        if self.sudo().sop_conversation_id and self.env.user._is_internal() and not self.self_member_id:
            return self.env["discuss.channel.member"]
        return super()._find_or_create_member_for_self()

    # === LIVE CHAT ===

    def _sop_adopt_livechat(self):
        """Return the conversation of a live chat session, made at its first message by a person."""
        self.ensure_one()
        if not self.livechat_channel_id:
            return self.env["sop.conversation"]
        account = self.env["sop.channel.account"]._for_livechat(self.livechat_channel_id)
        identity = self._sop_livechat_identity(account)
        operator = self.livechat_operator_id.user_ids.filtered(
            lambda user: user.has_group("sop_inbox.sop_inbox_group_user") and account.company_id in user.company_ids
        )[:1]
        return self.env["sop.conversation"]._get_or_create(account, "livechat", identity, thread_ref=self.uuid, channel=self, user_id=operator.id)

    def _sop_livechat_identity(self, account):
        """Return who visits: the logged-in partner, else the guest of this browser."""
        visitor = self.channel_member_ids.filtered(lambda member: member.livechat_member_type == "visitor")[:1]
        partner, guest = visitor.partner_id, visitor.guest_id
        reference = f"partner:{partner.id}" if partner else f"guest:{guest.id}" if guest else f"session:{self.id}"
        return self.env["sop.identity"]._get_or_create(
            account,
            reference,
            name=partner.name or self._sop_visitor_name(guest),
            partner_id=partner.id,
            author_id=partner.id,
            guest_id=guest.id,
            email=partner.email or guest.email,
        )

    def _sop_visitor_name(self, guest):
        """Name shown for a visitor; those live chat calls all the same are told apart by a number."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        unknown = {self.with_context(lang=code).env._("Visitor") for code in languages} | {"Visitor"}
        name = guest.name or self.env._("Visitor")
        return f"{name} #{guest.id or self.id}" if name in unknown else name
