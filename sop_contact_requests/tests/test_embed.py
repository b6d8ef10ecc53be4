"""The button on another web site (C17): only signed listings, only that site's frames, only while entitled."""
import re
from urllib.parse import urlencode

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged

from .common import RequestCase


@tagged('post_install', '-at_install')
class TestEmbed(RequestCase, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sop_min_fill_seconds = 0
        cls.site = cls.env['sop.embed.site'].create({'name': "Old shop", 'seller_id': cls.an.id, 'origin': 'https://an.example.com'})
        cls.words = {'ref': 'SKU-1', 'title': "Máy ảnh & ống kính", 'url': 'https://an.example.com/may-anh'}

    def _form(self, **changed):
        words = {**self.words, 'signature': self.site._sign(self.words), **changed}
        return self.url_open(f'/sop/embed/{self.site.key}/form?{urlencode(words)}')

    def _send(self, page, **values):
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return self.url_open('/sop/contact-request', data={
            **hidden, 'buyer_name': "Trần Mua", 'phone': '0912345678', 'message': "Còn?", 'consent': '1', **values})

    @property
    def requests(self):
        return self.env['sop.contact.request'].search([('seller_id', '=', self.an.id)])

    def test_request_from_another_site(self):
        page = self._form()
        self.assertEqual(page.status_code, 200)
        self.assertEqual(page.headers['Content-Security-Policy'], 'frame-ancestors https://an.example.com')
        self.assertIn('o_sop_request_thanks', self._send(page).text)
        self._send(self._form(), message="Thêm")
        request = self.requests
        self.assertEqual((len(request), request.listing_name, request.external_url, request.request_count),
                         (1, self.words['title'], self.words['url'], 2))
        self.assertFalse(request.listing_id)
        self.assertTrue(request.with_user(self.seller).action_reveal_phone())

    def test_unsigned_listings(self):
        for changed in ({'title': "Khác"}, {'ref': 'SKU-2'}, {'url': 'https://an.example.com/khac'}, {'signature': ''},
                        {'signature': 'x' * 64}, {'signature': 'ü'}, {'ref': ''}, {'title': 'x' * 501}):
            with self.subTest(changed):
                self.assertEqual(self._form(**changed).status_code, 404)
        self.words = {**self.words, 'url': 'https://evil.example.com/may-anh'}
        self.assertEqual(self._form().status_code, 404, "signed, but of another site")

    def test_nobody_puts_other_words_into_the_form(self):
        self._send(self._form(), title="Khác", url='https://evil.example.com', listing_name="Khác")
        self.assertEqual(self.requests.listing_name, self.words['title'])

    def test_script(self):
        script = self.url_open(f'/sop/embed/{self.site.key}/button.js')
        self.assertIn('javascript', script.headers['Content-Type'])
        self.assertIn('iframe', script.text)
        self.assertFalse(self.url_open('/sop/embed/unknown/button.js').text)

    def test_after_the_end(self):
        page = self._form()
        self.right.action_revoke()
        self.assertFalse(self.url_open(f'/sop/embed/{self.site.key}/button.js').text)
        self.assertEqual(self._form().status_code, 404)
        self.assertEqual(self._send(page).status_code, 404)
        self.assertFalse(self.requests)

    def test_closed_site(self):
        page = self._form()
        self.site.active = False
        self.assertEqual(self._send(page).status_code, 404)

    def test_addresses(self):
        for origin in ('an.example.com', 'https://an.example.com/', 'javascript:alert(1)', 'https://a.example.com/x', 'https://'):
            with self.subTest(origin), self.assertRaises(ValidationError):
                self.site.origin = origin

    def test_secret_is_the_managers(self):
        self.assertIn(self.site.key, self.site.with_user(self.manager).snippet)
        self.assertTrue(self.site.with_user(self.manager).secret)
