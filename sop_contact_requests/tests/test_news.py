"""A new request is news (C13): bells, mail as the seller wants it, who counts as having answered, reminders from the press on."""

import json
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
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

    def test_devices_that_allowed_it_are_pushed_to(self):
        """As the portal's button registers them, through core's own door; only the end of the line is replaced."""
        self._register(self.seller, self.rival)
        with patch("odoo.addons.mail.models.mail_push.push_to_end_point") as push:
            request = self._ask()
            self.assertFalse(push.called, "the buyer does not wait for the push service")
            self.env["mail.push"]._push_notification_to_endpoint()
        self.assertEqual([call.kwargs["device"]["endpoint"] for call in push.call_args_list], ["https://push.example.com/sop_seller"])
        payload = push.call_args.kwargs["payload"]
        self.assertIn(request.listing_name, json.loads(payload)["options"]["body"])
        self.assertNotIn(PHONE[3:], payload)
        self.assertNotIn(request.buyer_name, payload)

    def _register(self, *users):
        """A device for each, as the portal's button registers it, through core's own door: list of their addresses."""
        devices = self.env["mail.push.device"]
        key = devices.with_user(self.seller).get_web_push_vapid_public_key()
        for user in users:
            subscription = {"endpoint": f"https://push.example.com/{user.login}", "keys": {"p256dh": "p", "auth": "a"}}
            devices.with_user(user).register_devices(**subscription, vapid_public_key=key)
        return [f"https://push.example.com/{user.login}" for user in users]

    def _pushed(self, phone):
        """The devices that are told of a new request with this number."""
        with patch("odoo.addons.mail.models.mail_push.push_to_end_point") as push:
            self._ask(phone=phone)
            self.env["mail.push"]._push_notification_to_endpoint()
        return sorted(call.kwargs["device"]["endpoint"] for call in push.call_args_list)

    def _switch(self, user, **values):
        """The user presses Save among the notifications on their page."""
        user.password = "sop_password"
        self.authenticate(user.login, "sop_password")
        token = self.url_open("/my/contact-requests").text.split('name="csrf_token" value="')[1].split('"')[0]
        self.url_open("/my/contact-requests/news", data={**values, "csrf_token": token})
        self.env.invalidate_all()

    def test_each_person_switches_their_own_devices(self):
        own, colleague = self._register(self.seller, self.seller_b)
        self.assertEqual(self._pushed("+84912345671"), [own, colleague], "on from the start")
        self._switch(self.seller, push="off")
        self.assertEqual(self._pushed("+84912345672"), [colleague], "the colleague's own are told")
        self.assertEqual(self.an.sop_news_mail, "now", "the mail is another matter")
        self.assertNotIn("o_sop_push_start", self.url_open("/my/contact-requests").text)
        self._switch(self.seller, mail="hour")
        self.assertFalse(self.seller.sop_news_push, "a page of yesterday, which did not know the switch, leaves it")
        self._switch(self.seller, push="rubbish")
        self.assertFalse(self.seller.sop_news_push)
        self._switch(self.seller, push="on")
        self.assertEqual(self._pushed("+84912345673"), [own, colleague])

    def test_nobody_switches_for_somebody_else(self):
        with self.assertRaises(AccessError):
            self.seller_b.with_user(self.seller).write({"sop_news_push": False})
        self._switch(self.seller, push="off", user_id=self.seller_b.id, uid=self.seller_b.id)
        self.assertTrue(self.seller_b.sop_news_push)

    def test_a_device_is_taken_off_by_its_owner_alone(self):
        own, colleague = self._register(self.seller, self.seller_b)
        self.authenticate("sop_seller", "sop_password")
        ask = lambda **params: self.make_jsonrpc_request("/my/contact-requests/device", params)["on"]  # noqa: E731
        self.assertTrue(ask(endpoint=own))
        for params in (
            {"endpoint": colleague, "wanted": False},
            {"endpoint": "", "wanted": False},
            {"wanted": False},
            {"endpoint": [own], "wanted": False},
        ):
            self.assertFalse(ask(**params), params)
        self.assertEqual(self._pushed("+84912345674"), [own, colleague])
        self.assertFalse(ask(endpoint=own, wanted=False))
        self.assertFalse(ask(endpoint=own))
        self.assertEqual(self._pushed("+84912345675"), [colleague])

    def test_a_page_knows_what_it_was_told_before(self):
        """The bus repeats to a new page what it told before: the page says up to where it knows."""
        self._ask()
        told = self._bells("news")
        self.authenticate("sop_seller", "sop_password")
        page = self.url_open("/my/home").text
        self.assertEqual({int(heard) for heard in re.findall(r'data-heard="(\d+)"', page)}, {max(told.ids)})
        self.staff.password = "sop_password"
        self.authenticate("sop_staff", "sop_password")
        self.assertIn(f'"sop_requests_heard": {max(told.ids)}', self.url_open("/odoo").text)

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

    def test_where_no_mail_reaches_the_seller_it_is_said_and_whom_to_ask(self):
        request = self._new_request()
        self.authenticate("sop_seller", "sop_password")
        self.assertFalse(request.seller_mail_missing)
        self.assertNotIn("o_sop_mail_missing", self.url_open("/my/contact-requests").text)
        self.an.email = self.seller.email = self.seller_b.email = False
        self.env.invalidate_all()
        self.assertTrue(request.with_user(self.staff).seller_mail_missing, "staff see it on the request")
        words = self.url_open("/my/contact-requests").text.split("o_sop_mail_missing")[1].split("</span>")[0]
        self.assertIn("shop@example.com", words)
        self.assertIn("/my/account", words)

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
