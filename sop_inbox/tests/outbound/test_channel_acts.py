from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import is_html_empty

from ...tools.outcome import Answer
from ..channel_common import PSID, ZUSER, TalkCommon


@tagged("post_install", "-at_install")
class TestReactions(TalkCommon):
    """The shop's reaction to a message reaches the customer, or is refused with the reason."""

    def react(self, content, action="add", message=None, user=None):
        message = message or self.heard(self.talk)
        partner = (user or self.agent).partner_id
        message.with_user(user or self.agent).sudo()._message_reaction(content, action, partner, self.env["mail.guest"])

    def heard(self, talk):
        return self.env["sop.channel.message"].search([("conversation_id", "=", talk.id), ("direction", "=", "in")], limit=1).mail_message_id

    def acts(self):
        return self.env["sop.channel.message"].search([("part", "=", "reaction")], order="id")

    def test_reaction_goes_to_the_page_s_customer(self):
        self.react("❤️")
        [call] = self.deliver(lambda call: {"recipient_id": PSID, "message_id": "m_1"})
        self.assertEqual(
            (call.json["sender_action"], call.json["recipient"], call.json["payload"]),
            ("react", {"id": PSID}, {"message_id": "m_1", "reaction": "❤️"}),
        )
        self.assertEqual((self.acts().state, self.acts().external_ref), ("sent", False), "the id in the answer is the customer's message")
        self.assertEqual(self.talk.is_unanswered, True, "a reaction is no answer")

    def test_taken_back_and_changed(self):
        self.react("❤️")
        self.react("👍")
        [call] = self.deliver(lambda call: {"message_id": "m_1"})
        self.assertEqual(call.json["payload"]["reaction"], "👍", "one for the shop, the latest; what waited was changed")
        self.react("👍", "remove")
        [call] = self.deliver(lambda call: {"message_id": "m_1"})
        self.assertEqual(call.json["payload"]["reaction"], "❤️", "the other one is still there")
        self.react("❤️", "remove")
        [call] = self.deliver(lambda call: {"message_id": "m_1"})
        self.assertEqual((call.json["sender_action"], call.json["payload"]), ("unreact", {"message_id": "m_1"}))

    def test_lost_answer_is_simply_tried_again(self):
        """Nothing doubled: the same reaction twice is the same reaction."""
        self.react("❤️")
        self.deliver(lambda call: Answer(0, broken="lost"))
        self.assertEqual(self.acts().state, "queued")
        self.acts().next_attempt_at = self.now
        self.assertEqual(len(self.deliver(lambda call: {"message_id": "m_1"})), 1)

    def test_replies_do_not_wait_for_it(self):
        self.react("❤️")
        self.deliver(lambda call: Answer(503))
        row = self.say_back()
        self.deliver(lambda call: {"message_id": "m_2"} if "message" in call.json else Answer(503))
        self.assertEqual(row.state, "sent")

    def test_refused_with_the_reason(self):
        self.hear_comment()
        with self.assertRaisesRegex(UserError, "Like"):
            self.react("❤️", message=self.heard(self.chat(kind="comment")))
        waiting = self.say_back().mail_message_id
        with self.assertRaisesRegex(UserError, "does not have"):
            self.react("❤️", message=waiting)
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, hours=25)
        with self.assertRaisesRegex(UserError, "24 hours"):
            self.react("❤️")
        self.page.human_agent = True
        with self.assertRaisesRegex(UserError, "24 hours"):
            self.react("❤️")
        self.assertFalse(self.acts())

    def test_taking_one_back_never_fails(self):
        """After the window the customer goes on seeing what they saw; here it goes."""
        self.react("❤️")
        self.react("👍", user=self.mate)
        self.deliver(lambda call: {"message_id": "m_1"})
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, hours=25)
        self.react("👍", "remove", user=self.mate)
        self.react("❤️", "remove")
        self.assertFalse(self.heard(self.talk).reaction_ids)
        self.assertEqual(self.acts().mapped("state"), ["sent"])

    def test_what_the_platform_refuses_is_not_shown(self):
        self.react("👍", user=self.mate)
        self.deliver(lambda call: {"message_id": "m_1"})
        self.react("❤️")
        self.deliver(lambda call: Answer(400, {"error": {"code": 551, "message": "unavailable"}}))
        self.assertEqual(self.heard(self.talk).reaction_ids.mapped("content"), ["👍"])
        self.assertEqual(self.acts().mapped("state"), ["sent"])
        self.assertEqual((self.page.failed_count, self.page.failure_count, self.talk.has_unsent), (0, 0, False))

    def test_zalo_s_signs(self):
        self.hear_zalo()
        talk = self.chat(self.oa)
        for emoji, sign in (("❤️", "/-heart"), ("❤", "/-heart"), ("😂", ":>")):
            with self.subTest(emoji):
                self.react(emoji, message=self.heard(talk))
                [call] = self.deliver(lambda call: {"error": 0, "data": {"message_id": "z1"}})
                self.assertEqual((call.url.split("/v")[1], call.json["recipient"]), ("2.0/oa/message", {"user_id": ZUSER}))
                self.assertEqual(call.json["sender_action"], {"react_icon": sign, "react_message_id": "z1"})
        with self.assertRaisesRegex(UserError, "❤️ 👍 😆 😮 😭 😡"):
            self.react("🦄", message=self.heard(talk))
        self.assertFalse(talk.quota_at, "a reaction uses up no free reply")

    def test_customer_s_sign_is_shown_as_emoji_and_goes_nowhere(self):
        self.hear_zalo()
        body = {"msg_id": "z1", "react_icon": "/-heart"}
        self.hear_zalo("user_reacted_message", message=body, seconds=1)
        self.assertEqual(self.heard(self.chat(self.oa)).reaction_ids.content, "❤️")
        self.assertFalse(self.acts())


@tagged("post_install", "-at_install")
class TestTakeBack(TalkCommon):
    """What the platform does not have can be taken back; what it has keeps its words."""

    def test_waiting_reply_never_goes(self):
        row = self.say_back()
        message = row.mail_message_id
        row.with_user(self.agent).action_take_back()
        self.assertFalse(self.deliver(lambda call: {"message_id": "m_out"}))
        self.assertFalse(row.exists())
        self.assertEqual((is_html_empty(message.body), message.sop_side), (True, False))
        self.assertEqual((self.talk.is_unanswered, self.talk.preview, self.talk.last_outbound_at), (True, "Chào shop", False))

    def test_waiting_time_goes_on(self):
        self.north.sop_reply_target = 15
        self.hear_zalo()
        talk = self.chat(self.oa)
        before = talk.waiting_since, talk.reply_due_at
        self.assertTrue(all(before))
        message = self.reply(talk, "Dạ còn ạ")
        self.assertTrue(self.env["sop.response"].search([("conversation_id", "=", talk.id)]))
        talk.channel_message_ids.filtered(lambda row: row.mail_message_id == message).with_user(self.agent).action_take_back()
        self.assertEqual((talk.waiting_since, talk.reply_due_at, talk.first_reply_at), (*before, False))
        self.assertFalse(self.env["sop.response"].search([("conversation_id", "=", talk.id)]), "nobody has replied")

    def test_all_parts_or_none(self):
        rows = self.say_back("x" * 2500)
        self.assertEqual(len(rows), 2)
        rows[0].state = "sent"
        with self.assertRaises(UserError):
            rows[1].action_take_back()
        rows[0].write({"state": "failed", "reason": "window"})
        rows[1].action_take_back()
        self.assertFalse(rows.exists())

    def test_the_one_private_answer_is_given_back(self):
        self.hear_comment()
        thread = self.chat(kind="comment")
        comment = thread.channel_message_ids
        shown = lambda: comment.mail_message_id._sop_delivery()[comment.mail_message_id.id]["comment"]["canPrivate"]  # noqa: E731
        for _time in range(2):
            self.assertTrue(shown())
            thread.with_user(self.agent)._sending.action_private_reply("Giá 90k ạ")
            self.assertFalse(shown())
            comment._private_rows().popitem()[1].with_user(self.agent).action_take_back()

    def test_what_may_have_arrived_stays(self):
        """Never doubled: whoever takes it back writes it again. A person who has looked says that it arrived."""
        row = self.say_back()
        self.deliver(lambda call: Answer(0, broken="lost"))
        row.next_attempt_at = fields.Datetime.now()
        row._settle_doubts()
        shown = lambda: row.mail_message_id._sop_delivery()[row.mail_message_id.id]  # noqa: E731
        for retried in (False, True):
            if retried:
                row.with_user(self.agent).action_retry()
                self.assertEqual(row.state, "queued")
            self.assertFalse(shown()["canTakeBack"])
            with self.assertRaises(UserError):
                row.action_take_back()
        self.deliver(lambda call: Answer(400, {"error": {"code": 551, "message": "unavailable"}}))
        self.assertEqual((row.state, shown()["canConfirm"], self.talk.has_unsent), ("failed", True, True))
        with self.assertRaises(AccessError):
            row.with_user(self.other).action_arrived()
        row.with_user(self.agent).action_arrived()
        self.assertEqual((row.state, shown()["canConfirm"], self.talk.has_unsent), ("sent", False, False))

    def test_what_was_not_sent_leads_to_its_chat(self):
        row = self.say_back("Dạ  còn ạ " + "rất đẹp " * 20)
        self.assertTrue(row.display_name.startswith("Dạ còn ạ rất"), row.display_name)
        self.assertLessEqual(len(row.display_name), 60)
        self.assertEqual(row.with_user(self.agent).action_open_inbox()["context"], {"sop_conversation_id": self.talk.id})
        with self.assertRaises(AccessError):
            row.with_user(self.other).action_open_inbox()
        [picture] = self.say_back("", attachments=[("a.png", b"x")])
        self.assertEqual(picture.with_context(lang="en_US").display_name, "File")

    def test_refused_for_good_did_not_arrive(self):
        row = self.say_back()
        self.deliver(lambda call: Answer(400, {"error": {"code": 551, "message": "unavailable"}}))
        row.with_user(self.agent).action_arrived()
        self.assertEqual(row.state, "failed")

    def test_a_closed_conversation_is_open_again(self):
        row = self.say_back()
        self.talk.with_user(self.agent).action_done()
        row.with_user(self.agent).action_take_back()
        self.assertEqual((self.talk.state, self.talk.is_unanswered), ("open", True))

    def test_on_its_way_it_stays(self):
        row = self.say_back()
        row._claim()
        with self.assertRaises(UserError):
            row.action_take_back()
        self.assertEqual(row.state, "sending")

    def test_who_may(self):
        row = self.say_back()
        for user in (self.other, self.foreign):
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).action_take_back()
        self.assertTrue(row.exists())

    def test_words_at_the_platform_are_not_changed(self):
        message = self.say_back().mail_message_id
        channel = self.talk.channel_id
        for body in ("Khác", ""):
            with self.subTest(body), self.assertRaises(UserError):
                channel._message_update_content(message, body=body)


@tagged("post_install", "-at_install")
class TestUnsent(TalkCommon):
    """A reply that did not go is seen: in the list, on its chip, by who wrote it."""

    def fail(self, text="Dạ còn ạ"):
        row = self.say_back(text)
        self.deliver(lambda call: Answer(400, {"error": {"code": 551, "message": "unavailable"}}))
        self.assertEqual(row.state, "failed")
        return row

    def counters(self):
        return self.env["sop.conversation"].with_user(self.agent).get_counters()["unsent"]

    def test_shown_until_it_went(self):
        self.assertEqual(self.counters(), 0)
        row = self.fail()
        self.assertTrue(self.talk.has_unsent)
        self.assertEqual(self.counters(), 1)
        row.with_user(self.agent).action_retry()
        self.assertFalse(self.talk.has_unsent, "it is on its way again")
        self.deliver(lambda call: {"message_id": "m_out"})
        self.assertEqual((row.state, self.talk.has_unsent, self.counters()), ("sent", False, 0))

    def test_each_reply_counts(self):
        first, second = self.fail("Một"), self.fail("Hai")
        first.with_user(self.agent).action_take_back()
        self.assertTrue(self.talk.has_unsent)
        second.with_user(self.agent).action_take_back()
        self.assertFalse(self.talk.has_unsent)

    def test_a_closed_conversation_opens_again(self):
        row = self.say_back()
        self.talk.with_user(self.agent).action_done()
        self.deliver(lambda call: Answer(400, {"error": {"code": 551}}))
        self.assertEqual((row.state, self.talk.state, self.talk.has_unsent), ("failed", "open", True))

    def test_who_wrote_it_is_told(self):
        self.env["bus.bus"].search([]).unlink()
        self.fail()
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].search([("message", "like", "simple_notification")])
        self.assertEqual(len(told), 1)
        self.assertIn(self.talk.name, told.message)

    def test_doubt_that_ended_badly_is_shown_too(self):
        row = self.say_back()
        self.deliver(lambda call: Answer(0, broken="lost"))
        self.assertFalse(self.talk.has_unsent, "its echo may come")
        row.next_attempt_at = self.now
        row._settle_doubts()
        self.assertTrue(self.talk.has_unsent)


@tagged("post_install", "-at_install")
class TestReactionRoute(HttpCase, TalkCommon):
    """As the browser reacts."""

    def test_over_the_route(self):
        message = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id)], limit=1).mail_message_id
        self.authenticate(self.agent.login, self.agent.login)
        self.make_jsonrpc_request("/mail/message/reaction", {"message_id": message.id, "content": "❤️", "action": "add"})
        row = self.env["sop.channel.message"].search([("part", "=", "reaction")])
        self.assertEqual((row.payload, row.create_uid), ({"emoji": "❤️", "partner": self.agent.partner_id.id}, self.agent))
