from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.sop_pipeline.tests.screens import alerts_shown, form_of

from .common import PHONE, RequestCase

VIEW = "sop_contact_requests.sop_contact_request_view_form"


@tagged("post_install", "-at_install")
class TestStaffForm(RequestCase):
    """The form on which the marketplace's staff work a request for its seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._new_request(message=f"Gọi mình {PHONE}")

    def form(self, request, user=None):
        return Form(request.with_user(user or self.staff), VIEW)

    def test_state_and_note_are_kept_and_the_buyer_still_waits_for_the_seller(self):
        form = self.form(self.request)
        form.state, form.note = "contacted", "Hẹn chiều mai"
        form.save()
        self.assertEqual((self.request.state, self.request.note), ("contacted", "Hẹn chiều mai"))
        self.assertEqual((self.request.staff_user_id, self.request.first_touched_at, self.request.is_new), (self.staff, False, True))

    def test_the_number_is_not_on_it(self):
        """Whoever opens it: it is revealed by pressing, which is counted."""
        for user in self.staff | self.manager:
            form = self.form(self.request, user)
            shown = "".join(char for name in form._view["fields"] for char in str(form._values.get(name)) if char.isdigit())
            self.assertNotIn(PHONE[-6:], shown)
        self.assertFalse(self.request.reveal_ids)

    def test_what_the_buyer_said_is_not_theirs_to_write(self):
        form = self.form(self.request)
        for name in ("buyer_name", "phone_hint", "message", "requested_at", "seller_id", "consent_at"):
            with self.subTest(name), self.assertRaisesRegex(AssertionError, "readonly"):
                setattr(form, name, False)

    def test_a_locked_request_says_why_and_takes_nothing(self):
        self.assertEqual(alerts_shown(self.request.with_user(self.staff), VIEW), [])
        self.right.action_revoke()
        self.env.invalidate_all()
        [why] = alerts_shown(self.request.with_user(self.staff), VIEW)
        self.assertIn("has ended", why)
        form = self.form(self.request)
        for name, value in {"state": "contacted", "note": "x", "outcome": False}.items():
            with self.subTest(name), self.assertRaisesRegex(AssertionError, "readonly"):
                setattr(form, name, value)
        with self.assertRaises(UserError):
            self.request.with_user(self.staff).write({"note": "x"})

    def test_a_seller_without_mail_is_pointed_out(self):
        self.an.email = False
        self.seller.email = self.seller_b.email = False
        self.request.invalidate_recordset()
        [why] = alerts_shown(self.request.with_user(self.staff), VIEW)
        self.assertIn("no email address", why)

    def test_a_buyer_who_withdrew_is_pointed_out(self):
        self.request.consent_withdrawn_at = self.request.requested_at
        [why] = alerts_shown(self.request.with_user(self.staff), VIEW)
        self.assertIn("no longer wants to be contacted", why)

    def test_only_managers_erase_and_see_who_revealed(self):
        for user, number in ((self.staff, 0), (self.manager, 1)):
            form = form_of(self.request.with_user(user), VIEW)
            self.assertEqual(len(form.findall(".//button[@name='action_erase']")), number)
            self.assertEqual(len(form.findall(".//page[@name='reveals']")), number)
            self.assertEqual(form.get("create"), "0")
