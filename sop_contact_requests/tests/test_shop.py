"""Packages in the shop over HTTP: log-in before the payment, the price that is paid, what is said to a partner, transfers on their way."""

import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import RequestCase


@tagged("post_install", "-at_install")
class TestShop(RequestCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["product.template"].search([("sop_is_package", "=", True)]).is_published = False
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT 10", "amount": 10, "price_include_override": "tax_excluded", "company_id": cls.company.id}
        )
        cls.package = cls.env["product.template"].create(
            {
                "name": "Ưu đãi quản lý kinh doanh",
                "type": "service",
                "list_price": 1000,
                "is_published": True,
                "sop_is_package": True,
                "taxes_id": [Command.set(cls.tax.ids)],
            }
        )
        cls.seller.password = cls.rival.password = "sop_password"
        cls.binh.company_id = cls.rival.partner_id.company_id = False

    def _add(self, product):
        return self.make_jsonrpc_request(
            "/shop/cart/add", {"product_template_id": product.id, "product_id": product.product_variant_id.id, "quantity": 1}
        )

    @property
    def cart(self):
        return self.env["sale.order"].search([("website_id", "!=", False)], order="id desc", limit=1)

    def _prices(self, text):
        """What stands where a price of a package is shown."""
        return {
            re.sub(r"[^0-9]", "", re.sub("<[^>]+>", "", found)) for found in re.findall(r"o_sop_price[^>]*>(.*?)</(?:strong|span)>\s*<", text, re.S)
        }

    # === LOG IN FIRST === #

    def test_a_guest_is_led_to_the_log_in_and_back_to_the_cart(self):
        self.authenticate(None, None)
        self._add(self.package)
        for step in ("/shop/checkout", "/shop/address", "/shop/payment"):
            page = self.url_open(step)
            self.assertTrue(page.url.endswith("/shop/cart"), step)
            self.assertIn("o_sop_account", page.text)
            self.assertIn("/web/login?redirect=/shop/cart", page.text)
        self.assertTrue(self.cart._sop_needs_account())
        order = self.cart
        self.authenticate("sop_rival", "sop_password", session_extra={"sale_order_id": order.id})
        page = self.url_open("/shop/cart")
        self.assertNotIn("o_sop_account", page.text)
        order.invalidate_recordset()
        self.assertEqual(order.partner_id, self.rival.partner_id, "the same cart, now theirs")
        self.assertIn("/shop/payment", self.url_open("/shop/checkout?try_skip_step=true").url + self.url_open("/shop/payment").url)

    @mute_logger("odoo.http")
    def test_no_way_of_paying_leads_past_it(self):
        self.authenticate(None, None)
        self._add(self.listing)  # what may be bought by anybody
        order = self.cart
        order.partner_id = self.env["res.partner"].create({"name": "Guest", "email": "any@example.com"})
        order.order_line = [Command.create({"product_id": self.package.product_variant_id.id})]
        provider = self.env["payment.provider"].search([("company_id", "=", self.company.id)], limit=1)
        values = {
            "provider_id": provider.id,
            "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "sale_order_ids": [Command.set(order.ids)],
        }
        with self.assertRaises(ValidationError):
            self.env["payment.transaction"].create({**values, "reference": "past"})
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request(
                f"/shop/payment/transaction/{order.id}", {"access_token": order._portal_ensure_token(), "amount": order.amount_total}
            )
        self.assertFalse(order.transaction_ids)

    def test_anybody_buys_what_is_no_package(self):
        self.authenticate(None, None)
        self._add(self.listing)
        self.assertTrue(self.url_open("/shop/checkout").url.split("?")[0].endswith("/shop/address"))

    # === THE PRICE TOLD IS THE PRICE PAID === #

    def test_the_price_is_that_of_the_cart(self):
        self.env.ref("base.group_user").implied_ids |= self.env.ref("product.group_product_pricelist")
        self.env["product.pricelist"].search([]).active = False
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Sellers",
                "website_id": self.website.id,
                "selectable": True,
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 20})],
            }
        )
        self.website.show_line_subtotals_tax_selection = "tax_excluded"
        self.authenticate("sop_rival", "sop_password")
        self._add(self.package)
        self.assertEqual(self.cart.pricelist_id, pricelist)
        self.assertEqual(self.cart.amount_total, 880)
        for path in ("/my/contact-requests", self.package.website_url):
            self.assertEqual(self._prices(self.url_open(path).text), {"880"}, path)
        self.package.copy({"is_published": True, "list_price": 2000})
        self.assertEqual(self._prices(self.url_open("/my/contact-requests/package").text), {"880", "1760"}, "several: a choice")
        self.assertEqual(self._prices(self.url_open("/my/contact-requests").text), set(), "several: no single price is promised")

    # === WHO NEEDS NONE === #

    def test_a_partner_is_told_and_asked_twice(self):
        self._entitle(self.binh).is_open = True
        self.authenticate("sop_rival", "sop_password")
        page = self.url_open("/my/contact-requests").text
        self.assertIn("o_sop_right", page)
        self.assertNotIn("o_sop_renew", page)
        asked = self.url_open("/my/contact-requests/package")
        self.assertIn("o_sop_packages", asked.text, "not the shop at once")
        self.assertIn("o_sop_partner", asked.text)
        self.assertIn("o_sop_partner", self.url_open(self.package.website_url).text)
        self._add(self.package)
        self.assertIn("o_sop_partner", self.url_open("/shop/cart").text)

    def test_a_known_end_is_told(self):
        right = self._entitle(self.binh, start=fields.Datetime.to_datetime("2026-01-01 17:00:00"), days=3650)
        self.authenticate("sop_rival", "sop_password")
        page = self.url_open("/my/contact-requests/package")
        self.assertTrue(page.url.endswith(f"-{self.package.id}"), page.url)
        self.assertIn("o_sop_later", page.text)
        self.assertIn(fields.Datetime.to_string(right.end + timedelta(hours=7))[:4], page.text)

    # === TRANSFERS === #

    def test_a_transfer_waits_for_the_bank(self):
        self.authenticate("sop_rival", "sop_password")
        self._add(self.package)
        order = self.cart
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": self.env["payment.provider"].search([("company_id", "=", self.company.id)], limit=1).id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "reference": "transfer",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        self.assertNotIn("o_sop_bank", self.url_open("/my/contact-requests").text)
        tx._set_pending()
        self.assertIn("o_sop_bank", self.url_open("/my/contact-requests").text)
        self.authenticate("sop_seller", "sop_password")
        self.assertNotIn("o_sop_bank", self.url_open("/my/contact-requests").text, "another seller's order")
        self.authenticate("sop_rival", "sop_password")
        tx._set_done()
        tx._post_process()
        self.assertNotIn("o_sop_bank", self.url_open("/my/contact-requests").text)
