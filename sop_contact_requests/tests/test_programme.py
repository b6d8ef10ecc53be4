"""The partner programme: who may apply with what, what staff decide, what the seller sees (source 001, conditions, way 1)."""

from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import RequestCase

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FORM = {"name": "Công ty Bình", "vat": "0312345678", "words": "Bán ống kính từ 2015"}


@tagged("post_install", "-at_install")
class TestProgramme(RequestCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Category = cls.env["product.public.category"]
        cls.goods, cls.other = Category.create([{"name": "Điện tử"}, {"name": "Thời trang"}])
        cls.below = Category.create({"name": "Máy ảnh", "parent_id": cls.goods.id})
        cls.company.sop_programme_category_ids = cls.goods
        cls.listing_binh.public_categ_ids = cls.below

    def setUp(self):
        super().setUp()
        self.rival.password = "sop_rival"
        self.authenticate("sop_rival", "sop_rival")

    def _applications(self):
        return self.env["sop.partner.application"].search([("seller_id", "=", self.binh.id)])

    def _apply(self, files=((("giay-phep.pdf"), PDF),), **values):
        data = {**FORM, "category": str(self.goods.id), "csrf_token": http.Request.csrf_token(self), **values}
        return self.url_open("/partner-programme/apply", data=data, files=[("files", file) for file in files] or None)

    def test_from_the_page_to_the_right(self):
        page = self.url_open("/partner-programme").text
        self.assertIn("Điện tử", page)
        self.assertIn("o_sop_programme_form", page)
        self.assertEqual(self._apply().status_code, 200)
        application = self._applications()
        self.assertEqual(
            (application.state, application.vat, application.applicant_id, application.listing_count), ("waiting", "0312345678", self.rival, 1)
        )
        self.assertEqual(application.file_ids.mapped("raw"), [PDF])
        self.assertFalse(application.file_ids.public)
        page = self.url_open("/partner-programme").text
        self.assertIn("o_sop_programme_state", page)
        self.assertNotIn("o_sop_programme_form", page, "one waits at a time")
        self.assertFalse(self.binh.sop_entitled)
        application.with_user(self.manager).answer = "Chào mừng bạn"
        application.with_user(self.manager).action_approve()
        self.env.invalidate_all()
        self.assertTrue(self.binh.sop_entitled)
        self.assertEqual((application.right_id.kind, application.right_id.is_open), ("programme", True))
        domain = [("model", "=", application._name), ("res_id", "=", application.id), ("recipient_ids", "in", self.binh.ids)]
        mail = self.env["mail.mail"].search(domain)
        self.assertEqual(mail.recipient_ids, self.binh)
        self.assertIn("Chào mừng bạn", mail.body_html)
        self.assertIn("o_sop_programme_partner", self.url_open("/partner-programme").text)
        self.assertEqual(self.listing_binh._sop_get_button_state(), self.binh)

    def test_a_refusal_has_words_and_another_try(self):
        self._apply()
        application = self._applications()
        with self.assertRaises(UserError):
            application.with_user(self.manager).action_refuse()
        application.with_user(self.manager).action_refuse("Giấy phép đã hết hạn")
        page = self.url_open("/partner-programme").text
        self.assertIn("Giấy phép đã hết hạn", page)
        self.assertIn("o_sop_programme_form", page)
        self.assertFalse(self.binh.sop_entitled)
        with self.assertRaises(UserError):
            application.with_user(self.manager).action_approve()
        self._apply()
        self.assertEqual(len(self._applications()), 2)

    def test_a_last_day(self):
        self._apply()
        application = self._applications().with_user(self.manager)
        application.until = fields.Date.today() - timedelta(days=2)
        with self.assertRaises(UserError):
            application.action_approve()
        application.until = "2040-12-31"
        application.action_approve()
        self.assertEqual(fields.Datetime.to_string(application.sudo().right_id.end), "2040-12-31 17:00:00", "the day ends in Viet Nam")

    def test_what_is_no_application(self):
        for values, files in (
            ({"name": ""}, None),
            ({"vat": "12345"}, None),
            ({"vat": "0312345678-1"}, None),
            ({"category": str(self.other.id)}, None),
            ({"category": "x"}, None),
            ({"words": "x" * 2001}, None),
            ({}, ()),
            ({}, [("a.pdf", b"<html><script>alert(1)</script></html>")]),
            ({}, [("a.pdf", PDF)] * 6),
            ({}, [("a.pdf", PDF + b"x" * 5_000_000)]),
        ):
            with self.subTest(values):
                answer = self._apply(**values) if files is None else self._apply(files, **values)
                self.assertEqual(answer.status_code, 400)
                self.assertIn("alert-warning", answer.text)
        self.assertFalse(self._applications())
        self.assertIn("Bán ống kính", self._apply(vat="1").text, "what was typed stays")

    def test_listings_outside_the_category_do_not_count(self):
        self.listing_binh.public_categ_ids = self.other
        self.assertEqual(self._apply().status_code, 400)
        self.listing_binh.public_categ_ids = self.goods
        self.listing_binh.is_published = False
        self.assertEqual(self._apply().status_code, 400)
        self.assertFalse(self._applications())

    def test_who_reads_and_decides(self):
        self._apply()
        application = self._applications()
        self.assertEqual(application.with_user(self.rival).name, "Công ty Bình")
        for user in (self.seller, self.env.ref("base.public_user")):
            with self.assertRaises(AccessError):
                application.with_user(user).read(["name"])
        for user in (self.rival, self.seller, self.staff):
            for call in ("action_approve", "action_refuse"):
                with self.assertRaises(AccessError):
                    getattr(application.with_user(user), call)("x")
        for values in ({"state": "approved"}, {"vat": "1"}, {"right_id": self.right.id}, {"seller_id": self.an.id}):
            with self.assertRaises(AccessError):
                application.with_user(self.manager).write(values)
        other = self.env["res.company"].create({"name": "Khác"})
        application.company_id = other
        with self.assertRaises(AccessError):
            application.with_user(self.manager).action_approve()

    def test_a_guest_reads_the_conditions_and_is_asked_to_log_in(self):
        self.company.sop_programme_conditions = "<p>Giấy phép còn hạn</p>"
        self.authenticate(None, None)
        page = self.url_open("/partner-programme").text
        self.assertIn("Giấy phép còn hạn", page)
        self.assertIn("/web/login?redirect=/partner-programme", page)
        self.assertNotIn("o_sop_programme_form", page)
        self.company.sop_programme_category_ids = False
        self.assertNotIn("/web/login?redirect=/partner-programme", self.url_open("/partner-programme").text)

    def test_ways_to_the_programme(self):
        self.assertIn('href="/partner-programme"', self.url_open("/my/home").text)
        self.assertIn('href="/partner-programme"', self.url_open("/my/contact-requests").text)
        self._entitle(self.binh, days=1, start=fields.Datetime.now() - timedelta(days=3))
        self.assertRegex(self.url_open("/my/contact-requests").text, r'(?s)o_sop_locked.*href="/partner-programme"')

    def test_applications_follow_their_seller(self):
        self._apply()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.binh | self.an).ids, self.an)
        self.assertTrue(self.env["sop.partner.application"].search([("seller_id", "=", self.an.id)]))
