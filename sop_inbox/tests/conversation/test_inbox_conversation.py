from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..common import InboxCommon


@tagged("post_install", "-at_install")
class TestConversation(InboxCommon):
    """Columns and states of a conversation, as messages and buttons move them."""

    def test_one_thread_per_customer_and_page(self):
        first = self.make()
        self.assertEqual(self.make(), first)
        self.assertEqual(first.channel_id.channel_type, "sop_inbox")
        self.assertEqual(first.channel_id.sop_conversation_id, first)
        self.assertFalse(first.channel_id.channel_member_ids, "nobody becomes a member of an unassigned chat")

    def test_one_comment_thread_per_post_and_customer(self):
        thread = self.make(kind="comment", thread_ref="post-1")
        self.assertEqual(self.make(kind="comment", thread_ref="post-1"), thread)
        self.assertNotEqual(self.make(kind="comment", thread_ref="post-2"), thread)
        self.assertNotEqual(self.make(), thread)
        self.assertEqual(self.make().identity_id, thread.identity_id)

    def test_customer_writes(self):
        conversation = self.make()
        self.say(conversation, "Áo này còn không?")
        self.say(conversation, "Size M ạ")
        self.assertRecordValues(
            conversation,
            [
                {
                    "unread_count": 2,
                    "is_unanswered": True,
                    "state": "open",
                    "preview": "Size M ạ",
                    "preview_side": "in",
                    "has_phone": False,
                }
            ],
        )
        self.assertEqual(conversation.channel_id.message_ids[0].author_guest_id, conversation.identity_id.guest_id)

    def test_reply_of_a_person_answers_and_reads(self):
        conversation = self.make()
        self.say(conversation)
        self.reply(conversation, "Còn bạn nhé")
        self.assertRecordValues(conversation, [{"unread_count": 0, "is_unanswered": False, "preview": "Còn bạn nhé", "preview_side": "out"}])
        self.assertEqual(conversation.user_id, self.agent, "who answers first has it")
        self.assertEqual(conversation.channel_id.channel_member_ids.partner_id, self.agent.partner_id)

    def test_bot_neither_reads_nor_answers(self):
        conversation = self.make()
        self.say(conversation)
        conversation._post_outbound("Shop sẽ trả lời ngay ạ", auto=True)
        self.assertRecordValues(conversation, [{"unread_count": 1, "is_unanswered": True, "preview_side": "auto"}])
        self.assertFalse(conversation.last_outbound_at)

    def test_notices_change_nothing(self):
        conversation = self.make()
        body = "đổi tên"
        conversation.channel_id.message_post(body=body, message_type="notification")
        self.assertRecordValues(conversation, [{"unread_count": 0, "is_unanswered": False, "preview": False}])

    def test_late_message_is_unread_but_does_not_undo_the_answer(self):
        conversation = self.make()
        self.say(conversation, "Một", at=datetime(2026, 1, 1, 8, 0))
        conversation._post_outbound("Hai", at=datetime(2026, 1, 1, 8, 5), user=self.agent)
        self.say(conversation, "Muộn", at=datetime(2026, 1, 1, 8, 3))
        self.assertRecordValues(
            conversation,
            [{"unread_count": 1, "is_unanswered": False, "preview": "Hai", "last_message_at": datetime(2026, 1, 1, 8, 5)}],
        )

    def test_reading_up_to_a_message_leaves_what_came_later(self):
        conversation = self.make()
        seen = self.say(conversation, "Một")
        self.say(conversation, "Hai")
        conversation.with_user(self.agent).action_mark_read(seen.id)
        self.assertEqual(conversation.unread_count, 1)
        conversation.with_user(self.agent).action_mark_read()
        conversation.with_user(self.agent).action_mark_read()
        self.assertEqual(conversation.unread_count, 0)
        self.assertTrue(conversation.is_unanswered, "reading is not answering")

    def test_phone_in_a_message_is_found_and_matches_the_customer(self):
        partner = self.env["res.partner"].create({"name": "Chị Hoa", "phone": "0901234567", "country_id": self.env.ref("base.vn").id})
        conversation = self.make()
        self.say(conversation, "Gọi em số 090.123.4567 nhé")
        self.assertRecordValues(conversation, [{"has_phone": True, "phone": "+84901234567", "partner_match": "phone"}])
        self.assertEqual(conversation.partner_id, partner)

    def test_price_is_no_phone(self):
        conversation = self.make()
        self.say(conversation, "Giá 350.000đ được không?")
        self.assertFalse(conversation.has_phone)

    def test_two_customers_with_one_phone_match_nobody(self):
        self.env["res.partner"].create([{"name": n, "phone": "+84901234567"} for n in ("Hoa", "Huệ")])
        conversation = self.make()
        self.say(conversation, "0901234567")
        self.assertFalse(conversation.partner_id)

    def test_states(self):
        conversation = self.make()
        self.say(conversation)
        mine = conversation.with_user(self.agent)
        mine.action_done()
        mine.action_done()
        self.assertRecordValues(conversation, [{"state": "done", "done_by_id": self.agent.id, "unread_count": 0}])
        self.say(conversation, "Alo?")
        self.assertRecordValues(conversation, [{"state": "open", "done_by_id": False, "unread_count": 1}])
        mine.action_spam()
        self.say(conversation, "Vay tiền không?")
        self.assertEqual(conversation.state, "spam", "spam stays spam until somebody replies")
        self.reply(conversation)
        self.assertEqual(conversation.state, "open")

    def test_closing_leaves_what_the_screen_did_not_show(self):
        """The customer wrote in between: refused, open and unread; not asked, or nothing new: closed."""
        tomorrow = fields.Datetime.add(fields.Datetime.now(), days=1)
        closings = {"action_done": ([], "done"), "action_spam": ([], "spam"), "action_snooze": ([tomorrow], "snoozed")}
        for name, (arguments, state) in closings.items():
            conversation = self.make(name)
            close = getattr(conversation.with_user(self.agent), name)
            seen = self.say(conversation, "Một")
            conversation.with_user(self.agent).action_mark_read()
            newer = self.say(conversation, "Hai")
            before = conversation.read(["state", "unread_count", "is_unanswered", "reply_due_at", "read_message_ref"])
            told = f"^{name} has written meanwhile, so nothing was changed. Read the new message first.$"
            with self.subTest(name), self.assertRaisesRegex(UserError, told):
                close(*arguments, seen.id)
            self.assertEqual(conversation.read(list(before[0])), before)
            self.assertEqual((conversation.state, conversation.unread_count), ("open", 1))
            for last in ([newer.id], [newer.id + 1], [], [False]):
                conversation.with_user(self.agent).action_reopen()
                close(*arguments, *last)
                self.assertEqual(conversation.state, state, last)

    def test_who_may_not_close_is_not_told_of_messages(self):
        conversation = self.make()
        seen = self.say(conversation, "Một")
        self.say(conversation, "Hai")
        theirs = conversation.with_user(self.other)
        for close in (theirs.action_done, theirs.action_spam, lambda last: theirs.action_snooze("2099-01-01 00:00:00", last)):
            with self.assertRaises(AccessError):
                close(seen.id)
        [result] = theirs.action_bulk("done", None, [seen.id])
        self.assertFalse(result["ok"])
        self.assertNotIn("meanwhile", result["error"])

    def test_snoozed_wakes_once(self):
        conversation = self.make()
        with freeze_time("2026-03-01 08:00:00"):
            conversation.with_user(self.agent).action_snooze("2026-03-01 09:00:00")
            self.assertFalse(self.env["sop.conversation"]._cron_wake())
        with freeze_time("2026-03-01 09:00:00"):
            self.assertEqual(self.env["sop.conversation"]._cron_wake(), conversation)
            self.assertFalse(self.env["sop.conversation"]._cron_wake())
        self.assertRecordValues(conversation, [{"state": "open", "snoozed_until": False}])

    def test_customer_wakes_snoozed(self):
        conversation = self.make()
        conversation.with_user(self.agent).action_snooze(fields.Datetime.now() + timedelta(days=1))
        self.say(conversation)
        self.assertRecordValues(conversation, [{"state": "open", "snoozed_until": False}])

    def test_snooze_into_the_past_is_refused(self):
        for until in ("2001-01-01 00:00:00", False):
            with self.subTest(until=until), self.assertRaises(UserError):
                self.make().with_user(self.agent).action_snooze(until)

    def test_claim_has_one_winner(self):
        conversation = self.make()
        conversation.with_user(self.agent).action_claim()
        conversation.with_user(self.agent).action_claim()
        with self.assertRaises(UserError) as caught:
            conversation.with_user(self.mate).action_claim()
        self.assertIn("Lan", str(caught.exception))
        self.assertEqual(conversation.user_id, self.agent)

    def test_only_the_assignee_is_a_member(self):
        conversation = self.make()
        mine = conversation.with_user(self.agent)
        mine.action_assign(self.agent.id)
        mine.action_assign(self.mate.id)
        self.assertEqual(conversation.channel_id.channel_member_ids.partner_id, self.mate.partner_id)
        mine.action_done()
        self.assertFalse(conversation.channel_id.channel_member_ids)
        mine.action_reopen()
        self.assertEqual(conversation.channel_id.channel_member_ids.partner_id, self.mate.partner_id)

    def test_nobody_outside_the_inbox_or_company_is_assigned(self):
        conversation = self.make()
        for user in (self.portal, self.foreign):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                conversation.with_user(self.manager).action_assign(user.id)

    def test_kept_columns_are_not_written_by_people(self):
        conversation = self.make().with_user(self.agent)
        for vals in (
            {"unread_count": 0},
            {"state": "done"},
            {"user_id": self.agent.id},
            {"has_phone": True},
            {"company_id": self.company_b.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                conversation.write(vals)
        conversation.tag_ids = self.env["crm.tag"].create({"name": "Khách sỉ"})
        self.assertEqual(conversation.tag_ids.name, "Khách sỉ")

    def test_note_into_the_chat_is_refused(self):
        body = "khó tính"
        with self.assertRaises(UserError):
            self.make().channel_id.message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_note")

    def test_edited_last_message_changes_the_line(self):
        conversation = self.make()
        message = self.say(conversation, "Sai")
        conversation.channel_id._message_update_content(message, body="Đúng")
        self.assertEqual(conversation.preview, "Đúng")

    def test_orders_are_counted_until_cancelled(self):
        conversation = self.make()
        orders = self.env["sale.order"].create([{"partner_id": self.portal.partner_id.id, "sop_conversation_id": conversation.id} for _i in range(2)])
        self.assertEqual(conversation.order_count, 2)
        orders[0]._action_cancel()
        self.assertEqual(conversation.order_count, 1)
        orders[1].unlink()
        self.assertEqual(conversation.order_count, 0)

    def test_strange_messages_are_shown_safely(self):
        conversation = self.make()
        message = self.say(conversation, "<script>alert(1)</script>\u202e x" + "a" * 100_000)
        self.assertNotIn("<script", message.body)
        self.assertLess(len(message.body), 70_000)
        self.assertTrue(conversation.preview.startswith("<script>alert(1)</script> x"))
        self.say(conversation, "")
        self.say(conversation, None, attachments=[("trick.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")])
        attachment = conversation.channel_id.message_ids[0].attachment_ids
        self.assertEqual(attachment.mimetype, "text/plain")
        self.assertRegex(conversation.preview, r"^\[\w+\]$", "told in the language of the shop")

    def test_conversation_is_not_copied(self):
        with self.assertRaises(UserError):
            self.make().copy()

    def test_closed_window_stops_the_reply_with_its_reason(self):
        account = self.env["sop.channel.account"]._for_livechat(self.env["im_livechat.channel"].create({"name": "Web"}))
        self.assertEqual(account.provider, "livechat")
        self.assertTrue(account._get_provider().window(self.make())["open"])

    def test_deleted_customer_leaves_the_conversation(self):
        partner = self.env["res.partner"].create({"name": "An", "phone": "+84901234567"})
        conversation = self.make()
        self.say(conversation)
        conversation.partner_id = partner
        partner.unlink()
        self.assertFalse(conversation.partner_id)
        panel = conversation.with_user(self.agent).get_panel()
        self.assertFalse(panel["partner"])
        self.reply(conversation)
        self.assertFalse(conversation.is_unanswered, "the chat goes on")

    def test_merged_customers_bring_their_conversations_along(self):
        partners = self.env["res.partner"].create([{"name": "An"}, {"name": "Nguyễn An"}])
        conversations = [self.make(f"K{number}", partner_id=partner.id) for number, partner in enumerate(partners)]
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, partners[1])
        self.env.invalidate_all()
        self.assertEqual([c.partner_id for c in conversations], [partners[1]] * 2)
        earlier = conversations[0].with_user(self.agent).get_panel()["earlier"]
        self.assertEqual([item["id"] for item in earlier], [conversations[1].id], "each is among the other's earlier ones")

    def test_deleted_chat_takes_its_conversation_along(self):
        conversation = self.make()
        self.say(conversation)
        self.reply(conversation)
        order = self.env["sale.order"].create({"partner_id": self.portal.partner_id.id, "sop_conversation_id": conversation.id})
        conversation.channel_id.unlink()
        self.assertFalse(conversation.exists())
        self.assertTrue(order.exists())
        self.assertFalse(self.env["sop.response"].search([("conversation_id", "=", conversation.id)]))
        again = self.make()
        self.assertNotEqual(again, conversation, "the customer writes again: a new one begins")
