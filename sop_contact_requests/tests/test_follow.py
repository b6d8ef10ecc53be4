"""The seller follows up: what became of a request, whom to speak to again, figures, colleagues, the list as a file."""

import io
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import HttpCase, freeze_time, tagged
from openpyxl import load_workbook

from .common import PHONE, FormCase


@tagged("post_install", "-at_install")
class TestFollow(FormCase, HttpCase):
    def setUp(self):
        super().setUp()
        for user in self.seller | self.seller_b | self.rival:
            user.password = user.login
        self.authenticate("sop_seller", "sop_seller")

    def _again(self, kind, user=None):
        Request = self.env["sop.contact.request"].with_user(user or self.seller)
        return Request.search(Request._get_seller_domain() & Request._get_filter_domain({"only": kind})).with_env(self.env)

    def test_outcome_beside_the_status(self):
        request = self._new_request()
        request.with_user(self.seller).action_set_outcome("appointment")
        self.assertEqual((request.outcome, request.state, request.is_new), ("appointment", "contact_again", False))
        request.with_user(self.seller).action_set_state("not_contacted")
        self.assertEqual(request.outcome, "appointment", "the status is the seller's own word")
        request.with_user(self.seller).action_set_state("contact_again")
        request.with_user(self.seller).action_set_outcome("sold")
        self.assertEqual((request.outcome, request.state), ("sold", "contact_again"), "a status that was given stays")
        request.with_user(self.seller).action_set_outcome(False)
        self.assertFalse(request.outcome)
        with self.assertRaises(UserError):
            request.with_user(self.seller).action_set_outcome("stolen")
        with self.assertRaises(AccessError):
            request.with_user(self.rival).action_set_outcome("sold")

    def test_nothing_is_changed_after_the_end(self):
        request = self._new_request()
        self.right.action_revoke()
        for action, value in (("outcome", "sold"), ("speak", "call"), ("hand", self.seller_b.id)):
            answer = self.url_open(f"/my/contact-requests/{request.id}/{action}", json={"params": {"value": value}}).json()
            self.assertIn(self.an.name, answer["error"]["data"]["message"], action)
        self.assertFalse(request.outcome or request.user_id or request.reveal_ids)

    def test_who_asked_for_what_is_sold(self):
        other = self._new_listing("Chân máy", self.an)
        buyer, waiting = self._new_request(), self._new_request(phone="+84912345670")
        elsewhere = self._new_request(listing_id=other.id, phone="+84912345671")
        self.assertFalse(self._again("gone"))
        buyer.with_user(self.seller).action_set_outcome("sold")
        self.assertEqual(self._again("gone"), waiting)
        other.is_published = False
        self.assertEqual(self._again("gone"), waiting | elsewhere)
        self.assertIn("Ống", self.listing_binh.name)
        self._entitle(self.binh)
        self.assertFalse(self._again("gone", self.rival), "the lists of another seller")
        waiting.with_user(self.seller).action_speak_again("call")
        self.assertEqual(self._again("gone"), elsewhere, "who was spoken to is not asked again the next day")

    def test_whose_listing_costs_less_now(self):
        request = self._leave(ways=["sms"]).request_id
        self.listing.list_price = 120
        self.assertFalse(self._again("price"))
        self.listing.list_price = 80
        self.assertEqual(self._again("price"), request)
        answer = request.with_user(self.seller).action_speak_again("sms")
        self.assertTrue(answer["url"].startswith(f"sms:{PHONE}?&body="), answer["url"])
        self.assertIn(self.listing.website_url, answer["text"])
        self.assertFalse(self._again("price"), "they know")
        self.listing.list_price = 70
        with freeze_time(fields.Datetime.now() + timedelta(days=15)):
            self.assertEqual(self._again("price"), request)
            self.listing.is_published = False
            self.assertFalse(self._again("price"))

    def test_nobody_spoke_to_them_for_14_days(self):
        request = self._new_request()
        request.with_user(self.seller).action_set_state("contacted")
        refused = self._new_request(phone="+84912345670")
        refused.with_user(self.seller).action_set_outcome("not_bought")
        with freeze_time(fields.Datetime.now() + timedelta(days=13)):
            self.assertFalse(self._again("cold"))
        with freeze_time(fields.Datetime.now() + timedelta(days=15)):
            self.assertEqual(self._again("cold"), request)
            request.with_user(self.seller).action_set_reminder(fields.Datetime.now() + timedelta(days=1))
            self.assertFalse(self._again("cold"))

    def test_only_in_the_ways_the_buyer_agreed_to(self):
        entry = self._leave(ways=["zalo"])
        request = entry.request_id
        with self.assertRaises(UserError):
            request.with_user(self.seller).action_speak_again("sms")
        self.assertFalse(request.reveal_ids, "a refusal gives nothing out")
        answer = request.with_user(self.seller).action_speak_again("zalo")
        self.assertEqual(answer["url"], "https://zalo.me/0912345678")
        self.assertEqual(request.reveal_ids.user_id, self.seller, "a message is a reveal")
        self._leave(ways=[], message="Hỏi lại")
        self.assertFalse(request.allow_zalo, "the buyer's last word counts")
        self._leave(ways=["sms"], message="Hỏi nữa")
        request.entry_ids._withdraw()
        self.assertEqual(request._get_ways(), [])
        with self.assertRaises(UserError):
            request.with_user(self.seller).action_speak_again("call")
        self.assertFalse(self._again("gone") | self._again("price") | self._again("cold"))

    def test_the_form_asks_and_the_private_page_tells(self):
        self.authenticate(None, None)
        text = self.url_open(f"/sop/contact-request/{self.listing.id}").text
        self.assertIn('name="way_zalo"', text)
        self.assertNotIn("checked", text, "nothing is agreed to beforehand")
        self.company.sop_min_fill_seconds = 0
        stamp = self.env["sop.contact.request"]._make_stamp(self.listing)
        data = {"listing_id": self.listing.id, "buyer_name": "Lan", "phone": "0912 345 678", "consent": "1", "way_zalo": "1", "stamp": stamp}
        self.assertEqual(self.url_open("/sop/contact-request", data=data).status_code, 200)
        request = self.env["sop.contact.request"].search([("buyer_name", "=", "Lan")])
        self.assertEqual((request.allow_zalo, request.allow_sms), (True, False))
        self.assertIn("Zalo", self.url_open(self._link(request.entry_ids)).text)

    def test_figures_by_listing_and_month(self):
        other = self._new_listing("Chân máy", self.an)
        for state, outcome in (("contacted", "sold"), ("contact_again", "appointment"), ("contacted", False), ("not_contacted", False)):
            request = self._new_request(phone=f"+8491234567{len(state)}{bool(outcome):d}"[:12])
            request.write({"state": state})
            request.write({"outcome": outcome})
        self._new_request(listing_id=other.id, requested_at=fields.Datetime.now() - timedelta(days=70))
        self._new_request(requested_at=fields.Datetime.now() - timedelta(days=500))
        self._new_request(listing_id=self.listing_binh.id)
        report = self.env["sop.seller.report"].with_user(self.seller).sudo()._get_funnel(self.an)
        self.assertEqual(report["total"][1:], (5, 3, 1, 1))
        self.assertEqual([(row.name, *row[1:]) for row in report["by_listing"]], [("Máy ảnh cũ", 4, 3, 1, 1), ("Chân máy", 1, 0, 0, 0)])
        self.assertEqual([row.asked for row in report["by_month"]], [4, 1])
        text = self.url_open("/my/contact-requests/figures").text
        self.assertIn("Chân máy", text)
        self.assertNotIn(self.listing_binh.name, text)

    def test_appointments_are_counted_once_made(self):
        request = self._new_request()
        request.with_user(self.seller).action_set_state("contacted")
        request.with_user(self.seller).action_set_reminder(fields.Datetime.now() + timedelta(days=1))
        self.assertTrue(request.appointment_at, "a reminder on somebody who was reached")
        request.with_user(self.seller).action_set_outcome("sold")
        self.assertEqual(self.env["sop.seller.report"]._get_funnel(self.an)["total"][1:], (1, 1, 1, 1))

    def test_the_stage_of_the_opportunity(self):
        request = self._new_request()
        request.with_user(self.seller).action_create_lead()
        self.assertEqual(request.with_user(self.seller).lead_stage, request.lead_id.stage_id.name)
        self.assertIn("o_sop_stage", self.url_open("/my/contact-requests").text)
        request.lead_id.action_set_lost()
        self.assertEqual(request.lead_stage, self.env._("Lost"))
        self._entitle(self.binh)
        theirs = self._new_request(listing_id=self.listing_binh.id)
        theirs.lead_id = request.lead_id
        self.assertFalse(theirs.lead_stage or request.lead_stage, "one that two sellers share is the shop's")

    def test_the_listing_is_a_link_while_it_is_there(self):
        request = self._new_request().with_user(self.seller)
        self.assertEqual(request.listing_url, self.listing.website_url)
        self.assertIn(f'href="{self.listing.website_url}"', self.url_open("/my/contact-requests").text)
        self.listing.is_published = False
        self.assertFalse(request.listing_url)
        self.assertIn(self.listing.name, self.url_open("/my/contact-requests").text)

    def test_the_file_holds_only_numbers_one_was_shown(self):
        shown, hidden = self._new_request(buyer_name="=1+1"), self._new_request(phone="+84977665544", buyer_name="Hoa")
        shown.with_user(self.seller).action_reveal_phone()
        hidden.with_user(self.seller_b).action_reveal_phone()

        def rows(query=""):
            answer = self.url_open(f"/my/contact-requests/export{query}")
            self.assertEqual((answer.status_code, answer.headers["Cache-Control"]), (200, "no-store"))
            return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()]

        head, *lines = rows()
        by_name = {line[0]: line for line in lines}
        self.assertEqual(len(head), 10)
        self.assertEqual(by_name["=1+1"][2], "0912345678")
        self.assertTrue(by_name["Hoa"][2].startswith("•"), "a colleague's reveal is not one's own")
        self.assertEqual(len(rows("?search=Hoa")), 2)
        shown.consent_withdrawn_at = fields.Datetime.now()
        self.assertTrue({line[0]: line for line in rows()}["=1+1"][2].startswith("•"))
        shown.consent_withdrawn_at = False
        self.right.action_revoke()
        self.assertTrue({line[0]: line for line in rows()}["=1+1"][2].startswith("•"), "hidden again after the end")
        self.authenticate("sop_rival", "sop_rival")
        self.assertEqual(len(rows()), 1)

    def test_colleagues_see_who_has_it_and_hand_it_over(self):
        request = self._new_request()
        request.with_user(self.seller).action_reveal_phone()
        self.assertEqual(request.user_id, self.seller)
        request.with_user(self.seller).action_set_reminder(fields.Datetime.now() + timedelta(days=1))
        request.with_user(self.seller_b).action_set_state("contacted")
        self.assertEqual(request.user_id, self.seller, "looking does not take it away")
        text = self.url_open("/my/contact-requests").text
        self.assertIn("o_sop_shown_by", text)
        self.make_jsonrpc_request(f"/my/contact-requests/{request.id}/hand", {"value": self.seller_b.id})
        self.assertEqual((request.user_id, request.reminder_user_id), (self.seller_b, self.seller_b))
        self.assertEqual(self._again("mine", self.seller_b), request)
        self.assertFalse(self._again("mine"))
        for stranger in (self.rival, self.staff, self.env.ref("base.public_user")):
            with self.assertRaises(UserError):
                request.with_user(self.seller).action_hand_over(stranger.id)

    def test_nobody_who_has_left_is_given_a_request(self):
        request = self._new_request()
        self.seller_b.active = False
        for person in (self.seller_b.id, 2**31 - 1):
            with self.assertRaisesRegex(UserError, "does not work for the seller"):
                request.with_user(self.seller).action_hand_over(person)
        self.assertFalse(request.user_id)
        self.assertTrue(request.is_new, "nothing was done with it")

    def test_handed_over_twice_it_is_announced_once(self):
        request = self._new_request()
        with patch.object(type(self.env["res.users"]), "_bus_send", autospec=True) as sent:
            for _time in range(2):
                request.with_user(self.seller).action_hand_over(self.seller_b.id)
        handed = [call for call in sent.call_args_list if call.args[1] == "sop_contact_requests/handed"]
        self.assertEqual([call.args[0] for call in handed], [self.seller_b])

    def test_a_reminder_that_has_rung_does_not_ring_for_the_next_one(self):
        request = self._new_request()
        request.with_user(self.seller).action_set_reminder(fields.Datetime.now() + timedelta(days=1))
        request.reminder_sent_at = fields.Datetime.now()
        request.with_user(self.seller).action_hand_over(self.seller_b.id)
        self.assertEqual((request.user_id, request.reminder_user_id), (self.seller_b, self.seller))

    def test_everybody_with_a_listing_finds_the_list(self):
        self.assertFalse(self.env["sop.seller.entitlement"].search([("seller_id", "=", self.binh.id)]))
        self.authenticate("sop_rival", "sop_rival")
        self.assertIn("/my/contact-requests", self.url_open("/my/home").text)
        self.assertIn('href="/my/contact-requests"', self.url_open("/my/home").text)
        self.listing_binh.unlink()
        self.assertNotIn('href="/my/contact-requests"', self.url_open("/my/home").text)

    def test_the_empty_list_says_what_is_true(self):
        self.assertRegex(self.url_open("/my/contact-requests").text, r'o_sop_shown_listings">1<')
        self._new_listing("Chân máy", self.an)
        self.assertRegex(self.url_open("/my/contact-requests").text, r'o_sop_shown_listings">2<')
        self.env["product.template"].search([("sop_seller_id", "=", self.an.id)]).is_published = False
        self.assertNotIn("o_sop_shown_listings", self.url_open("/my/contact-requests").text)

    def test_search_without_accents_and_by_a_number_one_was_shown(self):
        request, other = self._new_request(), self._new_request(phone="+84977665544", buyer_name="Đặng Hoà")
        request.with_user(self.seller).action_reveal_phone()
        Request = self.env["sop.contact.request"]

        def found(words, user=None):
            return Request.with_user(user or self.seller).search(Domain("search_words", "ilike", words)).with_env(self.env)

        for words in ("nguyen van", "NGUYỄN", "Nguye\u0302\u0303n", "may anh cu"):
            self.assertIn(request, found(words), words)
        self.assertEqual(found("dang hoa"), other)
        self.assertEqual(found("hoà"), other)
        for words in ("0912 345 678", "+84912345678", "912.345.678", "345678"):
            self.assertEqual(found(words), request, words)
            self.assertFalse(found(words, self.staff), "nobody showed it to them")
        self.assertFalse(found("0977 665 544"))
        self.assertFalse(found("0912345678", self.rival))
        for words in ("(", "\\", "[a-", "%", "_", "*" * 100, "ho"):
            found(words)
        for operator, value, wanted in (  # what a client may send beside the box
            ("=", "dang hoa", other),
            ("in", ["dang hoa", "nguyen van"], request | other),
            ("not ilike", "dang hoa", request),
            ("!=", "dang hoa", request),
            ("=", False, Request),
        ):
            with self.subTest(operator=operator, value=value):
                self.assertEqual(Request.search([("search_words", operator, value)]) & (request | other), wanted)
        self.assertIn("Đặng Hoà", self.url_open("/my/contact-requests?search=dang+hoa").text)
