"""The public form over HTTP (C1), the buyer's private link (C14), and what machines get."""

import re
import unicodedata
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time, tagged

from .common import RequestCase

PHONE_TEXT = "0912 345 678"


class FormCase(RequestCase, HttpCase):
    """Buyers at the form and at their private link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"sop_min_fill_seconds": 0, "sop_submit_limit": 1000, "sop_phone_limit": 1000})
        cls.other_website = cls.env["website"].create({"name": "Other site", "company_id": cls.company.id})

    @property
    def requests(self):
        self.env.invalidate_all()
        return self.env["sop.contact.request"].search([("seller_id", "in", (self.an | self.binh).ids)], order="id")

    def _form(self, listing=None, **kwargs):
        return self.url_open(f"/sop/contact-request/{(listing or self.listing).id}", **kwargs)

    def _hidden(self, page):
        """Hidden fields of the form, as a browser without JavaScript sends them."""
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))

    def _send(self, listing=None, page=None, **values):
        page = self._form(listing) if page is None else page  # an answer of 400 is false
        data = {
            **self._hidden(page),
            "website_url": "",
            "buyer_name": "Trần Mua",
            "phone": PHONE_TEXT,
            "message": "Còn không?",
            "consent": "1",
            **values,
        }
        return self.url_open("/sop/contact-request", data={k: v for k, v in data.items() if v is not None})

    def _link(self, response):
        return re.search(r'href="(/sop/my-request/[^"]+)"', response.text).group(1)

    def _buyer(self, link, **data):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.url_open(link).text)
        return self.url_open(link, data={"csrf_token": token and token.group(1), **data})


@tagged("post_install", "-at_install")
class TestForm(FormCase):
    # === THE GOOD WAY === #

    def test_without_javascript(self):
        page = self._form()
        self.assertEqual(page.status_code, 200)
        tick = re.search(r'<input type="checkbox"[^>]*>', page.text).group(0)
        self.assertNotIn("checked", tick, "consent is not ticked for the buyer")
        answer = self._send(page=page)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("o_sop_request_thanks", answer.text)
        request = self.requests
        self.assertEqual((request.buyer_name, request.phone, request.message, request.note), ("Trần Mua", "+84912345678", "Còn không?", "Còn không?"))
        self.assertEqual((request.listing_id, request.seller_id, request.state), (self.listing, self.an, "not_contacted"))
        self.assertEqual(request.consent_text_id, self.env.ref("sop_contact_requests.sop_consent_text_1"))
        self.assertTrue(request.consent_at)
        self.assertTrue(request.is_new)

    def test_button_on_the_page_of_the_listing(self):
        self.assertIn("o_sop_request_button", self.url_open(self.listing.website_url).text)
        self.assertNotIn("o_sop_request_button", self.url_open(self.listing_binh.website_url).text)
        self.right.action_revoke()
        self.assertNotIn("o_sop_request_button", self.url_open(self.listing.website_url).text)

    def test_fragment_for_the_dialog(self):
        page = self.url_open(f"/sop/contact-request/{self.listing.id}?fragment=1")
        self.assertNotIn("<html", page.text)
        self.assertIn("o_sop_request_form", page.text)
        self.assertNotIn("<html", self._send(page=page, fragment="1").text)

    # === THE SAME BUYER AGAIN === #

    def test_again_within_24_hours(self):
        first = self._send()
        self.requests.with_user(self.seller).action_set_note("Khách quen")
        self.assertFalse(self.requests.is_new)
        again = self._send(message="Gọi sau 18h", phone="+84 912.345.678")
        request = self.requests
        self.assertEqual((len(request), request.request_count), (1, 2))
        self.assertTrue(request.is_new, "highlighted again")
        self.assertEqual(request.message, "Còn không?\nGọi sau 18h")
        self.assertEqual(request.note, "Khách quen\nGọi sau 18h", "the seller's note is kept")
        normal = re.compile(r'/sop/my-request/[^"]+|csrf_token: "[^"]+"')
        self.assertEqual(normal.sub("", first.text), normal.sub("", again.text), "the answer tells nothing")

    def test_after_24_hours_or_elsewhere_it_is_another(self):
        self._send()
        self.requests.requested_at = fields.Datetime.now() - timedelta(hours=25)
        self._send()
        self.assertEqual(len(self.requests), 2)
        self._send(listing=self._new_listing("Túi máy", self.an))
        self._send(phone="0987 654 321")
        self.assertEqual(len(self.requests), 4)

    def test_one_page_filled_in_by_two_people(self):
        """Nothing is lost, and nobody is given another person's link; each one's form sent again is still the same."""
        page = self._form()
        mine = self._link(self._send(page=page, buyer_name="Của tôi"))
        for values in ({"buyer_name": "Người khác", "phone": "0987 555 222"}, {"buyer_name": "Của tôi", "message": "Tin khác"}):
            theirs = self._send(page=page, **{"buyer_name": "Của tôi", **values})
            link = self._link(theirs)
            self.assertNotEqual(link, mine)
            self.assertEqual(self._link(self._send(page=page, **{"buyer_name": "Của tôi", **values})), link)
            self.assertIn(values["buyer_name"], self.url_open(link).text)
        self.assertEqual(self._link(self._send(page=page, buyer_name="Của tôi")), mine)
        self.assertNotIn("Người khác", self.url_open(mine).text)
        first, other = self.requests
        self.assertEqual((first.request_count, other.request_count, other.phone), (2, 1, "+84987555222"))
        self.assertIn("Tin khác", first.message)

    def test_the_same_form_twice_is_one(self):
        page = self._form()
        first, second = self._send(page=page), self._send(page=page)
        self.assertEqual(self._link(first), self._link(second))
        self.assertEqual((len(self.requests), self.requests.request_count), (1, 1))

    # === THE SERVER DECIDES === #

    def test_bad_input_leaves_nothing(self):
        cases = {
            "name missing": {"buyer_name": None},
            "name empty": {"buyer_name": "  "},
            "name long": {"buyer_name": "x" * 81},
            "phone missing": {"phone": None},
            "phone words": {"phone": "abc"},
            "landline": {"phone": "028 3822 1234"},
            "foreign": {"phone": "+1 202 555 0143"},
            "short": {"phone": "0912"},
            "phone huge": {"phone": "9" * 100000},
            "hotline": {"phone": "1900 1234"},
            "message long": {"message": "x" * 1001},
            "no consent": {"consent": None},
            "consent no": {"consent": "0"},
            "stamp missing": {"stamp": None},
            "stamp forged": {"stamp": "abc.def"},
            "stamp binary": {"stamp": "\x00\xff"},
            "nul": {"buyer_name": "\x00", "phone": "\x00"},
        }
        for name, values in cases.items():
            with self.subTest(name):
                answer = self._send(**values)
                self.assertEqual(answer.status_code, 400, name)
                self.assertIn("o_sop_request_form", answer.text)
        for listing_id in (None, "", "abc", "-1", "0", "999999999", "9" * 40, "1;2", str(self.listing_binh.id)):
            with self.subTest(listing_id=listing_id):
                self.assertEqual(self._send(listing_id=listing_id).status_code, 404)
        self.assertFalse(self.requests)

    def test_what_was_typed_is_kept_and_escaped(self):
        answer = self._send(phone="12", buyer_name="<script>alert(1)</script>", message='"><img src=x>')
        self.assertIn("&lt;script&gt;alert(1)", answer.text)
        self.assertNotIn("<script>alert(1)", answer.text)
        self.assertNotIn('"><img src=x>', answer.text)

    def test_listings_that_take_no_requests(self):
        cases = {
            "unpublished": {"is_published": False},
            "not for sale": {"sale_ok": False},
            "archived": {"active": False},
            "other website": {"website_id": self.other_website.id},
            "package": {"sop_is_package": True},
        }
        for name, values in cases.items():
            listing = self._new_listing(name, self.an)
            page = self._form(listing)
            self.assertEqual(page.status_code, 200)
            listing.write(values)
            with self.subTest(name):
                self.assertEqual(self._form(listing).status_code, 404)
                self.assertEqual(self._send(listing, page=page).status_code, 404)
        self.assertEqual(self._form(self.listing_binh).status_code, 404)
        self.assertFalse(self.requests)

    def test_stamp_of_another_listing(self):
        self._entitle(self.binh)
        page = self._form(self.listing_binh)
        self.assertEqual(self._send(page=page, listing_id=str(self.listing.id)).status_code, 400)

    def test_old_and_quick_forms(self):
        page = self._form()
        with freeze_time(fields.Datetime.now() + timedelta(hours=13)):
            self.assertEqual(self._send(page=page).status_code, 400)
        self.company.sop_min_fill_seconds = 600
        self.assertEqual(self._send().status_code, 400)
        self.assertFalse(self.requests)

    def test_trap(self):
        answer = self._send(website_url="http://spam.example")
        self.assertIn("o_sop_request_thanks", answer.text, "a machine learns nothing")
        self.assertFalse(self.requests)

    def _within_an_hour(self):
        """Away from the full hour, by which the limits count."""
        return freeze_time(fields.Datetime.now().replace(minute=30) + timedelta(hours=1))

    def test_rate_limits(self):
        self.env["sop.rate.limit"].search([]).unlink()
        self.company.sop_submit_limit = 3
        with self._within_an_hour():
            codes = [self._send(phone=f"09123456{i}1").status_code for i in range(5)]
        self.assertEqual(codes, [200, 200, 200, 429, 429])
        self.company.write({"sop_submit_limit": 1000, "sop_phone_limit": 2})
        self.env["sop.rate.limit"].search([]).unlink()
        with self._within_an_hour():
            codes = [self._send(listing=self._new_listing(f"L{i}", self.an)).status_code for i in range(4)]
        self.assertEqual(codes, [200, 200, 429, 429])

    def test_methods(self):
        self.assertEqual(self.url_open("/sop/contact-request").status_code, 405)

    def test_expiry_while_the_form_is_open(self):
        page = self._form()
        self.right.action_revoke()
        self.assertEqual(self._send(page=page).status_code, 404)

    def test_opened_before_the_end_and_sent_after_it(self):
        """New requests are still recorded after expiry, masked and locked; the button and new forms are gone."""
        page, late = self._form(), self._form()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
            self.right.end = fields.Datetime.now() - timedelta(minutes=1)
            self.assertEqual(self._form().status_code, 404)
            self.assertIn("o_sop_request_thanks", self._send(page=page).text)
            request = self.requests
            self.assertTrue(request.is_locked)
            self.assertEqual(self.env["sop.contact.request"].with_user(self.seller).get_counters()["new"], 1)
            with self.assertRaises(UserError):
                request.with_user(self.seller).action_reveal_phone()
            self.right.end = fields.Datetime.now() - timedelta(hours=1)  # it had ended before the form was opened
            self.assertEqual(self._send(page=late, phone="0987654321").status_code, 404)

    def test_the_text_that_was_shown_is_the_text_agreed_to(self):
        page = self._form()
        self.env["sop.consent.text"].create({"version": "99", "body": "Bản mới"})
        again = self._send(page=page, phone="12")
        self.assertNotIn("Bản mới", again.text, "put right, it is still the form with the first text")
        self._send(page=again)
        self.assertEqual(self.requests.consent_text_id, self.env.ref("sop_contact_requests.sop_consent_text_1"))
        self._send(phone="0987654321")
        self.assertEqual(self.requests[-1].consent_text_id.version, "99")

    def test_names_as_people_type_and_paste_them(self):
        names = {
            "Nguyễn\u00a0Văn\u2003An": "Nguyễn Văn An",
            "Lê\tMai\r\nBcc: x@y.z": "Lê Mai Bcc: x@y.z",
            "  Trần   Ba ": "Trần Ba",
            unicodedata.normalize("NFD", "Phạm Thị Hường"): "Phạm Thị Hường",
            "\u202eoan Đỗ": "oan Đỗ",
            "😀 Vui": "😀 Vui",
        }
        for number, (typed, kept) in enumerate(names.items()):
            self._send(buyer_name=typed, phone=f"09123\u00a045{number}00", message="Một\tHai\r\nBa\u00a0Bốn")
            self.assertEqual((self.requests[-1].buyer_name, self.requests[-1].message), (kept, "Một Hai\nBa Bốn"))

    def test_one_network_is_one_address(self):
        """A whole IPv6 network is one customer of its provider, who may take any of its addresses."""
        limits = self.env["sop.rate.limit"]
        self.company.sop_submit_limit = 2
        codes = [limits._get_network(address) for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "203.0.113.7", None, "x")]
        self.assertEqual(codes, ["2001:db8:1:2::/64", "2001:db8:1:2::/64", "2001:db8:1:3::/64", "203.0.113.7", "", "x"])
        with self._within_an_hour():
            allowed = [self.env["sop.contact.request"]._within_limits(self.company, f"2001:db8::{i}", f"+8491234567{i}") for i in range(3)]
        self.assertEqual(allowed, [True, True, False])

    def test_pages_nobody_frames_or_indexes(self):
        page = self._form()
        self.assertEqual(page.headers["Content-Security-Policy"], "frame-ancestors 'self'")
        self.assertEqual(page.headers["X-Robots-Tag"], "noindex")

    # === PRIVATE LINK === #

    def test_buyer_sees_and_corrects(self):
        link = self._link(self._send())
        page = self.url_open(link)
        self.assertIn("Trần Mua", page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self._buyer(link, action="correct", buyer_name="Trần Bán", phone="0987 654 321", message="Còn màu đỏ?")
        request = self.requests
        self.assertEqual(
            (request.buyer_name, request.phone, request.message, request.note), ("Trần Bán", "+84987654321", "Còn màu đỏ?", "Còn màu đỏ?")
        )
        self.assertTrue(request.phone_hint.endswith("321"))

    def test_bad_corrections_change_nothing(self):
        link = self._link(self._send())
        for values in ({"buyer_name": ""}, {"phone": "12"}, {"message": "x" * 2000}, {}):
            data = {"buyer_name": "A B", "phone": PHONE_TEXT, "message": "", **values} if values else {}
            answer = self._buyer(link, action="correct", **data)
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(self.requests.buyer_name, "Trần Mua")

    def test_buyer_withdraws(self):
        link = self._link(self._send())
        self._buyer(link, action="withdraw")
        self._buyer(link, action="withdraw")
        self.assertTrue(self.requests.consent_withdrawn_at)
        self._send()
        self.assertFalse(self.requests.consent_withdrawn_at, "asking again is a new consent")

    def test_buyer_deletes(self):
        link = self._link(self._send(message="Bí mật của tôi"))
        self._buyer(link, action="delete")
        request = self.env["sop.contact.request"].with_context(active_test=False).search([("seller_id", "=", self.an.id)])
        self.assertTrue(request.erased_at)
        self.assertFalse(self.requests, "out of the list")
        page = self.url_open(link)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("Trần Mua", page.text)
        self._buyer(link, action="delete")

    def test_a_stranger_on_the_same_number_gets_nothing_of_the_first(self):
        """Somebody who types another person's number must not learn, change or delete what that person left."""
        mine = self._link(self._send(message="Của tôi"))
        strangers = self._link(self._send(buyer_name="Kẻ Lạ", message="Của lạ"))
        page = self.url_open(strangers).text
        self.assertNotIn("Của tôi", page)
        self.assertNotIn("Trần Mua", page)
        self._buyer(strangers, action="correct", buyer_name="Kẻ Lạ", phone="0987 654 321", message="Của lạ")
        own = self.requests.filtered(lambda r: r.phone == "+84912345678")
        self.assertEqual((own.buyer_name, own.message), ("Trần Mua", "Của tôi"))
        self.assertEqual(len(self.requests), 2, "the corrected form went to a request of its own")
        self._buyer(strangers, action="delete")
        self.assertEqual(self.requests, own)
        self.assertIn("Của tôi", self.url_open(mine).text)

    def test_a_correction_leaves_the_note_short_enough_to_be_saved(self):
        link = self._link(self._send(message="Một"))
        self.requests.with_user(self.seller).action_set_note("x" * 4999)
        self._buyer(link, action="correct", buyer_name="Trần Mua", phone="0912345678", message="Gọi lại sau 18 giờ")
        note = self.requests.note
        self.assertEqual((len(note), self.requests.message), (5000, "Gọi lại sau 18 giờ"))
        self.assertTrue(self.requests.with_user(self.seller).action_set_note("Đã gọi", seen=note))

    def test_one_of_two_forms_deleted(self):
        first, second = self._link(self._send(message="Một")), self._link(self._send(message="Hai"))
        self._buyer(second, action="delete")
        self.assertEqual((self.requests.message, self.requests.note), ("Một", "Một"))
        self._buyer(first, action="delete")
        self.assertFalse(self.requests)

    def test_wrong_links(self):
        link = self._link(self._send())
        for wrong in ("/sop/my-request/x", link[:-1] + ("0" if link[-1] != "0" else "1"), "/sop/my-request/" + "a" * 3000):
            answer = self.url_open(wrong)
            self.assertIn(answer.status_code, (200, 404))
            self.assertNotIn("Trần Mua", answer.text)

    def test_erasure_leaves_no_trace_in_the_database(self):
        """A search of every text column of every table for the number, the name and the words."""
        link = self._link(self._send(message="Lời nhắn duy nhất", buyer_name="Tên Duy Nhất", phone="0935 772 468"))
        request = self.requests
        request.with_user(self.seller).action_reveal_phone()
        request.with_user(self.seller).action_set_note("Ghi: Tên Duy Nhất 0935772468")
        request.with_user(self.staff).action_create_lead()
        request.with_user(self.staff).message_post(body="Gọi Tên Duy Nhất")
        request.lead_id.message_post(body="Số 0935772468")
        self.env.flush_all()
        self._buyer(link, action="delete")
        self.env.flush_all()
        self.env.cr.execute("""
            SELECT c.table_name, c.column_name FROM information_schema.columns c
              JOIN information_schema.tables t USING (table_name, table_schema)
             WHERE t.table_type = 'BASE TABLE' AND t.table_schema = 'public'
               AND c.data_type IN ('text', 'character varying', 'jsonb')""")
        found = []
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(  # names come from the catalogue of the database itself
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ~ %s',  # pylint: disable=sql-injection
                ["935772468|935 772 468|Tên Duy Nhất|Lời nhắn duy nhất"],
            )
            if self.env.cr.fetchone()[0]:
                found.append(f"{table}.{column}")
        self.assertEqual(found, [])


@tagged("post_install", "-at_install")
class TestFormPutRight(FormCase):
    """A form that comes back: nothing typed is lost, and what is wrong is found without eyes."""

    def test_consent_stays_and_the_first_wrong_field_has_the_focus(self):
        page = self._send(phone="12", buyer_name="")
        self.assertEqual(page.status_code, 400)
        boxes = {name: re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', page.text).group() for name in ("buyer_name", "phone", "consent")}
        self.assertIn("checked", boxes["consent"])
        self.assertIn("autofocus", boxes["buyer_name"])
        self.assertNotIn("autofocus", boxes["phone"])
        for name in ("buyer_name", "phone"):
            self.assertIn('aria-invalid="true"', boxes[name])
            described = re.search(r'aria-describedby="(\w+)"', boxes[name]).group(1)
            self.assertRegex(page.text, rf'id="{described}"[^>]*role="alert"')
        self.assertNotIn("aria-invalid", boxes["consent"])
        self.assertNotIn("checked", re.search(r'<input[^>]*name="consent"[^>]*>', self._send(consent=None).text).group())

    def test_a_name_of_one_letter_is_a_name(self):
        self.assertEqual(self._send(buyer_name="Ý").status_code, 200)
        self.assertEqual(self.requests.buyer_name, "Ý")

    def test_a_listing_taken_away_meanwhile_keeps_the_text(self):
        page = self._form()
        self.listing.is_published = False
        answer = self._send(page=page, message="Máy còn bảo hành không?")
        self.assertEqual(answer.status_code, 404)
        self.assertIn("Máy còn bảo hành không?", answer.text)
        self.assertFalse(self.requests)
