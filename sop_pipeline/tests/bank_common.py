"""A company with a bank feed, and a bank that signs what it says as SePay does."""

import itertools
import json
import time

from odoo.tests import TransactionCase, new_test_user

from ..tools.bank_feeds import sepay_signature

ACCOUNT, SECRET = "0123499999", "webhook-secret"


class BankCommon(TransactionCase):
    """One feed, people of every role, a product for 100 000 đ without taxes."""

    numbers = itertools.count(1_000)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(tracking_disable=True, no_reset_password=True, mail_notrack=True).env
        cls.env.company.country_id = cls.env.ref("base.vn")
        cls.env.company.sudo().quotation_validity_days = 30
        cls.accountant = cls.make_user("bank_accountant", "account.group_account_invoice")
        cls.agent = cls.make_user("bank_agent", "sales_team.group_sale_salesman")
        cls.boss = cls.make_user("bank_boss", "sales_team.group_sale_manager")
        cls.feed = cls.make_feed(ACCOUNT)
        cls.env["res.partner.bank"].create({"acc_number": ACCOUNT, "partner_id": cls.env.company.partner_id.id})
        cls.product = cls.env["product.product"].create({"name": "Áo thun", "list_price": 100_000, "type": "service", "taxes_id": False})
        cls.customer = cls.env["res.partner"].create({"name": "Trần Thu Giang", "email": "giang@example.com"})

    @classmethod
    def make_user(cls, login, groups):
        return new_test_user(cls.env, login=login, groups=f"base.group_user,{groups}", lang="en_US", tz="Asia/Ho_Chi_Minh")

    @classmethod
    def make_feed(cls, account, company=None, **values):
        company = company or cls.env.company
        return cls.env["sop.bank.feed"].create(
            {"name": account, "account_number": account, "secret": SECRET, "company_id": company.id, "user_id": cls.accountant.id, **values}
        )

    @classmethod
    def make_order(cls, quantity=1, **values):
        order = cls.env["sale.order"].create(
            {"partner_id": cls.customer.id, "order_line": [(0, 0, {"product_id": cls.product.id, "product_uom_qty": quantity})], **values}
        )
        order._sop_get_payment_ref()
        return order

    @classmethod
    def body(cls, words, amount, **values):
        """A movement as SePay reports it."""
        return {
            "id": next(cls.numbers),
            "gateway": "Vietcombank",
            "transactionDate": "2026-11-29 09:00:00",
            "accountNumber": ACCOUNT,
            "subAccount": None,
            "code": None,
            "content": words,
            "transferType": "in",
            "description": "",
            "transferAmount": amount,
            "accumulated": 987_654_321,
            "referenceCode": "FT26333",
            **values,
        }

    @classmethod
    def report(cls, body, feed=None, secret=SECRET, at=None):
        """Let the bank report a movement; returns the status."""
        feed, stamp = feed or cls.feed, str(int(at or time.time()))
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-SePay-Timestamp": stamp, "X-SePay-Signature": sepay_signature(secret, stamp, raw)}
        return cls.env["sop.bank.feed"].sudo()._sop_receive(feed.provider, feed.key, raw, headers)

    @classmethod
    def work(cls):
        """The worker, without its commits."""
        lines = cls.env["sop.bank.line"].sudo()
        while lines._work_next() or lines._post_next():
            pass

    def pay(self, words, amount, **values):
        """Report one movement and work it up; returns its line."""
        body = self.body(words, amount, **values)
        self.assertEqual(self.report(body), 200)
        self.work()
        return self.line(body)

    def line(self, body):
        return self.env["sop.bank.line"].search([("external_id", "=", str(body["id"]))])
