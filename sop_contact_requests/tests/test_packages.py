"""Payments and packages (C2, C16): each way of paying starts one right, each way back ends it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import run_cron

PRICE = 300.0


@tagged("post_install", "-at_install")
class TestPackages(AccountPaymentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager") | cls.env.ref("product.group_product_manager")
        cls.package = cls.env["product.product"].create(
            {
                "name": "Ưu đãi quản lý kinh doanh",
                "type": "service",
                "invoice_policy": "order",
                "list_price": PRICE,
                "sop_is_package": True,
                "sop_package_days": 30,
                "taxes_id": [Command.clear()],
            }
        )
        cls.shop = cls.env["res.partner"].create({"name": "Shop An", "is_company": True})
        cls.buyer = cls.env["res.partner"].create({"name": "Mr An", "parent_id": cls.shop.id})

    # === HELPERS === #

    def _order(self, qty=1, price=PRICE):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.buyer.id,
                "order_line": [Command.create({"product_id": self.package.id, "product_uom_qty": qty, "price_unit": price})],
            }
        )
        order.order_line.tax_ids = False
        return order

    def _invoice(self, **kwargs):
        order = self._order(**kwargs)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def _pay(self, invoice):
        return self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({})._create_payments()

    def _credit(self, invoice, post=True, **line_values):
        refund = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
        if line_values:
            refund.invoice_line_ids.write(line_values)
        if post:
            refund.action_post()
        return refund

    def _transaction(self, order, amount=None, **values):
        return self._create_transaction(
            flow="direct",
            reference=f"{order.name}-{fields.Datetime.now()}-{len(order.transaction_ids)}",
            amount=order.amount_total if amount is None else amount,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[Command.set(order.ids)],
            **values,
        )

    def _done(self, tx):
        tx._set_done()
        tx._post_process()

    @property
    def rights(self):
        return self.env["sop.seller.entitlement"].search([("seller_id", "=", self.shop.id)], order="id")

    def _check(self, entitled, count=1, msg=None):
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.sop_entitled, entitled, msg)
        self.assertEqual(len(self.rights), count, msg)

    # === STARTS === #

    def test_unpaid_gives_nothing(self):
        invoice = self._invoice()
        self._check(False, 0)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_full_payment(self):
        with freeze_time("2026-03-01 08:00:00"):
            self._pay(self._invoice())
            self._check(True)
        right = self.rights
        self.assertEqual(right.end - right.start, timedelta(days=30))
        self.assertEqual(right.start, fields.Datetime.to_datetime("2026-03-01 08:00:00"), "30 days from the payment")
        self.assertEqual((right.kind, right.amount, right.seller_id), ("package", PRICE, self.shop))

    def test_a_transfer_starts_it_before_the_books(self):
        """In a rush of transfers a seller does not wait for the posting of payments; posting starts nothing a second time."""
        tx = self._transaction(self._order())
        tx._set_done()
        tx._sop_answer()
        self._check(True)
        self.assertFalse(tx.payment_id)
        tx._post_process()
        self._check(True)
        self.assertTrue(tx.payment_id)

    def test_partial_payment_gives_nothing_until_the_rest(self):
        invoice = self._invoice()
        register = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        register.create({"amount": 100})._create_payments()
        self._check(False, 0)
        register.create({"amount": 200})._create_payments()
        self._check(True)

    def test_bank_reconciliation(self):
        invoice = self._invoice()
        line = self.env["account.bank.statement.line"].create(
            {
                "payment_ref": invoice.name,
                "journal_id": self.company_data["default_journal_bank"].id,
                "partner_id": self.shop.id,
                "amount": invoice.amount_total,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        receivable = invoice.line_ids.filtered(lambda aml: aml.account_type == "asset_receivable")
        suspense.account_id = receivable.account_id
        (suspense + receivable).reconcile()
        self._check(True)

    def test_online_payment_without_invoice(self):
        order = self._order()
        tx = self._transaction(order)
        self._check(False, 0)
        self._done(tx)
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.invoice_ids)
        self._check(True)

    def test_online_payment_and_its_invoice_later_is_one_right(self):
        order = self._order()
        self._done(self._transaction(order))
        first = self.rights
        invoice = order._create_invoices()
        invoice.action_post()
        invoice._invoice_paid_hook()
        self._check(True)
        self.assertEqual(self.rights, first)
        self.assertEqual(first.duration, 30 * 86400)

    def test_online_payment_with_automatic_invoice(self):
        self.env["ir.config_parameter"].sudo().set_param("sale.automatic_invoice", "True")
        order = self._order()
        with patch.object(self.env.registry["payment.transaction"], "_send_invoice"):
            self._done(self._transaction(order))
        self.assertEqual(order.invoice_ids.payment_state, "paid")
        self._check(True)

    def test_too_little_online_gives_nothing(self):
        order = self._order()
        self._done(self._transaction(order, amount=100))
        self._check(False, 0)

    def test_pending_wire_transfer_gives_nothing(self):
        order = self._order()
        tx = self._transaction(order)
        tx._set_pending()
        tx._post_process()
        self._check(False, 0)

    def test_replayed_hooks_start_one_right(self):
        invoice = self._invoice()
        self._pay(invoice)
        for _i in range(3):
            invoice._invoice_paid_hook()
        order = self._order()
        tx = self._transaction(order)
        for _i in range(3):
            self._done(tx)
        self._check(True, 2)

    def test_in_payment_then_paid(self):
        with patch.object(self.env.registry["account.move"], "_get_invoice_in_payment_state", return_value="in_payment"):
            invoice = self._invoice()
            self._pay(invoice)
            self._check(True)
            invoice._invoice_paid_hook()
        self._check(True)

    def test_zero_invoice_starts_it_once(self):
        self._invoice(price=0)
        self._check(True)

    def test_other_products_and_vendor_bills_start_nothing(self):
        self.package.sop_is_package = False
        self._pay(self._invoice())
        self.package.sop_is_package = True
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.shop.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [Command.create({"product_id": self.package.id, "price_unit": 5})],
            }
        )
        bill.action_post()
        self._pay(bill)
        self._check(False, 0)

    def test_quantity_gives_that_many_packages(self):
        self._pay(self._invoice(qty=3))
        self.assertEqual(self.rights.duration, 90 * 86400)

    def test_absurd_quantities_break_no_payment(self):
        self.package.sop_package_days = 3660
        invoice = self._invoice(qty=10**7, price=0.01)
        self._pay(invoice)
        self._check(True)

    def test_changed_package_leaves_sold_ones_alone(self):
        invoice = self._invoice()
        self._pay(invoice)
        self.package.sop_package_days = 7
        invoice._invoice_paid_hook()
        self.assertEqual(self.rights.duration, 30 * 86400)

    def test_renewal_loses_no_day(self):
        with freeze_time("2026-03-01 08:00:00"):
            self._pay(self._invoice())
        with freeze_time("2026-03-20 08:00:00"):
            self._pay(self._invoice())
            self._check(True, 2)
            self.assertEqual(self.shop.sop_entitled_until, fields.Datetime.to_datetime("2026-04-30 08:00:00"))

    # === ENDS === #

    def test_credit_note_of_a_paid_invoice(self):
        """The invoice stays 'paid': only the credit note tells."""
        invoice = self._invoice()
        self._pay(invoice)
        self._credit(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self._check(False)
        self.assertEqual(self.rights.revoke_reason, "refund")
        invoice._invoice_paid_hook()
        self._check(False, msg="a replayed hook does not bring it back")

    def test_draft_credit_note_changes_nothing(self):
        invoice = self._invoice()
        self._pay(invoice)
        self._credit(invoice, post=False)
        self._check(True)

    def test_credit_note_cancelled_again(self):
        invoice = self._invoice()
        self._pay(invoice)
        refund = self._credit(invoice)
        refund.button_draft()
        self._check(True, 2)
        left = self.rights.filtered(lambda r: not r.revoked_at)
        self.assertAlmostEqual(left.duration, 30 * 86400, delta=60)

    def test_paid_credit_note_starts_nothing(self):
        invoice = self._invoice()
        self._pay(invoice)
        self._pay(self._credit(invoice))
        self._check(False)

    def test_partial_refunds(self):
        invoice = self._invoice()
        self._pay(invoice)
        self._credit(invoice, price_unit=100)
        self._check(True, msg="a rebate leaves the package")
        self._credit(invoice, price_unit=200)
        self._check(False, msg="all of it was given back in two steps")

    def test_refund_of_one_of_two(self):
        invoice = self._invoice(qty=2)
        self._pay(invoice)
        self._credit(invoice, quantity=1)
        self._check(True)
        self.assertEqual(self.rights.duration, 30 * 86400)

    def test_reversal_of_an_unpaid_invoice(self):
        invoice = self._invoice()
        invoice._reverse_moves([{"invoice_date": invoice.invoice_date}], cancel=True)
        self.assertEqual(invoice.payment_state, "reversed")
        self._check(False, 0)

    def test_unreconciliation_and_paid_again(self):
        with freeze_time("2026-03-01 00:00:00"):
            invoice = self._invoice()
            payment = self._pay(invoice)
        with freeze_time("2026-03-11 00:00:00"):
            invoice.line_ids.remove_move_reconcile()
            self._check(False)
            self.assertEqual(self.rights.revoke_reason, "unpaid")
        with freeze_time("2026-05-01 00:00:00"):
            receivable = (invoice | payment.move_id).line_ids.filtered(lambda aml: aml.account_type == "asset_receivable")
            receivable.reconcile()
            self._check(True, 2)
            self.assertEqual(
                self.shop.sop_entitled_until,
                fields.Datetime.to_datetime("2026-05-21 00:00:00"),
                "the 20 days left start again, the 10 used ones do not",
            )

    def test_payment_cancelled(self):
        invoice = self._invoice()
        payment = self._pay(invoice)
        payment.action_draft()
        payment.action_cancel()
        self._check(False)

    def test_invoice_back_to_draft_and_cancelled(self):
        invoice = self._invoice()
        self._pay(invoice)
        invoice.button_draft()
        self._check(False)
        invoice.button_cancel()
        self._check(False)

    def test_provider_refund(self):
        order = self._order()
        tx = self._transaction(order)
        self._done(tx)
        part = tx._create_child_transaction(100, is_refund=True)
        self._done(part)
        self._check(True, msg="a rebate leaves the package")
        self._done(tx._create_child_transaction(200, is_refund=True))
        self._check(False)
        self.assertEqual(self.rights.revoke_reason, "refund")

    def test_pending_refund_changes_nothing(self):
        order = self._order()
        tx = self._transaction(order)
        self._done(tx)
        refund = tx._create_child_transaction(PRICE, is_refund=True)
        refund._set_pending()
        refund._post_process()
        self._check(True)

    def test_provider_refund_and_its_credit_note_count_once(self):
        order = self._order(qty=2)
        tx = self._transaction(order)
        self._done(tx)
        invoice = order._create_invoices()
        invoice.action_post()
        self._done(tx._create_child_transaction(PRICE, is_refund=True))
        self._credit(invoice, quantity=1)
        self._check(True)
        self.assertEqual(self.rights.duration, 30 * 86400)

    def test_provider_takes_the_payment_back(self):
        """A chargeback told by the provider: a transaction that was done is cancelled."""
        order = self._order()
        tx = self._transaction(order)
        self._done(tx)
        tx._set_canceled(extra_allowed_states=("done",))
        tx._post_process()
        self._check(False)

    def test_chargeback_by_hand_is_final(self):
        invoice = self._invoice()
        self._pay(invoice)
        self.rights.action_record_chargeback()
        self._check(False)
        invoice._invoice_paid_hook()
        run_cron(self, "cron_packages")
        self._check(False)
        self.assertEqual(self.rights.revoke_reason, "chargeback")

    def test_a_paid_right_is_revoked_not_deleted(self):
        """Deleted, the next look at the payment would give the whole time again."""
        self._pay(self._invoice())
        with self.assertRaises(UserError):
            self.rights.unlink()
        self._check(True)

    def test_order_cancelled_with_the_online_money_kept(self):
        order = self._order()
        self._done(self._transaction(order))
        order._action_cancel()
        run_cron(self, "cron_packages")
        self._check(False)

    def test_refund_of_the_first_moves_the_renewal_forward(self):
        first = self._invoice()
        self._pay(first)
        self._pay(self._invoice())
        self._credit(first)
        self._check(True, 2)
        running = self.rights.filtered(lambda r: not r.revoked_at)
        self.assertLessEqual(running.start, fields.Datetime.now())
        self.assertEqual(running.duration, 30 * 86400)

    # === WHAT IS EARNED === #

    def test_revenue_is_without_tax_and_after_credit_notes(self):
        tax = self.env["account.tax"].create({"name": "VAT 10", "amount": 10, "price_include_override": "tax_excluded"})
        order = self._order(qty=2)
        order.order_line.tax_ids = tax
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        right = self.rights
        self.assertEqual((right.amount, right.revenue, right.units), (2 * PRICE * 1.1, 2 * PRICE, 2))
        self._credit(invoice, price_unit=PRICE / 2, quantity=1)
        self.assertEqual((right.revenue, right.units), (1.5 * PRICE, 2), "a rebate")
        self._credit(invoice, price_unit=PRICE / 2, quantity=1)
        self.assertEqual((right.revenue, right.units), (PRICE, 1), "one given back")
        report = self.env["sop.seller.report"].search([("seller_id", "=", self.shop.id)])
        self.assertEqual((report.paid_amount, report.unit_count, report.unit_revenue), (PRICE, 1, PRICE))
        self._credit(invoice, price_unit=PRICE, quantity=1)
        self.assertEqual((right.revenue, right.units), (0, 0))

    def test_revenue_of_online_payments(self):
        order = self._order(qty=2)
        tx = self._transaction(order)
        self._done(tx)
        self.assertEqual((self.rights.revenue, self.rights.units), (2 * PRICE, 2))
        self._done(tx._create_child_transaction(PRICE, is_refund=True))
        self.assertEqual((self.rights.revenue, self.rights.units), (PRICE, 1))
        self.rights.action_record_chargeback()
        self.assertEqual((self.rights.revenue, self.rights.units), (0, 0))

    def test_revenue_is_in_the_companys_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": currency.id})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.buyer.id,
                "pricelist_id": pricelist.id,
                "order_line": [Command.create({"product_id": self.package.id, "price_unit": 100, "tax_ids": False})],
            }
        )
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        self.assertEqual((self.rights.amount, self.rights.currency_id), (100, currency))
        self.assertEqual((self.rights.revenue, self.rights.company_currency_id), (200, self.env.company.currency_id))

    def test_given_away_it_stays_with_its_new_seller(self):
        invoice = self._invoice()
        payment = self._pay(invoice)
        other = self.env["res.partner"].create({"name": "Shop Khac"})
        self.rights._give_to(other, "mua nhầm")
        invoice.line_ids.remove_move_reconcile()
        receivable = (invoice | payment.move_id).line_ids.filtered(lambda aml: aml.account_type == "asset_receivable")
        receivable.reconcile()
        self.assertFalse(self.rights)
        self.assertTrue(other.sop_entitled)
