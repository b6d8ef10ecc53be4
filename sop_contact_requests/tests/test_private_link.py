"""The buyer's private link against those who would misuse it, and what withdrawing and deleting really do (C14)."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .common import PHONE, FormCase, run_cron


@tagged("post_install", "-at_install")
class TestPrivateLink(FormCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(cls.env, "sop_salesman", groups="sales_team.group_sale_salesman_all_leads")

    def _do(self, entry, action, **values):
        return self.env["sop.contact.request"]._handle_buyer(self._link(entry).rpartition("/")[2], action, values)

    # === THE LINK ITSELF === #

    def test_opening_it_changes_nothing(self):
        """Previews of chat apps, prefetching browsers and crafted links only ever read."""
        entry = self._leave()
        for action in ("delete", "withdraw", "correct"):
            self.assertEqual(self.url_open(f"{self._link(entry)}?action={action}&buyer_name=Ai&phone=0987654321").status_code, 200)
        self.assertTrue(entry.exists())
        self.assertFalse(entry.withdrawn_at)
        self.assertEqual(entry.name, "Trần Mua")

    def test_times_are_those_of_the_market(self):
        """Also where nobody has set a time zone: buyers have none."""
        self.company.partner_id.tz = False
        entry = self._leave()
        entry.consent_at = entry.withdrawn_at = "2026-03-01 18:30:00"
        page = self.url_open(self._link(entry)).text
        self.assertEqual((page.count("02/03/2026 01:30"), page.count("2026-03-02 01:30")), (2, 2), "in the card, and in the list of one's data")
        self.assertNotIn("18:30", page)

    def test_nobody_keeps_frames_or_learns_the_address(self):
        headers = self.url_open(self._link(self._leave())).headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["X-Robots-Tag"], "noindex")
        self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
        self.assertIn("script-src 'self'", headers["Content-Security-Policy"], "no tracker of the site sees the address")

    def test_it_counts_only_what_was_shown_since(self):
        """Somebody who types another person's number must not see that the seller has called it already."""
        first = self._leave()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
            first.request_id.with_user(self.seller).action_reveal_phone()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=10)):
            second = self._leave(name="Kẻ Lạ")
        self.assertEqual(first.request_id, second.request_id)
        self.assertEqual((len(first._get_reveals()), len(second._get_reveals())), (1, 0))
        with freeze_time(fields.Datetime.now() + timedelta(minutes=15)):
            first.request_id.with_user(self.seller).action_reveal_phone()
        self.assertEqual((len(first._get_reveals()), len(second._get_reveals())), (2, 1))

    # === WITHDRAWING === #

    def test_withdrawing_closes_every_form_of_the_same_person(self):
        self._leave()
        again = self._leave(name="trần mua", message="Gọi sau 18h")
        self._do(again, "withdraw")
        self.assertTrue(again.request_id.consent_withdrawn_at, "who withdraws is not called because they asked twice")

    def test_a_stranger_withdraws_only_their_own(self):
        mine, strangers = self._leave(), self._leave(name="Kẻ Lạ", message="Của lạ")
        self._do(strangers, "withdraw")
        self.assertFalse(mine.request_id.consent_withdrawn_at)
        with freeze_time(fields.Datetime.now() + timedelta(days=16)):
            run_cron(self, "cron_erase")
        self.assertFalse(strangers.exists(), "what was withdrawn goes, although the request stays")
        self.assertEqual((mine.request_id.message, mine.request_id.buyer_name), ("Còn không?", "Trần Mua"))

    def test_withdrawing_stops_reminder_and_opportunity(self):
        self.company.sop_auto_lead = True
        entry = self._leave()
        request = entry.request_id
        request.with_user(self.seller).action_set_reminder(fields.Datetime.now() + timedelta(hours=1))
        touched = request.touched_at
        self._do(entry, "withdraw")
        run_cron(self, "cron_lead")
        self.assertFalse(request.lead_id, "no new copy of a number that was taken back")
        self.assertFalse(request.reminder_at, "nobody is told to call")
        self.assertEqual(request.touched_at, touched)

    # === CORRECTING AND DELETING === #

    def test_a_stranger_changes_no_name(self):
        mine, strangers = self._leave(), self._leave(name="Kẻ Lạ", message="Của lạ")
        self._do(strangers, "correct", buyer_name="Khác Nữa", phone="0912345678", message="Của lạ")
        self.assertEqual(mine.request_id.buyer_name, "Trần Mua")
        self._do(mine, "correct", buyer_name="Trần Thị Mua", phone="0912345678", message="Còn không?")
        self.assertEqual(mine.request_id.buyer_name, "Trần Thị Mua")

    def test_the_name_goes_with_the_form_that_brought_it(self):
        mine, second = self._leave(), self._leave(name="Người Sau", message="Hai")
        request = second.request_id
        request.with_user(self.seller).action_set_state("contacted")
        self._do(mine, "delete")
        self.assertFalse(request.is_new, "less is no news")
        self.assertEqual((request.buyer_name, request.message), ("Người Sau", "Hai"))

    def test_deleting_does_not_touch_leads_of_others(self):
        """Anybody can type a known customer's number: deleting that must not wipe what the shop knows of them."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Khách quen",
                "contact_name": "Chị Hoa",
                "phone": "0912 345 678",
                "team_id": self.team.id,
                "type": "opportunity",
                "country_id": self.env.ref("base.vn").id,
                "company_id": self.company.id,
            }
        )
        lead.message_post(body="Đã hẹn")
        entry = self._leave(name="Kẻ Lạ")
        entry.request_id.with_user(self.salesman).action_create_lead()
        self.assertEqual(entry.request_id.lead_id, lead)
        messages = lead.message_ids
        self._do(entry, "delete")
        self.assertEqual((lead.contact_name, lead.phone_sanitized, lead.name), ("Chị Hoa", PHONE, "Khách quen"))
        self.assertTrue(messages.exists() and messages == lead.message_ids)

    def test_a_lead_of_two_requests_goes_with_the_last(self):
        first = self._leave()
        first.request_id.with_user(self.salesman).action_create_lead()
        second = self._leave(listing=self._new_listing("Túi máy", self.an))
        second.request_id.with_user(self.salesman).action_create_lead()
        lead = first.request_id.lead_id
        self.assertEqual(second.request_id.lead_id, lead)
        self._do(first, "delete")
        self.assertEqual(lead.phone_sanitized, PHONE, "the other request still stands")
        self._do(second, "delete")
        self.assertFalse(lead.phone or lead.contact_name)

    def test_a_corrected_number_reaches_the_lead(self):
        entry = self._leave()
        entry.request_id.with_user(self.salesman).action_create_lead()
        self._do(entry, "correct", buyer_name="Trần Mua", phone="0987654321", message="")
        self.assertEqual(entry.request_id.lead_id.phone_sanitized, "+84987654321")
