"""A new request is news (C13): bells, mail as the seller wants it, who counts as having answered, reminders from the press on."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged

from .common import PHONE, RequestCase, run_cron


@tagged("post_install", "-at_install")
class TestNews(RequestCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "shop@example.com"
        cls.seller.password = "sop_password"

    def _ask(self, listing=None, phone=PHONE, message="Còn không?"):
        listing = listing or self.listing
        number = self.env["sop.contact.entry"].search_count([])
        checked = {"listing": listing, "nonce": f"n{number}", "name": "Lan", "phone": phone, "message": message}
        return self.env["sop.contact.request"]._store_form(checked, self.website).request_id

    def _mails(self, partner=None):
        """Mails about new requests, which the test's template names in its description."""
        mails = self.env["mail.mail"].sudo().search([("recipient_ids", "in", (partner or self.an).ids)], order="id")
        return mails.filtered(lambda mail: "only=new" in mail.body_html)

    def _bells(self, kind):
        self.env.cr.precommit.run()
        return self.env["bus.bus"].sudo().search([("message", "like", f"sop_contact_requests/{kind}")])

    # === NEWS === #

    def test_a_request_rings_in_the_open_pages_of_its_seller(self):
        before = self._bells("news")
        self._ask()
        told = self._bells("news") - before
        for user in self.seller | self.seller_b:
            self.assertTrue(told.filtered(lambda bell, partner=user.partner_id: f'"res.partner",{partner.id}]' in bell.channel), user.login)
        self.assertFalse(told.filtered(lambda bell: f'"res.partner",{self.rival.partner_id.id}]' in bell.channel))
        self.assertNotIn(PHONE[3:], "".join(told.mapped("message")))

    def test_one_mail_at_once_from_the_shop(self):
        trigger = self.env["ir.cron.trigger"].sudo()
        waiting = trigger.search_count([("cron_id", "=", self.env.ref("sop_contact_requests.cron_news").id)])
        self._ask()
        self._ask(self._new_listing("Đèn", self.an))
        self.assertGreater(trigger.search_count([("cron_id", "=", self.env.ref("sop_contact_requests.cron_news").id)]), waiting, "at once")
        run_cron(self, "cron_news")
        run_cron(self, "cron_news")
        mail = self._mails()
        self.assertEqual(len(mail), 1, "one mail for what came together")
        self.assertIn("shop@example.com", mail.email_from)
        self.assertNotIn(PHONE[3:], mail.body_html + mail.subject)
        self.assertEqual(mail.body_html.count("/my/contact-requests"), 1)
        self.assertTrue(trigger.search_count([("cron_id", "=", self.env.ref("mail.ir_cron_mail_scheduler_action").id)]), "core's queue is awake")

    def test_hourly_or_never_as_the_seller_says_on_the_page(self):
        self.authenticate("sop_seller", "sop_password")
        page = self.url_open("/my/contact-requests").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open("/my/contact-requests/news", data={"mail": "hour", "csrf_token": token})
        self.an.invalidate_recordset()
        self.assertEqual(self.an.sop_news_mail, "hour")
        with freeze_time("2026-03-01 10:00:00"):
            self._ask()
            run_cron(self, "cron_news")
        with freeze_time("2026-03-01 10:30:00"):
            self._ask(phone="+84912345679")
            run_cron(self, "cron_news")
            self.assertEqual(len(self._mails()), 1, "the next waits for its hour")
        with freeze_time("2026-03-01 11:00:01"):
            run_cron(self, "cron_news")
            self.assertEqual(len(self._mails()), 2)
        self.url_open("/my/contact-requests/news", data={"mail": "off", "csrf_token": token})
        with freeze_time("2026-03-02 11:00:01"):
            self._ask(phone="+84912345670")
            run_cron(self, "cron_news")
            self.assertEqual(len(self._mails()), 2)

    def test_what_was_worked_on_is_no_news(self):
        self._ask().with_user(self.seller).action_set_state("contacted")
        run_cron(self, "cron_news")
        self.assertFalse(self._mails())

    def test_a_seller_without_address_is_told_through_their_people(self):
        self.an.email = False
        self.seller.email = "khang@example.com"
        self._ask()
        run_cron(self, "cron_news")
        self.assertEqual(len(self._mails(self.seller.partner_id)), 1)

    def test_escalation_tells_an_expired_seller_how_to_see_the_numbers(self):
        for locked in (False, True):
            self._new_request(requested_at=fields.Datetime.now() - timedelta(days=2), phone=f"+8491234567{int(locked)}")
            if locked:
                self.right.action_revoke()
                self.env.invalidate_all()
            run_cron(self, "cron_escalate")
            mail = self.env["mail.mail"].sudo().search([("recipient_ids", "in", self.an.ids)], order="id desc", limit=1)
            self.assertEqual("/my/contact-requests/package" in mail.body_html, locked)

    # === WHO ANSWERED === #

    def test_staff_do_not_answer_for_the_seller(self):
        request = self._new_request()
        for act in (lambda r: r.action_reveal_phone(), lambda r: r.action_set_state("contact_again"), lambda r: r.write({"note": "Đã xem"})):
            act(request.with_user(self.staff))
            self.assertTrue(request.is_new)
            self.assertFalse(request.first_touched_at)
        self.assertEqual(request.staff_user_id, self.staff)
        self.authenticate("sop_seller", "sop_password")
        self.assertIn("o_sop_staff", self.url_open("/my/contact-requests").text)
        request.with_user(self.seller).action_reveal_phone()
        self.assertFalse(request.is_new)

    def test_staff_answer_where_the_shop_sells(self):
        self.company.sop_own_listings = True
        request = self._new_request(listing_id=self._new_listing("Own", self.env["res.partner"]).id)
        request.with_user(self.staff).action_set_state("contacted")
        self.assertFalse(request.is_new)

    # === THE SAME BUYER === #

    def test_asking_again_moves_up_and_says_so(self):
        with freeze_time("2026-03-01 10:00:00"):
            first = self._ask()
        with freeze_time("2026-03-01 11:00:00"):
            self._ask(phone="+84912345679")
        with freeze_time("2026-03-01 12:00:00"):
            self.assertEqual(self._ask(message="Giá bao nhiêu?"), first)
        page = self.env["sop.contact.request"].with_user(self.seller)._get_page({})
        self.assertEqual(page["requests"][0], first.with_user(self.seller))
        self.authenticate("sop_seller", "sop_password")
        self.assertIn("o_sop_again", self.url_open("/my/contact-requests").text)

    def test_asking_again_goes_to_the_seller_of_today(self):
        self._entitle(self.binh)
        first = self._ask()
        self.listing.sop_seller_id = self.binh
        second = self._ask(message="Còn không ạ?")
        self.assertEqual((first.seller_id, second.seller_id), (self.an, self.binh))

    def test_other_listings_of_the_same_buyer_are_shown_beside(self):
        lamp = self._new_listing("Đèn bàn", self.an)
        one, two, other = self._ask(), self._ask(lamp), self._ask(lamp, phone="+84912345670")
        self._ask(self.listing_binh)
        joined = self.env["sop.contact.request"].with_user(self.seller)._get_joined(one | two | other)
        self.assertEqual(joined, {one.id: ["Đèn bàn"], two.id: ["Máy ảnh cũ"], other.id: []})

    def test_an_archived_seller_takes_no_requests(self):
        self.assertTrue(self.listing._sop_get_button_state())
        (self.seller | self.seller_b).active = False
        self.an.active = False
        self.assertFalse(self.listing._sop_get_button_state())

    # === REMINDERS === #

    def test_presets_count_from_the_press(self):
        Request = self.env["sop.contact.request"].with_user(self.seller)
        with freeze_time("2026-03-01 05:00:00"):
            self.assertEqual(Request._read_when("hour"), "2026-03-01 06:00:00")
        with freeze_time("2026-03-01 09:00:00"):
            self.assertEqual(Request._read_when("hour"), "2026-03-01 10:00:00")

    def test_a_typed_time_is_the_sellers_calendars(self):
        request = self._new_request()
        self.authenticate("sop_seller", "sop_password")
        self.make_jsonrpc_request(f"/my/contact-requests/{request.id}/reminder", {"value": "2036-03-01T09:00"})
        request.invalidate_recordset()
        self.assertEqual(fields.Datetime.to_string(request.reminder_at), "2036-03-01 02:00:00", "nine in Viet Nam, wherever the laptop is")

    def test_an_appointment_with_a_contacted_buyer_is_due(self):
        with freeze_time("2026-03-01 10:00:00"):
            request = self._new_request()
            request.with_user(self.seller).action_set_state("contacted")
            request.with_user(self.seller).action_set_reminder("2026-03-01 12:00:00")
        with freeze_time("2026-03-01 12:01:00"):
            request.invalidate_recordset()
            self.assertTrue(request.is_overdue)
            self.assertIn(request, request.search([("is_overdue", "=", True)]))
            request.with_user(self.seller).action_set_state("contacted")
            self.assertFalse(request.is_overdue, "done")

    def test_a_missed_reminder_rings_on_return(self):
        Request = self.env["sop.contact.request"].with_user(self.seller)
        request = self._new_request()
        with freeze_time("2026-03-01 10:00:00"):
            request.with_user(self.seller).action_set_reminder("2026-03-01 11:00:00")
        with freeze_time("2026-03-01 11:00:30"):
            run_cron(self, "cron_reminder")
        with freeze_time("2026-03-02 08:00:00"):
            self.assertEqual(Request._get_fired_reminders(), request)
            request.with_user(self.seller).action_set_note("Đã gọi")
            self.assertFalse(Request._get_fired_reminders(), "worked on")
