"""The button on another web site (C17): only signed listings, only that site's frames, only while entitled."""

import re
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlencode

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, freeze_time, tagged

from .common import RequestCase


@tagged("post_install", "-at_install")
class TestEmbed(RequestCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sop_min_fill_seconds = 0
        cls.site = cls.env["sop.embed.site"].create({"name": "Old shop", "seller_id": cls.an.id, "origin": "https://an.example.com"})
        cls.words = {"ref": "SKU-1", "title": "Máy ảnh & ống kính", "url": "https://an.example.com/may-anh"}

    def _form(self, **changed):
        words = {**self.words, "signature": self.site._sign(self.words), **changed}
        return self.url_open(f"/sop/embed/{self.site.key}/form?{urlencode(words)}")

    def _send(self, page, **values):
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return self.url_open(
            "/sop/contact-request", data={**hidden, "buyer_name": "Trần Mua", "phone": "0912345678", "message": "Còn?", "consent": "1", **values}
        )

    @property
    def requests(self):
        return self.env["sop.contact.request"].search([("seller_id", "=", self.an.id)])

    def test_request_from_another_site(self):
        page = self._form()
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.headers["Content-Security-Policy"], "frame-ancestors https://an.example.com")
        self.assertIn("o_sop_request_thanks", self._send(page).text)
        self._send(self._form(), message="Thêm")
        request = self.requests
        self.assertEqual(
            (len(request), request.listing_name, request.external_url, request.request_count), (1, self.words["title"], self.words["url"], 2)
        )
        self.assertFalse(request.listing_id)
        self.assertTrue(request.with_user(self.seller).action_reveal_phone())

    def test_only_that_site_may_show_it_and_no_cookie_is_kept(self):
        page = self._form()
        refused = self._send(page, phone="12")
        done = self._send(page)
        self.assertEqual((refused.status_code, done.status_code), (400, 200))
        for answer in (page, refused, done):
            self.assertEqual(answer.headers["Content-Security-Policy"], "frame-ancestors https://an.example.com")
            self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    def test_the_same_words_are_signed_line_by_line(self):
        """A line break moved from one word into the next would make another listing under the same signature."""
        self.words = {"ref": "SKU-1", "title": "Máy\nhttps://an.example.com/x", "url": "https://an.example.com/may-anh"}
        self.assertEqual(self._form().status_code, 404)
        for broken in ("Máy\x00ảnh", "Máy\rBcc: ai@example.com", "\u202eMáy"):
            self.words = {**self.words, "title": broken}
            with self.subTest(repr(broken)):
                self.assertEqual(self._form().status_code, 404)

    def test_the_longest_words(self):
        self.words = {"ref": "Ữ" * 500, "title": "Ữ" * 500, "url": "https://an.example.com/" + "ữ" * 470}
        self.assertIn("o_sop_request_thanks", self._send(self._form()).text)
        self.assertEqual(self.requests.listing_name, self.words["title"])

    def test_the_sites_company_is_the_requests(self):
        """The address of the frame may be that of another company's web site."""
        other = self.env["res.company"].create({"name": "Other market", "sop_min_fill_seconds": 0})
        self.site.company_id = other
        self.right.company_id = other
        self.assertIn("o_sop_request_thanks", self._send(self._form()).text)
        self.assertEqual(self.requests.company_id, other)
        self.assertFalse(self.requests.is_locked)

    def test_opened_before_the_end_and_sent_after_it(self):
        page = self._form()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=5)):
            self.right.end = fields.Datetime.now() - timedelta(minutes=1)
            self.assertEqual(self._form().status_code, 404)
            self.assertIn("o_sop_request_thanks", self._send(page).text)
            self.assertTrue(self.requests.is_locked)

    def test_the_frame_needs_no_script_unless_there_is_a_captcha(self):
        self.assertNotIn("<script", self._form().text.replace('<script id="web.layout.odooscript"', ""))
        with patch.object(self.env.registry["ir.http"], "get_frontend_session_info", return_value={"recaptcha_public_key": "k"}):
            self.assertIn("<script", self._form().text.replace('<script id="web.layout.odooscript"', ""))

    def test_unsigned_listings(self):
        for changed in (
            {"title": "Khác"},
            {"ref": "SKU-2"},
            {"url": "https://an.example.com/khac"},
            {"signature": ""},
            {"signature": "x" * 64},
            {"signature": "ü"},
            {"ref": ""},
            {"title": "x" * 501},
        ):
            with self.subTest(changed):
                self.assertEqual(self._form(**changed).status_code, 404)
        self.words = {**self.words, "url": "https://evil.example.com/may-anh"}
        self.assertEqual(self._form().status_code, 404, "signed, but of another site")

    def test_nobody_puts_other_words_into_the_form(self):
        self._send(self._form(), title="Khác", url="https://evil.example.com", listing_name="Khác")
        self.assertEqual(self.requests.listing_name, self.words["title"])

    def test_script(self):
        script = self.url_open(f"/sop/embed/{self.site.key}/button.js")
        self.assertIn("javascript", script.headers["Content-Type"])
        self.assertIn("iframe", script.text)
        self.assertFalse(self.url_open("/sop/embed/unknown/button.js").text)

    def test_after_the_end(self):
        page = self._form()
        self.right.action_revoke()
        self.assertFalse(self.url_open(f"/sop/embed/{self.site.key}/button.js").text)
        self.assertEqual(self._form().status_code, 404)
        self.assertEqual(self._send(page).status_code, 404)
        self.assertFalse(self.requests)

    def test_closed_site(self):
        page = self._form()
        self.site.active = False
        self.assertEqual(self._send(page).status_code, 404)

    def test_addresses(self):
        for origin in (
            "an.example.com", "https://an.example.com/", "javascript:alert(1)", "https://a.example.com/x", "https://", "https://a.example.com?x",
            "https://a.example.com; frame-ancestors *", "https://a.example.com https://b.example.com", "https://a.example.com,https://b.example.com",
            "https://*", "https://*.example.com", "https://shop@a.example.com", "https://a.example.com:port", "https://cửahàng.example.com",
            "https://a.example.com\n", "https://a.example.com\r\nX-Frame-Options: x", "https://-", "https://..",
        ):  # fmt: skip
            with self.subTest(origin), self.assertRaises(ValidationError):
                self.site.origin = origin
        for origin in ("https://xn--ca-hng-3va3b.vn", "http://localhost:8069", "https://Shop-1.example.com", "http://127.0.0.1"):
            self.site.origin = origin
            page = self._form(url=f"{origin}/a", signature=self.site._sign({**self.words, "url": f"{origin}/a"}))
            self.assertEqual((page.status_code, page.headers["Content-Security-Policy"]), (200, f"frame-ancestors {origin}"))

    def test_secret_is_the_managers(self):
        self.assertIn(self.site.key, self.site.with_user(self.manager).snippet)
        self.assertTrue(self.site.with_user(self.manager).secret)
