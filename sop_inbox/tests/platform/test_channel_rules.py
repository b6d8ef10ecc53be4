from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...tools.outcome import Answer
from ..channel_common import TalkCommon
from ..outbound.test_channel_out import PNG


@tagged("post_install", "-at_install")
class TestChannelRules(TalkCommon):
    """What platforms allow and offer on the way out: limits, quotations, templates, forms; and whom the demo talks to."""

    def test_pages_keep_below_the_platforms_limit(self):
        """Beyond the limit rows wait by themselves; other pages and other kinds of rows do not."""
        rows = [self.say_back(f"Tin {number}") for number in range(3)]
        for number, row in enumerate(rows):
            row.queue_key = f"other{number}"
        with patch.object(type(self.env["sop.provider.facebook"]), "_limits", ((("text",), 2, 30), (("file",), 0, 30))):
            self.assertEqual(len(self.deliver(lambda call: {"message_id": call.json["message"]["text"]})), 2)
            self.assertEqual([row.state for row in rows], ["sent", "sent", "queued"])
            self.assertGreater(rows[2].next_attempt_at, self.now)
            rows[2].next_attempt_at = self.now
            self.assertFalse(self.deliver(lambda call: {"message_id": "x"}), "half a minute is not over")
        self.assertEqual(rows[2].attempts, 0, "waiting is no attempt")
        rows[2].next_attempt_at = self.now
        self.assertEqual(len(self.deliver(lambda call: {"message_id": "x"})), 1)

    def test_reply_quotes_the_message_it_answers(self):
        asked = self.row("m_1").mail_message_id
        self.say_back("Dạ cái này ạ", parent_id=asked.id)
        [call] = self.deliver(lambda call: {"message_id": "m_out"})
        self.assertEqual(call.json["reply_to"], {"mid": "m_1"})
        self.say_back("Không trích")
        [call] = self.deliver(lambda call: {"message_id": "m_out2"})
        self.assertNotIn("reply_to", call.json)
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        self.say_back("Dạ có", parent_id=self.row("z1").mail_message_id.id)
        [call] = self.deliver(lambda call: {"error": 0, "data": {"message_id": "z_out"}})
        self.assertEqual(call.json["message"], {"text": "Dạ có", "quote_message_id": "z1"})

    def test_a_file_the_platform_does_not_take_is_refused_before_anything_goes(self):
        """With what it takes instead; one such file among several, and none of them goes."""
        self.hear_zalo()
        self.talk = self.chat(self.oa)
        zalo, pdf = type(self.env["sop.provider.zalo"]), ("bao-gia.pdf", b"%PDF-1.4\n%%EOF\n")
        for name in ("bao-gia.zip", "bao-gia.PDF.exe", "khong-duoi"):
            with self.subTest(name), self.assertRaisesRegex(UserError, f"“{name}”.*csv, doc, docx, pdf"), self.env.cr.savepoint():
                self.say_back("Gửi bạn", attachments=[pdf, (name, b"PK")])
        with patch.object(zalo, "_file_limit", 5):
            with self.assertRaisesRegex(UserError, "“bao-gia.pdf”.*Zalo.*MB"), self.env.cr.savepoint():
                self.say_back("Gửi bạn", attachments=[pdf])
            self.assertEqual(self.say_back("", attachments=[("a.png", PNG)]).part, "file", "a picture is made as small as it has to be")
        with patch.object(zalo, "_parts", frozenset({"text"})), self.assertRaisesRegex(UserError, "^[^“]*$"), self.env.cr.savepoint():
            self.say_back("Gửi bạn", attachments=[pdf])
        sent = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("direction", "=", "out")])
        self.assertEqual(sent.attachment_id.mapped("name"), ["a.png"])
        self.assertEqual(len(self.say_back("Gửi bạn", attachments=[("BAO-GIA.PDF", pdf[1])])), 2, "the words, and the file")

    def test_template_goes_when_the_window_is_closed(self):
        """Meta's utility template: approved ones only, every blank filled, whatever the window."""
        listing = [
            {"name": "giao_hang", "language": "vi", "status": "APPROVED", "components": [{"type": "BODY", "text": "Đơn {{1}} giao {{2}}"}]},
            {"name": "giao_hang", "language": "en", "status": "APPROVED", "components": [{"type": "BODY", "text": "Order {{1}} comes {{2}}"}]},
            {"name": "cho_duyet", "language": "vi", "status": "PENDING", "components": []},
            {"name": 5},
        ]
        with patch("odoo.addons.sop_inbox.models.channel.sop_channel_account.perform", lambda call, **_trusted: Answer(200, {"data": listing})):
            for _time in range(2):
                self.page.with_user(self.manager).action_fetch_templates()
        templates = self.env["sop.channel.template"].search([("account_id", "=", self.page.id)])
        self.assertEqual(templates.mapped("state"), ["other", "approved", "approved"])
        template, agent = templates[2], self.talk.with_user(self.agent)
        self.assertNotIn("templates", agent.get_panel()["window"])
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, days=30)
        english, shown = agent.get_panel()["window"]["templates"]
        self.assertEqual(english["name"], "giao_hang (en)", "two languages of one template are told apart")
        self.assertEqual(shown, {"id": template.id, "name": "giao_hang (vi)", "text": template.body, "blanks": ["1", "2"]})
        for values in ([], ["SO1"], ["SO1", " "], ["a", "b", "c"]):
            with self.assertRaises(UserError):
                agent.action_send_template(template.id, values)
        with self.assertRaises(UserError):
            agent.action_send_template(templates[0].id)
        with self.assertRaises(AccessError):
            self.talk.with_user(self.other).action_send_template(template.id, ["SO1", "mai"])
        agent.action_send_template(template.id, ["SO1", "mai"])
        [call] = self.deliver(lambda call: {"message_id": "m_tpl"})
        self.assertEqual((call.json["messaging_type"], call.json["message"]["template"]["name"]), ("UTILITY", "giao_hang"))
        texts = [part["text"] for part in call.json["message"]["template"]["components"][0]["parameters"]]
        self.assertEqual((texts, self.row("m_tpl").state, self.talk.preview), (["SO1", "mai"], "sent", "Đơn SO1 giao mai"))

    def test_pages_of_the_demo_talk_to_a_double_or_to_nobody(self):
        row = self.say_back()
        self.fb_app.is_demo = True
        self.assertEqual((self.page.health, len(self.page._check_problems())), ("unplugged", 1))
        self.assertFalse(self.deliver(lambda call: {"message_id": "m_out"}), "never to the real platform")
        self.assertEqual(row.state, "queued")
        self.fb_app.api_url = "http://127.0.0.1:1"
        [call] = self.deliver(lambda call: {"message_id": "m_out"})
        self.assertTrue(call.url.startswith("http://127.0.0.1:1/"))
        self.page.invalidate_recordset(["health"])
        self.assertNotEqual(self.page.health, "unplugged")

    def test_zalo_asks_for_the_phone_in_its_own_form(self):
        self.hear_zalo()
        talk = self.chat(self.oa)
        self.assertTrue(talk.with_user(self.agent).get_panel()["can_ask_info"])
        talk.with_user(self.agent).action_request_info()
        [call] = self.deliver(lambda call: {"error": 0, "data": {"message_id": "z_form"}})
        payload = call.json["message"]["attachment"]["payload"]
        self.assertEqual(payload["template_type"], "request_user_info")
        self.assertEqual(set(payload["elements"][0]), {"title", "subtitle", "image_url"})
        self.assertEqual(self.row("z_form").state, "sent")
        self.hear_zalo("user_submit_info", "", "", 30, info={"name": "Lê C", "phone": "84901234567", "address": "1 Lê Lợi"})
        self.assertEqual((talk.has_phone, talk.phone), (True, "+84901234567"))
        with self.assertRaises(UserError):
            self.talk.with_user(self.agent).action_request_info()
        with self.assertRaises(AccessError):
            talk.with_user(self.other).action_request_info()
