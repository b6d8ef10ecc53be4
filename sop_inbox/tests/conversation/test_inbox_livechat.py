from datetime import timedelta

from odoo import Command, fields
from odoo.tests import HttpCase, freeze_time, tagged

from ..common import InboxCommon


@tagged("post_install", "-at_install")
class TestLivechat(InboxCommon, HttpCase):
    """The site's live chat joins the inbox: sessions of real visitors over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.livechat = cls.env["im_livechat.channel"].create({"name": "Web", "user_ids": [Command.set(cls.agent.ids)]})
        cls.env["mail.presence"]._update_presence(cls.agent)

    def open_session(self):
        """Return the chat a fresh visitor opened, and say nothing yet."""
        data = self.make_jsonrpc_request("/im_livechat/get_session", {"channel_id": self.livechat.id, "persisted": True})
        return self.env["discuss.channel"].browse(data["channel_id"])

    def visitor_says(self, channel, body):
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": channel.id,
                "post_data": {"body": body, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
            },
        )

    def test_first_message_makes_the_conversation(self):
        channel = self.open_session()
        self.assertFalse(channel.sop_conversation_id, "an opened window is no conversation yet")
        self.visitor_says(channel, "Shop ơi 0901234567")
        conversation = channel.sop_conversation_id
        self.assertRecordValues(
            conversation,
            [{"kind": "livechat", "unread_count": 1, "is_unanswered": True, "has_phone": True, "user_id": self.agent.id}],
        )
        self.assertEqual(conversation.account_id.livechat_channel_id, self.livechat)
        self.visitor_says(channel, "Có ai không")
        self.assertEqual(conversation.unread_count, 2)
        self.reply(conversation)
        self.assertRecordValues(conversation, [{"unread_count": 0, "is_unanswered": False, "preview_side": "out"}])

    def test_cleaning_jobs_leave_it_in_the_inbox(self):
        channel = self.open_session()
        self.visitor_says(channel, "Mai em ghé")
        conversation = channel.sop_conversation_id
        self.reply(conversation)
        member = channel.channel_member_ids.filtered(lambda m: m.partner_id == self.agent.partner_id)
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.run_cleaning()
            self.assertFalse(channel.livechat_end_dt, "still worked on")
            self.assertTrue(member.is_pinned)
            conversation.with_user(self.agent).action_done()
            member.last_seen_dt = fields.Datetime.now() - timedelta(days=2)
            self.run_cleaning()
        self.assertTrue(channel.exists())
        self.assertTrue(conversation.exists())
        self.assertTrue(channel.livechat_end_dt, "what is done may end as live chat ends it")

    def run_cleaning(self):
        self.env["discuss.channel"]._gc_empty_livechat_sessions()
        self.env["discuss.channel"]._gc_bot_only_ongoing_sessions()
        self.env["discuss.channel.member"]._gc_unpin_livechat_sessions()

    def test_chat_emptied_of_messages_stays(self):
        channel = self.open_session()
        self.visitor_says(channel, "Xoá giúp em")
        channel.message_ids.unlink()
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.run_cleaning()
        self.assertTrue(channel.exists())

    def test_bot_alone_makes_no_conversation(self):
        channel = self.open_session()
        bot = self.env["chatbot.script"].create({"title": "Bot"})
        channel._chatbot_post_message(bot, "Em là bot")
        self.assertFalse(channel.sop_conversation_id)
        self.visitor_says(channel, "Gặp người")
        channel._chatbot_post_message(bot, "Đợi chút ạ")
        self.assertRecordValues(channel.sop_conversation_id, [{"unread_count": 1, "is_unanswered": True, "preview_side": "auto"}])

    def test_new_operator_keeps_the_session_open(self):
        channel = self.open_session()
        self.visitor_says(channel, "Alo")
        conversation = channel.sop_conversation_id
        conversation.with_user(self.agent).action_assign(self.mate.id)
        self.assertFalse(channel.livechat_end_dt)
        self.assertEqual(channel.livechat_operator_id, self.mate.partner_id)
        self.assertNotIn(self.agent.partner_id, channel.channel_member_ids.partner_id)

    def test_visitor_cannot_choose_their_side(self):
        channel = self.open_session()
        self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "discuss.channel",
                "thread_id": channel.id,
                "post_data": {"body": "x", "message_type": "comment", "subtype_xmlid": "mail.mt_comment", "sop_side": "out"},
            },
        )
        self.assertEqual(channel.message_ids[:1].sop_side, "in")
