from odoo import fields
from odoo.tests import BaseCase, tagged

from ...tools import facebook_conversions as conversions
from ...tools.outcome import Answer, converse
from ..channel_common import PSID, ChannelCommon


@tagged("post_install", "-at_install")
class TestConversionWords(BaseCase):
    def test_hashes(self):
        self.assertEqual(conversions.digest_phone("+84901234567"), "f0a4b3a2d998485bc744a2e6fcb2dec760b843aba1f24a84edf4bf32c68e71d5")
        self.assertTrue(conversions.digest_phone("+1 (650) 555-1212").startswith("e323ec626319ca94"))
        self.assertTrue(conversions.digest_email(" John_Smith@gmail.com ").startswith("62a14e44f765419d"))
        self.assertEqual((conversions.digest_phone(""), conversions.digest_email(None)), ("", ""))

    def test_one_bad_event_does_not_take_the_batch(self):
        calls = []

        def meta(call):
            calls.append(len(call.json["data"]))
            bad = any(event["bad"] for event in call.json["data"])
            return Answer(400, {"error": {"code": 100, "message": "Invalid"}}) if bad else Answer(200, {"events_received": 1, "fbtrace_id": "T"})

        events = [{"bad": index == 13} for index in range(40)]
        outcomes = converse(conversions.talk("u", "d", "t", events), meta)
        self.assertEqual([outcome.state for outcome in outcomes].count("sent"), 39)
        self.assertEqual(outcomes[13].state, "failed")
        self.assertLess(len(calls), 14)

    def test_what_meta_would_refuse(self):
        now = fields.Datetime.now()
        event = conversions.build("purchase", "k", now, "P", "1", value=5, currency="VND")
        self.assertEqual(conversions.problem_of(event), "")
        old = conversions.build("purchase", "k", fields.Datetime.subtract(now, days=8), "P", "1", value=5, currency="VND")
        self.assertEqual(conversions.problem_of(old), "time")
        self.assertEqual(conversions.problem_of(conversions.build("lead", "k", now, "P", "")), "nobody")


@tagged("post_install", "-at_install")
class TestConversions(ChannelCommon):
    """Orders and leads told to Meta: with consent, once, never when cancelled."""

    def setUp(self):
        super().setUp()
        self.hear_text("0901234567")
        self.talk = self.chat()
        self.page.dataset_ref = "DS"
        partner = self.env["res.partner"].browse(self.talk.with_user(self.manager).sudo().action_create_partner())
        self.order = self.env["sale.order"].create({"partner_id": partner.id, "sop_conversation_id": self.talk.id})
        self.event = self.env["sop.conversion.event"]._record(self.order, "purchase")
        self.event = self.event or self.order.sop_conversion_event_ids.filtered(lambda e: e.kind == "purchase")

    def tell(self, answer=None):
        """Tell Meta what may be told now; returns the events it got."""
        events = self.order.sop_conversion_event_ids.filtered(lambda e: e.state == "queued" and not e._skip_reason()).filtered("has_consent")
        told = []

        def meta(call):
            told.extend(call.json["data"])
            return answer or Answer(200, {"events_received": 1, "fbtrace_id": "T1"})

        events and events._keep(converse(events._job(self.page), meta))
        return told

    def test_a_job_writes_in_the_company_s_language(self):
        """What a job keeps for people to read is in the language of their company; a person's own stands above it."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.company.partner_id.lang = "vi_VN"
        nobody, reader = self.page.with_context(lang=None), self.page.with_context(lang="en_US")
        self.assertEqual(nobody._reason_text("gone"), "Bình luận không còn tồn tại.")
        self.assertEqual(reader._reason_text("gone"), "The comment does not exist any more.")
        self.order.action_cancel()
        self.assertEqual(self.event.with_context(lang=None)._skip_reason(), "Đơn hàng đã hủy.")

    def test_consent_first(self):
        self.assertFalse(self.tell())
        self.order.partner_id.sop_tracking_consent = True
        self.assertTrue(self.order.partner_id.sop_tracking_consent_at)
        told = [event for event in self.tell() if event["event_name"] == "Purchase"]
        self.assertEqual(len(told), 1)
        self.assertEqual((told[0]["user_data"]["page_scoped_user_id"], told[0]["event_id"]), (PSID, self.event.event_key))
        self.assertEqual(told[0]["user_data"]["ph"], [conversions.digest_phone("+84901234567")])
        self.assertEqual((self.event.state, self.event.answer), ("sent", "T1"))
        self.assertFalse(self.tell(), "once")

    def test_consent_keeps_its_words(self):
        """Date, person and the words of that day stand with the consent; taking it back is dated too."""
        partner, company = self.order.partner_id, self.env.company
        company.sop_consent_text = "Bản 1"
        partner.with_user(self.manager).sudo().sop_tracking_consent = True
        self.assertEqual((partner.sop_tracking_consent_text, partner.sop_tracking_consent_by_id), ("Bản 1", self.manager))
        company.sop_consent_text = "Bản 2"
        partner.sop_tracking_consent = True
        self.assertEqual(partner.sop_tracking_consent_text, "Bản 1", "said again, nothing new was agreed to")
        partner.sop_tracking_consent = False
        self.assertEqual((partner.sop_tracking_consent_text, bool(partner.sop_tracking_consent_at)), (False, True))
        company.sop_consent_text = False
        new = self.env["res.partner"].create({"name": "Mới", "sop_tracking_consent": True})
        self.assertIn(company.name, new.sop_tracking_consent_text)

    def test_what_waits_for_consent_stands_in_nobodys_way(self):
        events = self.env["sop.conversion.event"]
        self.assertNotIn(self.event, events.search(events._due_domain()))
        self.order.partner_id.sop_tracking_consent = True
        self.assertIn(self.event, events.search(events._due_domain()))

    def test_cancelled_is_never_told(self):
        self.order.partner_id.sop_tracking_consent = True
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertFalse(self.tell())

    def test_confirmed_again_is_told_after_all(self):
        """Nothing lost: taken back with its order, and told once when the order is confirmed again."""
        self.order.partner_id.sop_tracking_consent = True
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual(self.event.state, "cancelled")
        self.order.action_draft()
        self.order.order_line = [(0, 0, {"product_id": self.env["product.product"].create({"name": "Công may", "type": "service"}).id})]
        self.order.action_confirm()
        self.assertEqual(self.event.state, "queued")
        told = [event["event_name"] for event in self.tell()]
        self.assertEqual((told.count("Purchase"), self.event.state), (1, "sent"))
        self.order.with_context(disable_cancel_warning=True).action_cancel()
        self.order.action_draft()
        self.order.action_confirm()
        self.assertFalse(self.tell(), "what was told is not told again")

    def test_a_stopped_page_stands_in_nobodys_way(self):
        events = self.env["sop.conversion.event"]
        self.order.partner_id.sop_tracking_consent = True
        self.assertEqual(self.event._still_due(), self.event)
        self.page.sudo().is_paused = True
        self.assertNotIn(self.event, events.search(events._due_domain()))
        self.order.partner_id.sop_tracking_consent = False
        self.assertFalse(self.event._still_due(), "taken back while another page was told")

    def test_it_stops_before_meta_counts_twice(self):
        self.order.partner_id.sop_tracking_consent = True
        self.tell(Answer(500, {}))
        self.assertEqual(self.event.state, "queued")
        self.event.at = fields.Datetime.subtract(self.now, hours=45)
        self.event._give_up_old()
        self.assertEqual(self.event.state, "failed")

    def test_a_lead_is_told_once(self):
        self.north.sop_process = True
        for _time in range(2):
            self.talk.with_user(self.agent).action_create_lead()
        self.assertEqual(len(self.env["sop.conversion.event"].search([("conversation_id", "=", self.talk.id), ("kind", "=", "lead")])), 1)
