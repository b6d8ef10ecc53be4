import json
from contextlib import nullcontext
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from ...models.outbound.sop_channel_message_outbox import _converse
from ...tools import facebook_api, zalo_api
from ...tools.outcome import Answer, Outcome
from ..channel_common import PAGE, POST, PSID, ZUSER, TalkCommon

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)


@tagged("post_install", "-at_install")
class TestChannelOut(TalkCommon):
    """Replies on their way to platforms: what is told apart, and what people see of it."""

    def test_reply_goes_once(self):
        row = self.say_back()
        self.assertEqual((row.state, row.part, row.text), ("queued", "text", "Dạ còn ạ"))
        [call] = self.deliver(lambda call: {"message_id": "m_out", "recipient_id": PSID})
        self.assertEqual(call.json["recipient"], {"id": PSID})
        self.assertEqual((call.json["messaging_type"], call.json["message"]["text"]), ("RESPONSE", "Dạ còn ạ"))
        self.assertEqual(call.params, {"access_token": "T1"})
        self.assertEqual((row.state, row.external_ref), ("sent", "m_out"))
        self.assertFalse(self.deliver(lambda call: {}), "nothing left to send")
        self.hear_echo("Dạ còn ạ", "m_out", app_id="app1", metadata=row.client_ref)
        self.assertEqual(len(self.talk.channel_message_ids), 2, "the echo of our own words is no second message")

    def test_echo_beats_the_answer(self):
        row = self.say_back()

        def answer(call):
            self.hear_echo("Dạ còn ạ", "m_out", app_id="app1", metadata=row.client_ref)
            self.assertEqual(row.state, "sent")
            return {"message_id": "m_out"}

        self.deliver(answer)
        self.assertEqual((row.state, row.external_ref), ("sent", "m_out"))
        self.assertEqual(len(self.talk.channel_message_ids), 2)

    def test_lost_answer_waits_for_the_echo(self):
        row = self.say_back()
        self.deliver(lambda call: Answer(0, broken="lost"))
        self.assertEqual(row.state, "unknown")
        self.assertFalse(self.deliver(lambda call: {"message_id": "twice"}), "never sent again before it is settled")
        self.hear_echo("Dạ còn ạ", "m_out", app_id="app1", metadata=row.client_ref)
        self.assertEqual((row.state, row.external_ref, row.reason), ("sent", "m_out", False))

    def test_without_echo_a_person_decides(self):
        """Never doubled by itself, whatever else arrives: its echo may be what the platform has yet to repeat."""
        row = self.say_back()
        self.deliver(lambda call: Answer(0, broken="lost"))
        row._settle_doubts()
        self.assertEqual(row.state, "unknown", "its echo has two minutes")
        self.hear_echo("Từ điện thoại", "m_other", app_id="77")
        row.next_attempt_at = fields.Datetime.now()
        row._settle_doubts()
        self.assertEqual((row.state, row.reason, self.talk.has_unsent), ("failed", "lost", True))
        self.assertFalse(self.deliver(lambda call: {"message_id": "twice"}), "it does not go by itself")
        self.hear_echo("Dạ còn ạ", "m_late", app_id="app1", metadata=row.client_ref)
        self.assertEqual((row.state, row.external_ref, self.talk.has_unsent), ("sent", "m_late", False), "its echo came after all")

    def test_every_refusal_has_a_sentence(self):
        """All that the platforms' own lists can answer is a reason that people can read."""
        reasons = self.page._reasons().keys()
        self.assertFalse({*facebook_api.FINAL.values(), *zalo_api.FINAL.values()} - reasons)

    def test_a_reason_of_no_list_is_an_error_in_the_log(self):
        """A slip in a platform's code is not silence: it is logged, and the reply says what the platform said."""
        facebook = type(self.env["sop.provider.facebook"])
        for reason, level in (("comment_gone", 1), ("", 0), ("gone", 0)):
            row = self.say_back()
            self.patch(facebook, "talk", lambda _service, _outgoing: Outcome("failed", code="9", reason=reason, detail="Not there"))  # noqa: B023
            with self.assertLogs("odoo.addons.sop_inbox.models.outbound.sop_channel_message_outbox", "ERROR") if level else nullcontext() as logs:
                self.deliver(lambda call: {})
            self.assertEqual((row.state, row.reason), ("failed", "gone" if reason == "gone" else "other"))
            if level:
                self.assertIn("'comment_gone'", logs.output[0])
                self.assertTrue(row.reason_text.endswith("[9] Not there"))

    def test_the_next_reply_waits_for_the_doubtful_one(self):
        first, second = self.say_back("Một"), self.say_back("Hai")
        self.deliver(lambda call: Answer(0, broken="lost"))
        self.assertFalse(self.deliver(lambda call: {"message_id": "early"}))
        first.next_attempt_at = fields.Datetime.now()
        first._settle_doubts()
        [call] = self.deliver(lambda call: {"message_id": "m_2"})
        self.assertEqual((call.json["message"]["text"], first.state, second.state), ("Hai", "failed", "sent"))

    def store(self, body, received_at):
        """Store a body as the webhook does; no worker comes to it yet."""
        self.env["sop.channel.event"]._store(self.fb_app, self.fb_app._get_service().split(json.dumps(body).encode()))
        events = self.env["sop.channel.event"].search([("app_id", "=", self.fb_app.id), ("state", "=", "new")])
        events.received_at = received_at
        return events

    def test_an_echo_that_waits_to_be_applied_counts_as_heard(self):
        """The platform has told it, but no worker has come to it: nobody is asked to send it again."""
        row = self.say_back()
        self.deliver(lambda call: Answer(0, broken="lost"))
        row.next_attempt_at = self.now
        echo = self.messenger(0, PAGE, PSID, message={"mid": "m_out", "text": "Dạ còn ạ", "is_echo": True, "metadata": row.client_ref})
        events = self.store(echo, fields.Datetime.add(self.now, seconds=60))
        row._settle_doubts()
        self.assertEqual(row.state, "unknown")
        events._apply({})
        self.assertEqual(row.state, "sent")

    def test_what_the_page_was_told_in_time_is_applied_first(self):
        """An answer to a comment comes back under another name than the customer's."""
        row = self.say_back()
        self.deliver(lambda call: Answer(0, broken="lost"))
        row.next_attempt_at = self.now
        events = self.store(self.messenger(0, "777", message={"mid": "m_777", "text": "Alo"}), self.now)
        row._settle_doubts()
        self.assertEqual(row.state, "unknown")
        events._apply({})
        row._settle_doubts()
        self.assertEqual(row.state, "failed", "all was applied, and its echo was not among it")

    def test_row_of_a_dead_worker_becomes_unknown(self):
        row = self.say_back()
        row._claim()
        row._settle_doubts()
        self.assertEqual(row.state, "sending", "its worker may still be at it")
        row.claimed_at = fields.Datetime.subtract(self.now, seconds=200)
        row._settle_doubts()
        self.assertEqual(row.state, "unknown")
        self.assertGreater(row.next_attempt_at, self.now, "the echo's time counts from now")
        row.next_attempt_at = fields.Datetime.now()
        row._settle_doubts()
        self.assertEqual((row.state, row.reason), ("failed", "interrupted"), "a crash doubles nothing: a person decides")
        self.hear_echo("Dạ còn ạ", "m_late", metadata=row.client_ref)
        self.assertEqual(row.state, "sent", "its echo came after all")

    def test_one_broken_row_leaves_the_others_alone(self):
        """Nothing lost: a file somebody removed meanwhile fails by itself, and so does a dialogue that breaks."""
        [gone] = self.say_back("", attachments=[("a.png", PNG)])
        gone.attachment_id.unlink()
        self.deliver(lambda call: {"message_id": "m_1"})
        self.assertEqual((gone.state, gone.reason, gone.may_have_arrived), ("failed", "file", False))
        with mute_logger("odoo.addons.sop_inbox.models.outbound.sop_channel_message_outbox"):
            self.assertEqual(_converse(iter("no dialogue")).state, "unknown")

    def test_news_of_a_row_while_its_answer_is_written(self):
        """Nothing lost by a race: the writing is done once more, on what is there now."""
        tries = []

        def work():
            tries.append(1)
            if len(tries) == 1:
                raise UniqueViolation
            return "done"

        with patch.object(type(self.env["ir.cron"]), "_commit_progress"), patch.object(self.env.cr, "rollback"):
            self.assertEqual(self.env["sop.channel.message"]._in_own_transaction(work), "done")

    def test_sent_again_by_the_way_that_is_open_now(self):
        """Queued in the last hour of the plain window, failed after it: as a human agent it goes."""
        row = self.say_back()
        self.page.human_agent = True
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, hours=25)
        self.assertFalse(self.deliver(lambda call: {"message_id": "m"}))
        self.assertEqual((row.state, row.reason), ("failed", "window"))
        row.with_user(self.agent).action_retry()
        [call] = self.deliver(lambda call: {"message_id": "m"})
        self.assertEqual((call.json["tag"], row.state), ("HUMAN_AGENT", "sent"))

    def test_order_within_a_conversation(self):
        first, second = self.say_back("Một"), self.say_back("Hai")
        self.deliver(lambda call: Answer(0, broken="unsent"))
        self.assertEqual((first.state, second.state), ("queued", "queued"))
        self.assertGreater(first.next_attempt_at, self.now)
        self.assertFalse(self.deliver(lambda call: {"message_id": "x"}), "the second waits for the first")
        first.next_attempt_at = self.now
        calls = self.deliver(lambda call: {"message_id": call.json["message"]["text"]}, rounds=2)
        self.assertEqual([call.json["message"]["text"] for call in calls], ["Một", "Hai"])

    def test_other_conversations_do_not_wait(self):
        self.say_back()
        self.deliver(lambda call: Answer(0, broken="unsent"))
        self.hear(self.fb_app, self.messenger(sender="777", message={"mid": "m_other", "text": "Alo"}))
        other = self.page.conversation_ids - self.talk
        self.reply(other, "Chào")
        self.assertEqual(len(self.deliver(lambda call: {"message_id": "o"})), 1)

    def test_final_refusal_says_why_and_can_be_sent_again(self):
        row = self.say_back()
        self.deliver(lambda call: Answer(400, {"error": {"code": 551, "message": "unavailable"}}))
        self.assertEqual(row.state, "failed")
        shown = row.mail_message_id._sop_delivery()[row.mail_message_id.id]
        self.assertEqual((shown["state"], shown["canRetry"]), ("failed", True))
        self.assertTrue(shown["reason"])
        self.assertEqual(self.page.failed_count, 1)
        row.with_user(self.agent).action_retry()
        self.deliver(lambda call: {"message_id": "m_out"})
        self.assertEqual(row.state, "sent")

    def test_a_screen_that_missed_the_news_is_shown_it(self):
        """Pressed where an old state stands: nothing is sent twice, and the screen is put right."""
        row = self.say_back()
        self.deliver(lambda call: {"message_id": "m_out"})
        for press in ("action_retry", "action_arrived"):
            with self.subTest(press):
                self.env.cr.precommit.run()
                self.env["bus.bus"].search([]).unlink()
                getattr(row.with_user(self.agent), press)()
                self.env.cr.precommit.run()
                [news] = self.env["bus.bus"].search([("message", "like", "sop_delivery")])
                self.assertIn('"state":"sent"', news.message.replace(" ", ""))
                self.assertFalse(self.deliver(lambda call: {"message_id": "m_twice"}))

    def test_nobody_else_may_retry(self):
        row = self.say_back()
        row.state = "failed"
        for user in (self.other, self.foreign, self.portal):
            with self.assertRaises(UserError):
                row.with_user(user).action_retry()
        self.assertEqual(row.state, "failed")

    def test_after_eight_attempts_it_is_dead(self):
        row = self.say_back()
        for _attempt in range(8):
            row.next_attempt_at = self.now
            self.deliver(lambda call: Answer(400, {"error": {"code": 2}}))
        self.assertEqual((row.state, row.attempts), ("failed", 8))

    def test_dead_token_stops_the_channel(self):
        row = self.say_back()
        calls, rows = [], self.env["sop.channel.message"]
        self.deliver(lambda call: calls.append(call) or Answer(400, {"error": {"code": 190}}))
        self.page._token_refused("T1")
        self.assertEqual((row.state, row.attempts, self.page.is_paused, self.page.health), ("queued", 0, True, "down"))
        self.assertFalse(rows._claim())
        self.page.access_token = "T2"
        self.assertFalse(self.page.is_paused)
        self.assertEqual(self.deliver(lambda call: {"message_id": "m"})[0].params["access_token"], "T2")

    def test_rate_limit_slows_the_page_down(self):
        row = self.say_back()
        self.deliver(lambda call: Answer(400, {"error": {"code": 613}}))
        self.assertEqual((row.state, row.attempts), ("queued", 0))
        self.assertGreater(self.page.paused_until, fields.Datetime.now())
        row.next_attempt_at = self.now
        self.assertFalse(row._claim())

    def test_long_text_and_pictures_in_order_uploaded_once(self):
        text = " ".join(["dài"] * 900)
        rows = self.say_back(text, attachments=[("a.png", PNG)])
        self.assertEqual(rows.mapped("part"), ["text", "text", "file"])
        numbers = iter(range(100))

        def platform(call):
            return {"attachment_id": "A1"} if call.files else {"message_id": f"m_{next(numbers)}x"}

        calls = self.deliver(platform, rounds=3)
        self.assertEqual(sum(bool(call.files) for call in calls), 1)
        self.assertTrue(all(row.state == "sent" for row in rows))
        self.say_back("", attachments=[("b.png", PNG)])
        again = self.deliver(platform)
        self.assertEqual([bool(call.files) for call in again], [False], "the same file is not uploaded twice")

    def test_product_goes_as_a_card(self):
        product = self.env["product.product"].create({"name": "Váy hoa", "list_price": 350000, "taxes_id": False})
        self.talk.with_user(self.agent).action_send_product(product.id)
        [call] = self.deliver(lambda call: {"message_id": "m_card"})
        payload = call.json["message"]["attachment"]["payload"]
        self.assertEqual((payload["template_type"], payload["elements"][0]["title"]), ("generic", "Váy hoa"))
        self.assertIn("350", payload["elements"][0]["subtitle"])

    # === WINDOWS ===

    def test_window_of_messenger(self):
        window = self.talk._get_window()
        self.assertEqual((window["open"], window["until"]), (True, fields.Datetime.add(self.now, hours=24)))
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, hours=25)
        with self.assertRaisesRegex(UserError, "24"):
            self.reply(self.talk, "muộn")
        self.page.human_agent = True
        self.assertEqual(self.talk._get_window()["tag"], "human_agent")
        row = self.say_back("người thật")
        [call] = self.deliver(lambda call: {"message_id": "m"})
        self.assertEqual((row.tag, call.json["messaging_type"], call.json["tag"]), ("human_agent", "MESSAGE_TAG", "HUMAN_AGENT"))
        bot = self.talk._post_outbound("máy trả lời", auto=True)
        self.assertFalse(self.deliver(lambda call: {"message_id": "bot"}), "a bot is no human agent")
        self.assertEqual(bot._sop_delivery()[bot.id]["state"], "failed")
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, days=8)
        self.assertFalse(self.talk._get_window()["open"])

    def test_ad_opens_seven_days(self):
        self.talk.write({"last_inbound_at": fields.Datetime.subtract(self.now, hours=30), "ad_at": fields.Datetime.subtract(self.now, days=6)})
        self.assertTrue(self.talk._get_window()["open"])

    def test_window_closes_while_it_waits(self):
        row = self.say_back()
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, hours=25)
        self.assertFalse(self.deliver(lambda call: {"message_id": "m"}), "refused before the platform refuses")
        self.assertEqual((row.state, row.reason), ("failed", "window"))

    def test_marks_in_any_order(self):
        row = self.say_back()
        body = self.messenger(0, read={"watermark": self.messenger(3600)["entry"][0]["time"]})
        self.hear(self.fb_app, body)
        self.assertEqual(row.state, "queued", "what has not gone cannot be read")
        self.talk.identity_id.read_until = fields.Datetime.add(self.now, hours=1)
        self.deliver(lambda call: {"message_id": "m_out"})
        self.assertEqual(row.state, "read")

    def test_a_mark_begins_no_conversation(self):
        """A page with a past: what its customers read is kept, and counts for what staff wrote when that comes."""
        watermark = self.messenger(3600)["entry"][0]["time"]
        self.hear(self.fb_app, self.messenger(0, "5550", read={"watermark": watermark}))
        identity = self.env["sop.identity"].search([("external_id", "=", "5550")])
        self.assertTrue(identity.read_until)
        self.assertFalse(identity.conversation_ids)
        self.hear(self.fb_app, self.messenger(0, PAGE, "5550", message={"mid": "m_old", "text": "Chào chị", "is_echo": True, "app_id": "9"}))
        self.assertEqual((self.row("m_old").state, identity.conversation_ids.preview), ("read", "Chào chị"))

    def test_what_was_read_just_before_is_no_reading_of_this(self):
        """The customer read the shop's words and the next ones go in the same second: those are sent, not read."""
        row = self.say_back()
        self.talk.identity_id.read_until = self.env.cr.now() - timedelta(microseconds=1)
        self.deliver(lambda call: {"message_id": "m_out"})
        self.assertEqual(row.state, "sent")

    # === ZALO ===

    def test_zalo_reply_echo_and_seen(self):
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        row = self.say_back("Dạ có")
        [call] = self.deliver(lambda call: Answer(0, broken="lost"))
        self.assertEqual((call.headers, call.json["recipient"]), ({"access_token": "Z1"}, {"user_id": ZUSER}))
        self.assertEqual(row.state, "unknown")
        self.hear_zalo("oa_send_text", "z_out", "Dạ có", 3600)
        self.assertEqual((row.state, row.external_ref), ("sent", "z_out"), "Zalo's echo has no word of ours: the same words settle it")
        self.hear_zalo("user_seen_message", "z_out", "", 3600)
        self.assertEqual(row.state, "read")
        self.hear_zalo("oa_send_text", "z_app", "Từ app Zalo", 3600)
        self.assertEqual((self.talk.preview, self.talk.is_unanswered), ("Từ app Zalo", False))

    def test_zalo_echo_of_what_a_person_decided(self):
        """Never doubled: Zalo's echo has no word of ours, yet it settles what waits to go again, and what somebody saw there."""
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        for number, decide in enumerate(("action_retry", "action_arrived")):
            with self.subTest(decide):
                row = self.say_back(f"Dạ có {number}")
                self.deliver(lambda call: Answer(0, broken="lost"))
                row.next_attempt_at = fields.Datetime.now()
                row._settle_doubts()
                getattr(row, decide)()
                before = len(self.talk.channel_message_ids)
                self.hear_zalo("oa_send_text", f"z_late{number}", f"Dạ có {number}", 120)
                self.assertEqual((row.state, row.external_ref), ("sent", f"z_late{number}"))
                self.assertEqual(len(self.talk.channel_message_ids), before, "no second message in the chat")
                self.assertFalse(self.deliver(lambda call: {"error": 0, "data": {"message_id": "z_twice"}}))

    def test_zalo_words_said_again_are_a_message_of_their_own(self):
        """Nothing lost: what was refused, or tried long before, is not what staff writes in Zalo now with the same words."""
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        refused = self.say_back("Dạ còn")
        self.deliver(lambda call: Answer(200, {"error": -230, "message": "window"}))
        self.assertEqual((refused.state, refused.may_have_arrived), ("failed", False))
        doubtful = self.say_back("Dạ hết")
        self.deliver(lambda call: Answer(0, broken="lost"))
        doubtful.write({"state": "failed", "claimed_at": fields.Datetime.subtract(self.now, hours=1)})
        before = len(self.talk.channel_message_ids)
        self.hear_zalo("oa_send_text", "z_app1", "Dạ còn", 120)
        self.hear_zalo("oa_send_text", "z_app2", "Dạ hết", 120)
        self.assertEqual(((refused | doubtful).mapped("state"), len(self.talk.channel_message_ids)), (["failed", "failed"], before + 2))

    def test_zalo_echo_taken_for_another_reply(self):
        """Nothing lost: the reply it was taken for is in doubt again when the right one's answer comes."""
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        first = self.say_back("Dạ")
        self.deliver(lambda call: Answer(0, broken="lost"))
        first._require_manual_check()
        second = self.say_back("Dạ")
        second._claim()
        self.hear_zalo("oa_send_text", "z_2", "Dạ", 120)
        self.assertEqual((second.external_ref, first.state), ("z_2", "failed"), "what is on its way comes first")
        third = self.say_back("Dạ")
        first.write({"external_ref": "z_3", "state": "sent"})  # the echo was heard when the third one's answer was lost
        third._settle("z_3")
        self.assertEqual((third.state, third.external_ref, first.state, first.external_ref), ("sent", "z_3", "failed", False))
        self.assertTrue(first.mail_message_id and self.talk.has_unsent)

    def test_zalo_windows(self):
        self.hear_zalo()
        talk = self.chat(self.oa)
        self.assertFalse(talk._get_window()["note"], "Zalo has said nothing yet: nor do we")
        for left in ("7", "0"):
            self.reply(talk, f"Dạ {left}")
            self.deliver(lambda call, left=left: {"error": 0, "data": {"message_id": f"z{left}", "quota": {"quota_type": "reply", "remain": left}}})
            self.assertIn("7" if left == "7" else "cost", talk._get_window()["note"])
        self.hear_zalo(mid="z_later", seconds=3600)
        self.assertFalse(talk._get_window()["note"], "they wrote again: Zalo counts anew")
        talk.last_inbound_at = fields.Datetime.subtract(self.now, days=3)
        self.assertTrue(talk._get_window()["open"])
        talk.last_inbound_at = fields.Datetime.subtract(self.now, days=8)
        self.assertFalse(talk._get_window()["open"])

    # === COMMENTS ===

    def test_comment_with_phone_is_hidden_at_once(self):
        self.hear_comment(text="ib mình 0901234567")
        [call] = self.deliver(lambda call: {"success": True})
        self.assertEqual((call.url.rsplit("/", 1)[1], call.json), (f"{POST}_1", {"is_hidden": True}))
        self.assertTrue(self.row(f"{POST}_1").is_hidden)
        thread = self.chat(kind="comment")
        self.assertEqual((thread.has_phone, thread.phone), (True, "+84901234567"))
        self.hear_comment(ref=f"{POST}_2", text="không có số", seconds=1)
        self.assertFalse(self.deliver(lambda call: {"success": True}))
        self.page.auto_hide = "none"
        self.hear_comment(ref=f"{POST}_3", text="0901234567", seconds=2)
        self.assertFalse(self.deliver(lambda call: {"success": True}))
        thread.post_id.auto_hide = "all"
        self.hear_comment(ref=f"{POST}_4", text="gì đó", seconds=3)
        self.assertEqual(len(self.deliver(lambda call: {"success": True})), 1, "a post may differ from its page")

    def test_phone_that_comes_with_an_edit_is_hidden_too(self):
        """Whichever is heard of first, the comment or its edit."""
        for index, verbs in enumerate((("add", "edited"), ("edited", "add"))):
            ref = f"{POST}_e{index}"
            for verb in verbs:
                text, seconds = ("giá?", -30) if verb == "add" else ("giá? 0901234567", -20)
                self.hear_comment(verb, ref, text, seconds)
            self.deliver(lambda call: {"success": True})
            self.assertTrue(self.row(ref).is_hidden, verbs)

    def test_reply_to_a_comment_and_its_own_webhook(self):
        self.hear_comment()
        self.talk = self.chat(kind="comment")
        self.assertEqual((self.talk.thread_ref, self.talk.name), (POST, "Trần Thị B"))
        row = self.say_back("Dạ còn")

        def platform(call):
            self.hear_comment(ref=f"{POST}_r", text="Dạ còn", sender=PAGE, parent_id=f"{POST}_1")
            return {"id": f"{POST}_r"}

        [call] = self.deliver(platform)
        self.assertTrue(call.url.endswith(f"/{POST}_1/comments"))
        self.assertEqual((row.state, row.external_ref), ("sent", f"{POST}_r"))
        self.assertEqual(len(self.talk.channel_message_ids), 2)

    def test_private_reply_once_then_messages(self):
        self.hear_comment()
        thread = self.chat(kind="comment")
        thread.with_user(self.agent)._sending.action_private_reply("Shop nhắn riêng ạ")
        with self.assertRaises(UserError):
            thread.with_user(self.agent)._sending.action_private_reply("lần nữa")
        pushed = []
        push = lambda conversations: pushed.extend((one.id, one.related_conversation_id.id) for one in conversations)  # noqa: E731
        with patch.object(self.registry["sop.conversation"], "_push_update", push):
            [call] = self.deliver(lambda call: {"recipient_id": "7777", "message_id": "m_priv"})
        self.assertEqual((call.url.rsplit("/", 2)[1], call.json["recipient"]), (PAGE, {"comment_id": f"{POST}_1"}))
        chat = thread.related_conversation_id
        self.assertIn((thread.id, chat.id), pushed, "who has the comment open is shown the way to the chat")
        self.assertEqual((chat.kind, chat.related_conversation_id, chat.identity_id.external_id), ("message", thread, "7777"))
        self.assertFalse(thread.is_unanswered)
        self.assertEqual(chat.preview, "Shop nhắn riêng ạ")
        self.assertFalse(chat._get_window()["open"], "only their answer opens Messenger")
        self.hear(self.fb_app, self.messenger(120, "7777", message={"mid": "m_a", "text": "ok shop"}))
        self.assertEqual((chat.unread_count, chat._get_window()["open"]), (1, True))

    def test_a_number_below_the_post_is_in_the_private_chat(self):
        """Until they answer there, the shop can only call them."""
        self.hear_comment(text="Ib em 0912 345 678")
        thread = self.chat(kind="comment")
        thread.with_user(self.agent)._sending.action_private_reply("Shop nhắn riêng ạ")
        self.deliver(lambda call: {"recipient_id": "7777", "message_id": "m_priv", "success": True})
        chat = thread.related_conversation_id
        self.assertEqual((chat.phone, chat.has_phone, chat.with_user(self.agent).get_panel()["phone"]), ("+84912345678", True, "+84912345678"))
        self.assertEqual(self.env["sop.conversation.tally"]._find_drift(), [])

    def test_private_reply_and_its_answer_in_one_second(self):
        """The customer's answer is heard before ours is known as sent: it is still the last word, and waits for a reply."""
        self.hear_comment()
        thread = self.chat(kind="comment")
        thread.with_user(self.agent)._sending.action_private_reply("Shop nhắn riêng ạ")

        def platform(call):
            seconds = (self.env.cr.now().replace(microsecond=0) - self.now).total_seconds()
            self.hear(self.fb_app, self.messenger(seconds, "7777", message={"mid": "m_a", "text": "ok shop"}))
            return {"recipient_id": "7777", "message_id": "m_priv"}

        self.deliver(platform)
        chat = thread.related_conversation_id
        self.assertEqual((chat.preview, chat.is_unanswered, chat.unread_count), ("ok shop", True, 1))
        self.assertEqual(len(chat.channel_id.message_ids), 2)

    def test_private_reply_within_seven_days(self):
        self.hear_comment(seconds=-8 * 86400)
        with self.assertRaisesRegex(UserError, "7"):
            self.chat(kind="comment").with_user(self.agent)._sending.action_private_reply("muộn")

    def test_private_reply_to_what_is_there(self):
        """Without words, to a comment that is gone, of another thread or of the shop itself: nothing is queued."""
        self.hear_comment()
        thread = self.chat(kind="comment").with_user(self.agent)
        comment, message = self.row(f"{POST}_1"), self.row("m_1")
        comment.is_removed = True
        for text, row in (("  ", None), ("Dạ", comment.id), ("Dạ", None), ("Dạ", message.id), ("Dạ", 2**31 - 1)):
            with self.subTest(text, row=row), self.assertRaisesRegex(UserError, "still there"):
                thread._sending.action_private_reply(text, row)
        self.assertFalse(self.env["sop.channel.message"].search([("part", "=", "private"), ("conversation_id", "=", thread.id)]))
        self.assertFalse(self.deliver(lambda call: {}))

    def test_operations_are_for_customers_comments_alone(self):
        self.hear_comment()
        rows = self.row(f"{POST}_1") | self.row("m_1")
        for name in ("hide", "unhide", "like", "unlike", "delete"):
            with self.subTest(name), self.assertRaisesRegex(UserError, "customer's comment only"):
                getattr(rows.with_user(self.agent), f"action_{name}")()
        self.assertFalse(self.deliver(lambda call: {"success": True}), "none of them, not one of the two")

    def test_the_same_operation_twice_is_one(self):
        self.hear_comment()
        row = self.row(f"{POST}_1").with_user(self.agent)
        for _time in range(3):
            row.action_hide()
        self.assertEqual(len(self.deliver(lambda call: {"success": True}, rounds=3)), 1)
        row.action_hide()
        self.assertFalse(self.deliver(lambda call: {"success": True}), "it is hidden already")

    def test_operations_on_comments(self):
        self.hear_comment()
        row = self.row(f"{POST}_1")
        for name, field, wanted in (
            ("hide", "is_hidden", True),
            ("unhide", "is_hidden", False),
            ("like", "is_liked", True),
            ("unlike", "is_liked", False),
            ("delete", "is_removed", True),
        ):
            getattr(row.with_user(self.agent), f"action_{name}")()
            calls = self.deliver(lambda call: {"success": True})
            self.assertEqual((len(calls), row[field]), (1, wanted), name)
        row.with_user(self.agent).action_delete()
        self.assertFalse(self.deliver(lambda call: {"success": True}), "deleted is deleted")
        with self.assertRaises(UserError):
            row.with_user(self.other).action_hide()
