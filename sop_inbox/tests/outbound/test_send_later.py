from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..channel_common import TalkCommon


@tagged("post_install", "-at_install")
class TestSendLater(TalkCommon):
    """Replies that go later: core's scheduled messages, within the platform's window, taken back when the customer writes."""

    def setUp(self):
        super().setUp()
        self.later = self.env["sop.conversation.later"].with_user(self.agent).browse(self.talk.id)
        self.at = fields.Datetime.now() + timedelta(hours=2)

    def run_job(self):
        self.env["mail.scheduled.message"].sudo().search([]).with_context(mail_notify_force_send=True)._post_message(raise_exception=False)

    def sent(self):
        return self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("direction", "=", "out")])

    def test_it_goes_through_the_outbox_in_the_agent_s_name(self):
        self.talk.identity_id._rename("Chị Thảo")
        self.later.action_schedule("Sáng mai em giao ạ\n{{customer}} nhé", self.at)
        self.assertTrue(self.talk.has_scheduled)
        self.assertFalse(self.sent())
        [shown] = self.talk.with_user(self.mate).get_panel()["scheduled"]
        self.assertEqual((shown["by"], shown["at"]), ("Lan", fields.Datetime.to_string(self.at)))
        self.run_job()
        row = self.sent()
        self.assertEqual(row.text.splitlines()[0], "Sáng mai em giao ạ")
        self.assertIn("Chị Thảo", row.text, "variables are filled when it is scheduled")
        self.assertEqual(row.mail_message_id.author_id, self.agent.partner_id)
        self.assertFalse(self.talk.has_scheduled or self.talk.is_unanswered)

    def test_never_after_the_window(self):
        with self.assertRaisesRegex(UserError, "until|đến"):
            self.later.action_schedule("Mai nhé", fields.Datetime.now() + timedelta(hours=30))
        with self.assertRaises(UserError):
            self.later.action_schedule("Hôm qua", fields.Datetime.now() - timedelta(hours=1))
        with self.assertRaises(UserError):
            self.later.action_schedule("   ", self.at)
        self.assertFalse(self.later.get_scheduled())

    def test_taken_back_when_the_customer_writes(self):
        self.later.action_schedule("Bạn còn quan tâm không?", self.at)
        self.later.action_schedule("Nhắc thanh toán", self.at, True)
        self.hear_text("Mình lấy nhé", "m_2", 1)
        self.assertEqual([row["text"] for row in self.later.get_scheduled()], ["Nhắc thanh toán"])

    def test_taken_back_by_a_person(self):
        scheduled = self.later.action_schedule("Mai nhé", self.at)
        self.later.with_user(self.mate).action_cancel(scheduled)
        self.assertFalse(self.talk.has_scheduled)
        self.assertTrue(self.later.action_cancel(scheduled))

    def test_refused_it_leaves_nothing(self):
        """Words, a moment still to come, and a window that is open: each is asked for in words."""
        now = fields.Datetime.now()
        for body, at, words in (("   ", self.at, "Write what"), ("Mai", now, "still to come"), ("Mai", now - timedelta(days=1), "still to come")):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self.later.action_schedule(body, at)
        for at in ("", "mai", None, False, "9999-99-99 00:00:00"):
            with self.subTest(at), self.assertRaises(UserError):
                self.later.action_schedule("Mai nhé", at)
        self.talk.last_inbound_at = now - timedelta(days=3)
        with self.assertRaisesRegex(UserError, "24 hours"):
            self.later.action_schedule("Mai nhé", self.at)
        self.assertFalse(self.env["mail.scheduled.message"].search([("sop_conversation_id", "=", self.talk.id)]))
        self.assertFalse(self.talk.has_scheduled)

    def test_only_what_waits_in_this_conversation_is_taken_back(self):
        scheduled = self.later.action_schedule("Mai nhé", self.at)
        self.hear_zalo()
        elsewhere = self.later.browse(self.chat(self.oa).id)
        elsewhere.action_cancel(scheduled)
        self.assertTrue(self.talk.has_scheduled)
        for user in (self.other, self.foreign, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.later.with_user(user).action_cancel(scheduled)
        self.assertEqual([row["id"] for row in self.later.get_scheduled()], [scheduled])

    def test_by_core_s_own_door(self):
        values = {"model": "discuss.channel", "res_id": self.talk.channel_id.id, "body": "x", "scheduled_date": self.at}
        scheduled = self.env["mail.scheduled.message"].with_user(self.agent)
        message = scheduled.create(values | {"author_id": self.mate.partner_id.id, "is_note": True})
        self.assertEqual((message.author_id, message.is_note, message.sop_conversation_id), (self.agent.partner_id, False, self.talk))
        with self.assertRaises(UserError):
            message.scheduled_date = fields.Datetime.now() + timedelta(days=3)
        with self.assertRaises(AccessError):
            message.write({"sop_unless_written": True})
        with self.assertRaises(AccessError):
            scheduled.with_user(self.foreign).create(values | {"author_id": self.foreign.partner_id.id})

    def test_not_in_a_live_chat(self):
        talk = self.make("Khách web", kind="livechat")
        with self.assertRaises(UserError):
            self.env["sop.conversation.later"].with_user(self.agent).browse(talk.id).action_schedule("x", self.at)

    def test_nobody_speaks_in_another_s_name(self):
        message = self.env["mail.scheduled.message"].with_user(self.agent).browse(self.later.action_schedule("Mai em giao ạ", self.at))
        for values in ({"author_id": self.manager.partner_id.id}, {"is_note": True}, {"partner_ids": [(4, self.portal.partner_id.id)]}):
            with self.subTest(values), self.assertRaises(AccessError), self.env.cr.savepoint():
                message.write(values)
        self.run_job()
        self.assertEqual(self.sent().mail_message_id.author_id, self.agent.partner_id)
