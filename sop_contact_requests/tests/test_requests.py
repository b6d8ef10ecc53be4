"""What sellers and staff do with a request (C5-C8, C10, C12), and what is refused."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import PHONE, RequestCase


@tagged("post_install", "-at_install")
class TestRequests(RequestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._new_request()

    def _as(self, user):
        return self.request.with_user(user)

    # === ARRIVAL === #

    def test_what_a_request_starts_with(self):
        request = self.request
        self.assertEqual((request.seller_id, request.listing_name), (self.an, "Máy ảnh cũ"))
        self.assertEqual((request.state, request.note, request.message), ("not_contacted", "Còn hàng không?", "Còn hàng không?"))
        self.assertTrue(request.is_new)

    def test_numbers_typed_into_texts_are_hidden_too(self):
        request = self._new_request(buyer_name="Nam 0987654321", message="Gọi 0987.654.321 nhé, ngân sách 5 triệu")
        for text in (request.buyer_name, request.message, request.note):
            self.assertNotIn("654", text)
        self.assertIn("ngân sách 5 triệu", request.note)
        request.with_user(self.seller).action_reveal_phone()
        self.assertIn("0987.654.321", request.with_user(self.seller)._get_full_message())

    # === EACH INTERACTION TAKES THE HIGHLIGHT AWAY === #

    def test_interactions(self):
        soon = fields.Datetime.now() + timedelta(hours=3)
        interactions = {
            "reveal": lambda r: r.action_reveal_phone(),
            "state": lambda r: r.action_set_state("contact_again"),
            "note": lambda r: r.action_set_note("Tài chính tốt, cần gấp"),
            "reminder": lambda r: r.action_set_reminder(soon),
            "lead": lambda r: r.action_create_lead(),
        }
        for name, interact in interactions.items():
            for user in (self.seller, self.staff):
                with self.subTest(name, user=user.login):
                    request = self._new_request(phone=PHONE)
                    self.assertTrue(request.is_new)
                    interact(request.with_user(user))
                    # what staff do is noted beside: the buyer still waits for the seller
                    self.assertEqual(request.is_new, user == self.staff)
                    self.assertEqual(request.staff_user_id, self.staff if user == self.staff else self.env["res.users"])
                    self.assertEqual(bool(request.first_touched_at), user == self.seller)

    def test_seeing_is_no_interaction(self):
        self._as(self.seller).read(["buyer_name", "note", "phone_hint", "listing_name"])
        self._as(self.staff).web_read({"buyer_name": {}, "note": {}})
        self.assertTrue(self.request.is_new)

    def test_counter_is_the_number_highlighted(self):
        requests = self.request | self._new_request() | self._new_request()
        self._new_request(listing_id=self.listing_binh.id)
        Request = self.env["sop.contact.request"]
        for left, request in zip((2, 1, 0), requests, strict=True):
            request.with_user(self.seller).action_set_state("contacted")
            shown = Request.with_user(self.seller).search([]).filtered("is_new")
            self.assertEqual(Request.with_user(self.seller).get_counters()["new"], left)
            self.assertEqual(Request.with_user(self.seller_b)._get_counts()["new"], left)
            self.assertEqual(len(shown), left)

    def test_first_response_is_measured_once(self):
        with freeze_time("2026-03-01 10:00:00"):
            request = self._new_request()
        with freeze_time("2026-03-01 10:30:00"):
            request.with_user(self.seller).action_set_state("contact_again")
        with freeze_time("2026-03-02 10:30:00"):
            request.with_user(self.seller).action_set_state("contacted")
        self.assertAlmostEqual(request.response_hours, 0.5)

    def test_what_nobody_worked_on_counts_in_no_average(self):
        self.env["sop.contact.request"].search([("seller_id", "=", self.an.id)]).active = False
        request, untouched = self._new_request(), self._new_request(phone="+84912345679")
        request.requested_at = request.requested_at - timedelta(hours=4)
        request.with_user(self.seller).action_set_state("contacted")
        [(count, hours)] = request._read_group([("id", "in", (request | untouched).ids)], [], ["__count", "response_hours:avg"])
        self.assertEqual((count, round(hours)), (2, 4))
        [(_count, hours)] = request._read_group([("id", "=", untouched.id)], [], ["__count", "response_hours:avg"])
        self.assertFalse(hours)
        report = self.env["sop.seller.report"].search([("seller_id", "=", self.an.id)])
        self.assertEqual((report.request_count, report.touched_count, round(report.median_hours)), (2, 1, 4))

    # === REVEAL === #

    def test_numbers_in_the_message_come_with_the_reveal(self):
        request = self._new_request(message="Gọi giúp em số 0987 654 321 nhé")
        for user in (self.seller, self.staff):
            mine = request.with_user(user)
            self.assertNotIn("0987", mine.message)
            with self.assertRaises(UserError):
                mine.action_read_message()
            mine.action_reveal_phone()
            self.assertIn("0987 654 321", mine.action_read_message())
        plain = self._new_request(message="Còn hàng không?").with_user(self.staff)
        plain.action_reveal_phone()
        self.assertFalse(plain.action_read_message(), "nothing was hidden")

    def test_reveal_writes_the_log(self):
        self.assertEqual(self._as(self.seller).action_reveal_phone(), PHONE)
        log = self.request.reveal_ids
        self.assertEqual((log.user_id, log.how, log.seller_id), (self.seller, "portal", self.an))
        self.assertEqual(self._as(self.staff).action_reveal_phone(), PHONE)
        self.assertEqual(len(self.request.reveal_ids), 2)

    def test_callers_do_not_write_the_log(self):
        """The context comes from the client: it must not choose what the log says."""
        self._as(self.seller).with_context(sop_reveal_how="lead").action_reveal_phone()
        self._as(self.staff).with_context(sop_reveal_how="nonsense").action_reveal_phone()
        self.assertEqual(self.request.reveal_ids.sorted("id").mapped("how"), ["portal", "other"])

    def test_budget(self):
        self.company.sop_reveal_budget = 2
        requests = [self._new_request() for _i in range(3)]
        requests[0].with_user(self.seller).action_reveal_phone()
        requests[1].with_user(self.seller).action_reveal_phone()
        requests[0].with_user(self.seller).action_reveal_phone()  # the same number again is no new exposure
        with self.assertRaises(UserError):
            requests[2].with_user(self.seller).action_reveal_phone()
        self.assertFalse(requests[2].reveal_ids)
        self.assertTrue(requests[2].is_new, "a refused reveal is no interaction")
        self.assertTrue(requests[2].with_user(self.seller_b).action_reveal_phone(), "the budget is each user's own")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=61)):
            self.assertTrue(requests[2].with_user(self.seller).action_reveal_phone())

    def test_mass_reveals_are_told_to_the_administrators(self):
        self.company.sop_reveal_alert = 3

        def told():
            return self.env["mail.message"].search_count(
                [
                    ("model", "=", "res.partner"),
                    ("partner_ids", "in", self.manager.partner_id.ids),
                    ("subject", "ilike", self.seller.name),
                ]
            )

        for count, alerts in ((1, 0), (2, 0), (3, 1), (4, 1)):
            self._new_request().with_user(self.seller).action_reveal_phone()
            self.assertEqual(told(), alerts, count)

    def test_log_is_append_only(self):
        self._as(self.seller).action_reveal_phone()
        log = self.request.reveal_ids
        for user in (self.seller, self.staff, self.manager, self.env.ref("base.user_root")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                log.with_user(user).write({"user_id": self.staff.id})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                log.with_user(user).unlink()
        with self.assertRaises(AccessError):
            log.with_user(self.staff).read(["user_id"])
        self.assertTrue(log.with_user(self.manager).read(["user_id", "address"]))

    def test_withdrawn_consent_closes_the_number(self):
        self.request.consent_withdrawn_at = fields.Datetime.now()
        for method in ("action_reveal_phone", "action_create_lead"):
            with self.assertRaises(UserError):
                getattr(self._as(self.seller), method)()
        self.assertTrue(self._as(self.seller).action_set_note("Thôi"))

    # === STATUS, NOTE, REMINDER === #

    def test_note_and_message(self):
        self._as(self.seller).action_set_note("  Cần gấp, 5 triệu ")
        self.assertEqual(self.request.note, "Cần gấp, 5 triệu")
        self.assertEqual(self.request.message, "Còn hàng không?", "the buyer's words are kept")
        self._as(self.seller).action_set_note(False)
        self.assertEqual(self.request.note, "")

    def test_reminder(self):
        with freeze_time("2026-03-01 10:00:00"):
            for when in ("2026-03-02 08:30:00", "2026-03-02T08:30:00Z", "2026-03-02T15:30:00+07:00", "2026-03-02T08:30:00.123Z"):
                self._as(self.seller).action_set_reminder(when)
                self.assertEqual(fields.Datetime.to_string(self.request.reminder_at), "2026-03-02 08:30:00", when)
            self.assertEqual(self.request.reminder_user_id, self.seller)
            self.assertFalse(self.request.is_overdue)
        with freeze_time("2026-03-02 08:31:00"):
            self.request.invalidate_recordset(["is_overdue"])
            self.assertTrue(self.request.is_overdue)
            overdue = self.env["sop.contact.request"].with_user(self.seller).search([("is_overdue", "=", True)])
            self.assertEqual(overdue, self.request)
            self._as(self.seller).action_set_state("contacted")
            self.assertFalse(self.request.is_overdue, "who was contacted waits no more")
        self._as(self.seller).action_set_reminder(False)
        self.assertFalse(self.request.reminder_at)

    def test_bad_input_is_told_in_words_and_changes_nothing(self):
        calls = {
            "action_set_state": ("", None, "lost", 5, ["contacted"], "contacted; DROP TABLE"),
            "action_set_note": (5, {"a": 1}, "x" * 5001),
            "action_set_reminder": ("tomorrow", "2026-13-01", "1999-01-01 00:00:00", 12, "9999-12-31T23:59:59Z", "x" * 9999, [1]),
        }
        before = self.request.read(["state", "note", "reminder_at", "touched_at"])
        for method, values in calls.items():
            for value in values:
                with self.subTest(method, value=str(value)[:20]), self.assertRaises(UserError):
                    getattr(self._as(self.seller), method)(value)
        self.assertEqual(self.request.read(["state", "note", "reminder_at", "touched_at"]), before)
        for seen in (5, 0, [], {"a": 1}, "x" * 5001):
            with self.subTest(seen=str(seen)[:20]), self.assertRaises(UserError):
                self._as(self.seller).action_set_note("Gọi lại", seen)
        self.assertEqual(self.request.read(["state", "note", "reminder_at", "touched_at"]), before)
        self._as(self.seller).action_set_note("a\x00b")
        self.assertEqual(self.request.note, "ab")

    def test_repeats_change_nothing_more(self):
        self._as(self.seller).action_set_state("contacted")
        first = self.request.first_touched_at
        self._as(self.seller).action_set_state("contacted")
        self.assertEqual((self.request.state, self.request.first_touched_at), ("contacted", first))

    def test_a_note_never_outgrows_what_can_be_saved(self):
        self._as(self.seller).action_set_note("x" * 4990)
        self.request._append(
            {
                **self.request._get_message_values("Gọi lại giúp mình sau 18 giờ nhé"),
                "message": "Gọi lại giúp mình sau 18 giờ nhé",
                "consent_text_id": False,
                "consent_at": fields.Datetime.now(),
            }
        )
        self._as(self.seller).action_set_note(self.request.note)
        self.assertIn("sau 18 giờ", self.request.message)

    def test_a_consent_text_somebody_agreed_to_stays(self):
        text = self.env["sop.consent.text"].create({"version": "T1", "body": "Tôi đồng ý"})
        self._new_request(consent_text_id=text.id)
        for context in ({}, {"install_mode": True}):
            with self.assertRaises(UserError):
                text.with_user(self.manager).with_context(**context).write({"body": "Khác"})

    # === THE SCREEN'S OWN DOOR === #

    def test_staff_edit_in_the_list(self):
        self._as(self.staff).web_save({"note": "Đã gọi", "state": "contacted"}, {"note": {}})
        self.assertEqual((self.request.note, self.request.state), ("Đã gọi", "contacted"))
        self.assertEqual((self.request.is_new, self.request.staff_user_id), (True, self.staff), "the seller has not answered yet")
        for name, value in (
            ("buyer_name", "X"),
            ("message", "X"),
            ("seller_id", self.binh.id),
            ("touched_at", False),
            ("requested_at", "2020-01-01"),
            ("lead_id", False),
            ("phone", "+84900000000"),
            ("active", False),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                self._as(self.staff).write({name: value})

    # === EXPIRY === #

    def test_after_the_end_the_list_stays_and_nothing_can_be_done(self):
        self.right.action_revoke()
        late = self._new_request(phone="+84987654321")
        self.env.invalidate_all()
        seen = self.env["sop.contact.request"].with_user(self.seller).search([])
        self.assertEqual(seen, late | self.request)
        self.assertEqual(seen.get_counters()["new"], 2)
        for user in (self.seller, self.staff, self.manager):
            request = self._as(user)
            self.assertTrue(request.is_locked)
            for call in (
                request.action_reveal_phone,
                request.action_create_lead,
                lambda r=request: r.action_set_state("contacted"),
                lambda r=request: r.action_set_note("x"),
                lambda r=request: r.action_set_reminder(False),
            ):
                with self.assertRaises(UserError) as caught:
                    call()
                self.assertIn(self.an.name, str(caught.exception))
        with self.assertRaises(UserError):
            self._as(self.staff).write({"note": "x"})
        self.assertFalse(self.request.reveal_ids)
        self._entitle(self.an)
        self.env.invalidate_all()
        self.assertEqual(late.with_user(self.seller).action_reveal_phone(), "+84987654321")
