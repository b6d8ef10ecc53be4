"""What a customer's browser asks and sends about a transfer, over HTTP."""

import re

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .bank_common import BankCommon


def digits(text):
    return re.sub(r"\D", "", text)


@tagged("post_install", "-at_install")
class TestBankState(BankCommon, HttpCase):
    """The page that waits for a transfer: only whoever has the order's own key is told what came."""

    def ask(self, order, token):
        return self.url_open(f"/sop/bank/state/{order if isinstance(order, int) else order.id}", params={"access_token": token})

    def make_shown(self, quantity=1):
        """An order whose customer has its address."""
        order = self.make_order(quantity)
        order._portal_ensure_token()
        return order

    def test_it_follows_the_money(self):
        order = self.make_shown(2)
        answer = self.ask(order, order.access_token)
        self.assertEqual((answer.status_code, answer.headers["Cache-Control"]), (200, "no-store"))
        self.assertEqual({**answer.json(), "amount": digits(answer.json()["amount"])}, {"paid": False, "thanks": "", "part": "", "amount": "200000"})
        self.pay(order.sop_payment_ref, 50_000)
        state = self.ask(order, order.access_token).json()
        self.assertEqual((state["paid"], digits(state["part"]), digits(state["amount"])), (False, "50000150000", "150000"))
        self.pay(order.sop_payment_ref, 150_000)
        state = self.ask(order, order.access_token).json()
        self.assertEqual((state["paid"], digits(state["thanks"]), state["part"]), (True, "200000", ""))

    def test_nobody_else_is_told(self):
        """Nor whether there is such an order: every other key, and every number of none, is answered alike."""
        order, other, plain = self.make_shown(), self.make_shown(), self.make_order()
        self.assertFalse(plain.access_token)
        key = order.access_token
        asked = [(order, token) for token in ("", "x", other.access_token, key[:-1], f"{key}x", key.upper(), "é", "\x00", f"{key}\x00")]
        asked += [(plain, token) for token in ("", "False", "None", key)]
        asked += [(number, key) for number in (0, 2**31 - 1, 2**31, 10**20)]
        for whose, token in asked:
            with self.subTest(whose=str(whose), token=token[:9]):
                answer = self.ask(whose, token)
                self.assertEqual((answer.status_code, answer.json()), (404, {}))
        new_test_user(self.env, login="bank_buyer", password="bank_buyer", groups="base.group_portal").partner_id = self.customer
        self.authenticate("bank_buyer", "bank_buyer")
        self.assertEqual(self.ask(order, "").status_code, 404, "the key is asked of everybody")


@tagged("post_install", "-at_install")
class TestBankChosen(BankCommon, HttpCase):
    """The customer chose the transfer: whatever the browser sends, money comes from the bank alone."""

    def make_transaction(self, reference, provider=None, **values):
        provider = provider or self.env["payment.provider"].search([("code", "=", "sop_bank"), ("company_id", "=", self.env.company.id)])
        method = provider.payment_method_ids[:1] or self.env["payment.method"].search([], limit=1)
        order = self.make_order()
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": reference,
                "amount": 100_000,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "operation": "online_redirect",
                "sale_order_ids": order.ids,
                **values,
            }
        )

    def choose(self, **form):
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            return self.url_open("/sop/bank/chosen", data=form, allow_redirects=False)

    def test_it_waits_for_the_bank(self):
        transaction = self.make_transaction("chosen")
        for _time in range(2):
            answer = self.choose(reference="chosen", amount="1", state="done", status="paid")
            self.assertEqual((answer.status_code, answer.headers["Location"].endswith("/payment/status")), (303, True))
            self.assertEqual((transaction.state, transaction.amount), ("pending", 100_000))
        self.assertFalse(transaction.sale_order_ids.amount_paid)
        self.pay(transaction.sale_order_ids.sop_payment_ref, 100_000)
        self.assertEqual(transaction.state, "done")
        self.choose(reference="chosen")
        self.assertEqual((transaction.state, transaction.sale_order_ids.amount_paid), ("done", 100_000), "an old page pressed again")

    def test_no_other_transaction_is_touched(self):
        """One of another provider, one that was given up, and what is no reference at all."""
        other = self.env["payment.provider"].create({"name": "Khác", "code": "none"})
        foreign = self.make_transaction("foreign", other)
        gone = self.make_transaction("gone")
        gone._set_canceled()
        draft = self.make_transaction("draft")
        for reference in ("foreign", "gone", "nobody", "", "%", "dra", "\x00", "draft\x00", "x" * 5000, "' OR 1=1 --"):
            with self.subTest(reference[:12]):
                self.assertEqual(self.choose(reference=reference).status_code, 303)
        self.assertEqual(self.choose(other="draft").status_code, 303)
        self.assertEqual((foreign.state, gone.state, draft.state), ("draft", "cancel", "draft"))

    def test_a_link_changes_nothing(self):
        transaction = self.make_transaction("linked")
        self.assertEqual(self.url_open("/sop/bank/chosen?reference=linked", allow_redirects=False).status_code, 405)
        self.assertEqual(transaction.state, "draft")
