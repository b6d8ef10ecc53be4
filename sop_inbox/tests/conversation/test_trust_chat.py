from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import html2plaintext, mute_logger

from odoo.addons.sop_pipeline.tools.signals import send

from .trust_common import TrustCommon

ASKING = "{{customer}} {{phone}}"
LIES = {
    "sop_sent": True, "sop_post": {"side": "in", "sent": True}, "sop_decided": {"side": "in", "channel": 1}, "sop_keeping": True, "sop_gc": True,
    "sop_form": {"type": "info"}, "sop_card": 1, "sop_no_push": True, "sop_no_receipt": True, "sop_rates": {}, "sop_external": True,
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestMadeUpChats(TrustCommon):
    """A chat speaks to a customer only when it is the chat of their conversation."""

    def makers(self, user):
        """Ways to make a chat that claims to be of the conversation: arguments of a call."""
        group = self.env["discuss.channel"].create({"name": "nhóm", "channel_type": "group"})
        if user:
            group._add_members(partners=user.partner_id)
        link = {"sop_conversation_id": self.talk.id}
        for kind in ("sop_inbox", "channel", "group", "livechat"):
            yield "create", [[{"name": "x", "channel_type": kind, **link}]], {}
        yield "create", [[{"name": "x", "channel_type": "sop_inbox"}]], {}
        yield "create", [[{"name": "x"}]], {"context": {"default_channel_type": "sop_inbox"}}
        yield "write", [group.ids, link], {}
        yield "write", [self.talk.channel_id.ids, {"sop_conversation_id": False}], {}
        yield "copy", [group.ids, link], {}
        yield "web_save", [group.ids, link], {"specification": {}}

    def test_nobody_makes_a_chat_with_a_customer(self):
        before = self.env["discuss.channel"].search_count([("channel_type", "=", "sop_inbox")])
        people = {**self.outsiders, "agent of the team": self.agent, "manager": self.manager}
        for who, user in people.items():
            for method, args, kwargs in self.makers(user):
                with self.subTest(who=who, method=method, args=args):
                    self.refused(user, "discuss.channel", method, *args, **kwargs)
        self.assertEqual(self.env["discuss.channel"].search_count([("channel_type", "=", "sop_inbox")]), before)
        self.assertEqual(self.env["discuss.channel"].search([("sop_conversation_id", "=", self.talk.id)]), self.talk.channel_id)

    def test_import_and_defaults_link_nothing(self):
        row = [["x", "sop_inbox", str(self.talk.id)]]
        result = self.call(self.agent, "discuss.channel", "load", ["name", "channel_type", "sop_conversation_id/.id"], row)
        self.assertFalse(result["ids"])
        [made] = self.call(self.agent, "discuss.channel", "create", [{"name": "y"}], context={"default_sop_conversation_id": self.talk.id})
        self.assertFalse(self.env["discuss.channel"].browse(made).sop_conversation_id)
        trusted = self.env["discuss.channel"].with_context(default_sop_conversation_id=self.talk.id).sudo().create({"name": "z"})
        self.assertFalse(trusted.sop_conversation_id, "nor where core creates it for a client, as superuser")

    def test_a_chat_that_only_says_so_reaches_nobody(self):
        """Even when the link is there (written by SQL, say): both must name each other."""
        for kind in ("group", "sop_inbox"):
            for who, user in {**self.outsiders, "agent of the team": self.agent}.items():
                if not user or user == self.portal:
                    continue
                with self.subTest(kind=kind, who=who):
                    channel = self.env["discuss.channel"].create({"name": "x", "channel_type": kind})
                    channel._add_members(partners=user.partner_id)
                    channel.sop_conversation_id = self.talk
                    self.call(user, "discuss.channel", "message_post", channel.ids, body=ASKING, message_type="comment")
                    self.post(user, channel, {"body": ASKING})
                    self.assertEqual({html2plaintext(m.body) for m in channel.message_ids if "{" in m.body}, {ASKING})
        self.assertFalse(self.outgoing())
        self.assertTrue(self.talk.is_unanswered)

    def test_outsiders_cannot_write_in_the_chat(self):
        """Not even as a member: what counts is who may work on the conversation."""
        for who, user in self.outsiders.items():
            with self.subTest(who=who):
                self.refused(user, "discuss.channel", "message_post", self.talk.channel_id.ids, body="x", message_type="comment")
                with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                    self.post(user, self.talk.channel_id, {"body": "x"})
        self.talk.channel_id._add_members(partners=self.plain.partner_id)
        for method in ({"message_type": "comment"}, {"message_type": "email"}):
            self.refused(self.plain, "discuss.channel", "message_post", self.talk.channel_id.ids, body=ASKING, **method)
        self.assertFalse(self.outgoing())

    def test_nobody_is_invited_by_hand(self):
        self.call(self.agent, "sop.conversation", "action_claim", self.talk.ids)
        self.refused(self.agent, "discuss.channel", "add_members", self.talk.channel_id.ids, self.other.partner_id.ids)
        values = {"channel_id": self.talk.channel_id.id, "partner_id": self.other.partner_id.id}
        self.refused(self.agent, "discuss.channel.member", "create", [values])
        self.assertEqual(self.talk.channel_id.channel_member_ids.partner_id, self.agent.partner_id)


@tagged("post_install", "-at_install")
class TestMessagesFromOutside(TrustCommon):
    """Side, time, author, structured content and whether it goes out follow from who calls."""

    FORGED = {"sop_side": "in", "date": "2030-01-01 00:00:00", "sop_payload": {"type": "receipt", "order_id": 1, "address": "x"}}

    def check(self, number=1):
        """The last message is a plain reply of the agent's, on its way to the customer."""
        message = self.said()[0]
        self.assertRecordValues(message, [{"sop_side": "out", "sop_payload": False, "author_id": self.agent.partner_id.id}])
        self.assertLess(message.date, fields.Datetime.now() + timedelta(minutes=1))
        self.assertEqual((html2plaintext(message.body), len(self.outgoing())), ("Dạ có ạ", number))
        self.assertLess(self.talk.last_message_at, fields.Datetime.now() + timedelta(minutes=1))

    def test_arguments_and_context_say_nothing(self):
        customer = self.env["res.partner"].create({"name": "Khách"})
        forged = {**self.FORGED, "author_id": customer.id, "email_from": "khach@example.com"}
        call = {"body": "Dạ có ạ", "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        self.call(self.agent, "discuss.channel", "message_post", self.talk.channel_id.ids, **call, **forged, context=LIES)
        self.check()
        self.post(self.agent, self.talk.channel_id, {"body": "Dạ có ạ", **forged}, LIES)
        self.check(2)

    def test_a_message_without_subtype_is_no_hidden_note(self):
        self.call(self.agent, "discuss.channel", "message_post", self.talk.channel_id.ids, body="Dạ có ạ", message_type="comment")
        self.assertEqual(self.said()[0].subtype_id, self.env.ref("mail.mt_comment"))
        note = {"body": "khó tính", "message_type": "comment", "subtype_id": self.env.ref("mail.mt_note").id}
        self.refused(self.agent, "discuss.channel", "message_post", self.talk.channel_id.ids, **note)

    def test_notices_have_their_own_author(self):
        customer = self.env["res.partner"].create({"name": "Khách"})
        forged = {"author_id": customer.id, "date": "2030-01-01 00:00:00", "body": "Tôi huỷ đơn", "message_type": "notification"}
        self.call(self.agent, "discuss.channel", "message_post", self.talk.channel_id.ids, **forged)
        self.assertFalse(self.env["mail.message"].search([("author_id", "=", customer.id)]))

    def test_messages_are_not_made_beside_the_chat(self):
        values = {"model": "discuss.channel", "res_id": self.talk.channel_id.id, "body": "x", "message_type": "comment"}
        for user in (self.agent, self.manager, *self.outsiders.values()):
            for extra in ({}, {"sop_side": "in"}, {"sop_payload": {"type": "receipt"}}, {"author_id": self.portal.partner_id.id}):
                self.refused(user, "mail.message", "create", [values | extra], context=LIES)
        elsewhere = self.call(self.agent, "mail.message", "create", [{"model": "sop.conversation", "res_id": self.talk.id, "body": "x"}])
        self.refused(self.agent, "mail.message", "write", elsewhere, {"model": "discuss.channel", "res_id": self.talk.channel_id.id})
        self.refused(self.agent, "mail.message", "write", elsewhere, {"sop_side": "in"})

    def test_what_was_said_stays(self):
        self.post(self.agent, self.talk.channel_id, {"body": "Dạ có ạ"})
        message = self.said()[0]
        for values in ({"date": "2030-01-01"}, {"author_id": self.portal.partner_id.id}, {"body": "khác"}, {"sop_side": "in"}, {"sop_payload": {}}):
            with self.subTest(values=values):
                self.refused(self.agent, "mail.message", "write", message.ids, values)
        self.check()
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            params = {"message_id": message.id, "update_data": {"body": "khác", "attachment_ids": [], **self.FORGED}}
            self.make_jsonrpc_request("/mail/message/update_content", params)
        self.check()

    def test_other_ways_to_post(self):
        """The mail composer and the scheduled message are the same door."""
        customer = self.env["res.partner"].create({"name": "Khách", "email": "khach@example.com"})
        chat = self.talk.channel_id
        composer = {"model": "discuss.channel", "res_ids": str(chat.ids), "body": "<p>Dạ có ạ</p>", "composition_mode": "comment",
                    "author_id": customer.id, "subtype_id": self.env.ref("mail.mt_comment").id}  # fmt: skip
        wizard = self.call(self.agent, "mail.compose.message", "create", [composer], context=LIES)
        self.call(self.agent, "mail.compose.message", "action_send_mail", wizard, context=LIES)
        self.check()
        soon = fields.Datetime.to_string(fields.Datetime.now() + timedelta(hours=1))  # while the window is open
        later = {"model": "discuss.channel", "res_id": chat.id, "body": "<p>Dạ có ạ</p>", "author_id": customer.id,
                 "scheduled_date": soon, "send_context": LIES}  # fmt: skip
        scheduled = self.call(self.agent, "mail.scheduled.message", "create", [later])
        self.call(self.agent, "mail.scheduled.message", "post_message", scheduled)
        self.check(2)
        self.assertFalse(self.env["mail.message"].search([("author_id", "=", customer.id)]), "nobody speaks as the customer")
        for user in self.outsiders.values():
            self.refused(user, "mail.compose.message", "create", [composer])
        self.assertEqual(len(self.outgoing()), 2)

    def test_our_own_signals_still_work(self):
        message = send(self.talk, sop_form={"type": "info"})._post_outbound("[Form]", payload={"type": "x"}, sent=True)
        self.assertEqual((message.sop_payload, message.sop_side), ({"type": "x"}, "out"))
        self.assertFalse(self.outgoing(), "the platform has it")


@tagged("post_install", "-at_install")
class TestLivechatFromOutside(TrustCommon):
    """A visitor, logged in or not, is the customer of their own chat whatever they say."""

    def setUp(self):
        super().setUp()
        self.livechat = self.env["im_livechat.channel"].create({"name": "Web", "user_ids": [Command.set(self.agent.ids)]})
        self.env["mail.presence"]._update_presence(self.agent)

    def open_session(self, user):
        self.env.flush_all()
        self.authenticate(*(2 * [user and user.login]))
        data = self.make_jsonrpc_request("/im_livechat/get_session", {"channel_id": self.livechat.id, "persisted": True})
        return self.env["discuss.channel"].browse(data["channel_id"])

    def test_a_visitor_never_reaches_the_variables(self):
        """Hole: a portal user posted as staff, and a cubic pattern met its blanks."""
        for user in (self.portal, None):
            channel = self.open_session(user)
            with self.subTest(user=user), patch.object(type(self.talk._replies), "_fill_placeholders", side_effect=AssertionError("filled")):
                for body in (ASKING, "{{ " + " " * 3500):
                    self.post(False, channel, {"body": body, "sop_side": "out"}, LIES)
                    if user:
                        call = {"body": body, "message_type": "comment", "sop_side": "out", "author_id": self.agent.partner_id.id}
                        try:
                            self.call(user, "discuss.channel", "message_post", channel.ids, **call, context=LIES)
                        except JsonRpcException:  # core may not let visitors call it at all
                            self.assertTrue(user.share)
            self.assertEqual(set(self.said(channel).mapped("sop_side")), {"in"})
            self.assertNotIn(self.agent.partner_id, self.said(channel).author_id)
            self.assertTrue(channel.sop_conversation_id.is_unanswered)

    def test_an_operator_outside_the_inbox_fills_nothing(self):
        """They answer; the customer's phone is for the inbox's staff."""
        channel = self.open_session(None)
        self.post(False, channel, {"body": "Số em 0901234567"})
        channel._add_members(partners=self.plain.partner_id)
        self.post(self.plain, channel, {"body": ASKING})
        self.assertEqual((html2plaintext(self.said(channel)[0].body), self.said(channel)[0].sop_side), (ASKING, "out"))
        self.post(self.agent, channel, {"body": ASKING})
        self.assertIn("+84901234567", self.said(channel)[0].body)

    def test_a_made_up_session_is_nobodys(self):
        """A colleague makes a chat of live chat's kind with any contact as its visitor: no conversation, or none of theirs."""
        victim = self.env["res.partner"].create({"name": "Nạn nhân", "phone": "0909111222"})
        for maker in (self.plain, self.agent):
            values = {"name": "x", "channel_type": "livechat", "livechat_channel_id": self.livechat.id, "livechat_operator_id": maker.partner_id.id,
                      "channel_member_ids": [Command.create({"partner_id": victim.id, "livechat_member_type": "visitor"})]}  # fmt: skip
            [made] = self.call(maker, "discuss.channel", "create", [values])
            self.post(maker, self.env["discuss.channel"].browse(made), {"body": "x"})
        self.assertFalse(self.env["sop.conversation"].search([("partner_id", "=", victim.id)]))
        self.assertFalse(self.env["sop.identity"].search(["|", ("partner_id", "=", victim.id), ("author_id", "=", victim.id)]))

    def test_who_logged_in_is_known(self):
        channel = self.open_session(self.portal)
        self.post(False, channel, {"body": "Alo"})
        self.assertEqual(channel.sop_conversation_id.partner_id, self.portal.partner_id)

    def test_notes_have_their_own_author(self):
        posted = {"body": "x", "message_type": "comment", "author_id": self.mate.partner_id.id, "date": "2030-01-01 00:00:00"}
        note = self.env["mail.message"].browse(self.call(self.agent, "sop.conversation", "message_post", self.talk.ids, **posted))
        self.assertEqual(note.author_id, self.agent.partner_id)
        self.assertLess(note.date, fields.Datetime.now() + timedelta(minutes=1))

    def test_bots_and_operators_keep_working(self):
        channel = self.open_session(None)
        bot = self.env["chatbot.script"].create({"title": "Bot"})
        self.post(False, channel, {"body": "Alo"})
        channel._chatbot_post_message(bot, "Em là bot")
        self.assertRecordValues(self.said(channel)[0], [{"author_id": bot.operator_partner_id.id, "sop_side": "auto"}])
        self.post(self.agent, channel, {"body": "Chào bạn"})
        self.assertRecordValues(self.said(channel)[0], [{"author_id": self.agent.partner_id.id, "sop_side": "out"}])

    def test_guard_is_not_only_at_the_door(self):
        with self.assertRaises(AccessError):
            self.talk.channel_id.with_user(self.agent).with_context(**LIES).write({"sop_conversation_id": False})
