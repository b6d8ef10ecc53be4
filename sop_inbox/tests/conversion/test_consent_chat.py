import unicodedata
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..channel_common import TalkCommon


@tagged("post_install", "-at_install")
class TestConsentInTheChat(TalkCommon):
    """Consent to ad measurement is asked in the chat, answered there, and kept with its words."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Chị Hoa", "company_id": self.company.id})
        self.talk.partner_id = self.partner
        self.desk = self.env["sop.conversation.consent"].with_user(self.agent).browse(self.talk.id)

    def test_asked_and_agreed_by_the_customer(self):
        self.assertEqual(self.desk.get_consent()["state"], "none")
        self.desk.action_ask()
        row = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("direction", "=", "out")])
        self.assertIn(self.company._get_consent_text()[:40], row.text)
        self.assertEqual(len(row.payload["choices"]), 2)
        self.assertEqual(self.talk.with_user(self.agent).get_panel()["consent"]["state"], "asked")
        self.hear_text("Đồng ý", "m_2", self.later())
        self.assertTrue(self.partner.sop_tracking_consent)
        self.assertEqual(self.partner.sop_tracking_consent_text, self.company._get_consent_text())
        self.assertEqual(self.desk.get_consent()["state"], "given")

    def test_refused_and_other_words(self):
        self.desk.action_ask()
        self.hear_text("Đồng ý mua 2 cái", "m_2", self.later())
        self.assertFalse(self.partner.sop_tracking_consent)
        self.hear_text("không đồng ý", "m_3", self.later())
        self.assertEqual((self.partner.sop_tracking_consent, self.desk.get_consent()["state"]), (False, "refused"))

    def test_nobody_asked(self):
        self.hear_text("Đồng ý", "m_2", 1)
        self.assertFalse(self.partner.sop_tracking_consent_at)

    def test_politely(self):
        answers = {"Dạ, đồng ý ạ!": True, "không ạ": False, unicodedata.normalize("NFD", "Đồng ý nha shop"): True}
        for number, (words, given) in enumerate(answers.items()):
            self.desk.action_ask()
            self.hear_text(words, f"m_2{number}", self.later())
            self.assertEqual(self.partner.sop_tracking_consent, given, words)

    def test_said_before_the_question(self):
        """A message the platform delivers late, from before it was asked, agrees to something else."""
        self.desk.action_ask()
        self.hear_text("Đồng ý", "m_2", 1)
        self.assertFalse(self.partner.sop_tracking_consent_at)
        self.assertEqual(self.desk.get_consent()["state"], "asked")

    def test_an_answer_to_something_else_said_since(self):
        """Between the question and a polite yes the shop asked about the parcel: that is what they agree to."""
        question = self.env["mail.message"].browse(self.desk.action_ask())
        question.date = self.talk.consent_asked_at = question.date - timedelta(minutes=1)
        self.reply(self.talk, "Ship 30k chị đồng ý không ạ?")
        self.hear_text("Dạ đồng ý ạ", "m_2", self.later())
        self.assertFalse(self.partner.sop_tracking_consent_at)
        self.assertEqual(self.desk.get_consent()["state"], "asked")

    def test_taken_back_in_the_chat(self):
        self.desk.action_ask()
        self.hear_text("đồng ý", "m_2", self.later())
        self.hear_text("Không", "m_3", self.later())
        self.assertTrue(self.partner.sop_tracking_consent, "says no to something else")
        self.hear_text("Không đồng ý nha", "m_4", self.later())
        self.assertEqual((self.partner.sop_tracking_consent, self.desk.get_consent()["state"]), (False, "refused"))
        self.hear_text("Đồng ý", "m_5", self.later())
        self.assertFalse(self.partner.sop_tracking_consent, "nobody asked again")

    def test_recorded_by_staff(self):
        self.desk.action_set(True)
        self.assertEqual((self.partner.sop_tracking_consent, self.partner.sop_tracking_consent_by_id), (True, self.agent))
        self.desk.action_set(False)
        self.assertEqual(self.desk.get_consent()["state"], "refused")

    def test_not_where_nothing_is_reported(self):
        self.hear_zalo()
        desk = self.env["sop.conversation.consent"].with_user(self.agent).browse(self.chat(self.oa).id)
        self.assertFalse(desk.get_consent())
        with self.assertRaises(UserError):
            desk.action_ask()
        with self.assertRaises(AccessError):
            self.desk.with_user(self.foreign).action_set(True)
