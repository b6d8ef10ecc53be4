"""Money that the bank reports: kept once, put on the right order once, to the đồng."""

import itertools
import json
import random
import time
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval
from psycopg2.errors import UniqueViolation

from ..models.bank import sale_order
from ..tools import http_out
from ..tools.bank_reference import ALPHABET
from .bank_common import ACCOUNT, SECRET, BankCommon


@tagged("post_install", "-at_install")
class TestBankDoor(BankCommon):
    """Rows 2.1, 2.10, 2.11."""

    def test_kept_once(self):
        """A replay changes nothing: the same movement ten times is one line, answered alike."""
        body = self.body("x", 5000)
        self.assertEqual([self.report(body) for _time in range(10)], [200] * 10)
        self.assertEqual(len(self.line(body)), 1)

    def test_refused_and_nothing_kept(self):
        """Unsigned, wrongly signed, older than 300 s: 401; another account: 403; rubbish: 400; nothing of it is kept."""
        before = self.env["sop.bank.line"].search_count([])
        self.assertEqual(self.report(self.body("x", 1), secret="stolen"), 401)
        self.assertEqual(self.report(self.body("x", 1), at=time.time() - 400), 401)
        self.assertEqual(self.feed.refused_why, "old")
        self.assertEqual(self.report(self.body("x", 1, accountNumber="999")), 403)
        self.assertEqual(self.report(b"{"), 400)
        receive = self.env["sop.bank.feed"]._sop_receive
        self.assertEqual(receive("sepay", self.feed.key, b"{}", {}), 401)
        self.assertEqual(receive("casso", self.feed.key, b"{}", {}), 404)
        self.assertEqual(receive("sepay", "nobody", b"{}", {}), 404)
        self.assertEqual(receive("se\x00pay", "nobody", b"{}", {}), 404)
        self.assertEqual(receive("sepay", self.feed.key, None, {}), 413)
        self.assertEqual(self.env["sop.bank.line"].search_count([]), before)

    def test_signed_for_one_account_is_refused_for_another(self):
        """Two feeds, even with one secret: a body about account A does not enter by the door of B."""
        other = self.make_feed("555", secret="another")
        body = self.body("x", 1)
        self.assertEqual(self.report(body, feed=other), 401)
        other.secret = SECRET
        self.assertEqual(self.report(body, feed=other), 403)
        self.assertFalse(self.line(body))

    def test_one_account_one_feed(self):
        """Two services that report one account would bring its money twice: the second feed is refused."""
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.make_feed("0123 499 999", provider="casso")
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.make_feed("77", provider="payos", plain=True)

    def test_no_balance_and_masked_sender(self):
        """The balance is nowhere in the database; a sender's account is its last three digits."""
        line = self.pay("x", 1)
        self.env.cr.execute("SELECT count(*) FROM sop_bank_line l WHERE l::text LIKE '%%987654321%%'")
        self.assertEqual(self.env.cr.fetchone()[0], 0)
        self.assertEqual(line.payload["content"], "x")

    def test_retries_do_not_reveal_and_archived_feeds_are_deaf(self):
        self.feed.active = False
        self.assertEqual(self.report(self.body("x", 1)), 404)


@tagged("post_install", "-at_install")
class TestBankMatching(BankCommon):
    """Rows 2.2-2.7."""

    def test_exact(self):
        """The reference and the exact sum: transaction done, order confirmed, payment posted; once, whatever is delivered twice."""
        order = self.make_order()
        body = self.body(f"MBVCB.123.{order.sop_payment_ref.lower()}.CT tu 0123", 100_000)
        for _time in range(3):
            self.report(body)
            self.work()
        line = self.line(body)
        self.assertEqual((line.state, line.order_id, order.state), ("matched", order, "sale"))
        self.assertEqual((order.amount_paid, order.sop_amount_received, order.sop_amount_missing), (100_000, 100_000, 0))
        tx = order.transaction_ids
        self.assertEqual((len(tx), tx.state, tx.is_post_processed), (1, "done", True))
        self.assertEqual((tx.payment_id.amount, tx.payment_id.state), (100_000, "in_process"))

    def test_the_sum_alone_never_matches(self):
        """An open order of the very sum is proposed, never paid."""
        order = self.make_order()
        line = self.pay("chuyen tien", 100_000)
        self.assertEqual((line.state, line.why, order.amount_paid), ("unmatched", "reference", 0))
        self.assertIn(order, line.proposal_ids)

    def test_one_wrong_letter(self):
        """Refused by the check letter, for every place of the reference."""
        order = self.make_order()
        reference = order.sop_payment_ref
        for place in range(3, len(reference)):
            letter = next(letter for letter in ALPHABET if letter != reference[place])
            line = self.pay(reference[:place] + letter + reference[place + 1 :], 100_000)
            self.assertEqual((line.state, order.amount_paid), ("unmatched", 0))

    def test_too_little_in_parts_too_much(self):
        """Two transfers that add up confirm at the second; what is too much is a duty of the accountant."""
        order = self.make_order()
        self.pay(order.sop_payment_ref, 50_000)
        self.assertEqual((order.state, order.sop_amount_missing, order._sop_transfer_due()), ("draft", 50_000, 50_000))
        self.pay(order.sop_payment_ref, 70_000)
        self.assertEqual((order.state, order.sop_amount_received, order.sop_amount_missing), ("sale", 120_000, 0))
        activity = order.activity_ids
        self.assertEqual((activity.user_id, len(activity)), (self.accountant, 1))
        self.assertIn("20,000", activity.note.replace(".", ","))

    def test_every_order_of_parts_ends_alike(self):
        """Disorder: three parts in each of their six orders give the same money and one confirmation."""
        for parts in itertools.permutations((10_000, 30_000, 60_000)):
            order = self.make_order()
            for part in parts:
                self.pay(order.sop_payment_ref, part)
            self.assertEqual((order.state, order.amount_paid, len(order.transaction_ids)), ("sale", 100_000, 3))

    def test_closed_orders_take_nothing(self):
        """Cancelled, expired, paid: the money is unmatched, with the reason, and on no other order."""
        cancelled, expired, paid = self.make_order(), self.make_order(validity_date="2020-01-01"), self.make_order()
        cancelled._action_cancel()
        self.pay(paid.sop_payment_ref, 100_000)
        for order, why in ((cancelled, "cancelled"), (expired, "expired"), (paid, "paid")):
            line = self.pay(order.sop_payment_ref, 100_000)
            self.assertEqual((line.state, line.why, line.order_id), ("unmatched", why, self.env["sale.order"]))
        self.assertEqual(paid.amount_paid, 100_000)

    def test_two_references_belong_to_a_person(self):
        one, two = self.make_order(), self.make_order()
        line = self.pay(f"{one.sop_payment_ref} {two.sop_payment_ref}", 200_000)
        self.assertEqual((line.state, line.why, one.amount_paid, two.amount_paid), ("unmatched", "several", 0, 0))
        self.assertEqual(line.proposal_ids, one | two)

    def test_outgoing_is_kept_and_never_matched(self):
        """Also with a reference in it, as a reversal has: then the accountant is told."""
        order = self.make_order()
        line = self.pay(order.sop_payment_ref, 100_000, transferType="out")
        self.assertEqual((line.state, line.amount, line.direction, order.amount_paid), ("ignored", 100_000, "out", 0))
        self.assertFalse(order.activity_ids)
        self.pay(order.sop_payment_ref, 100_000)
        self.pay(order.sop_payment_ref, 100_000, transferType="out")
        self.assertEqual((order.amount_paid, order.activity_ids.user_id), (100_000, self.accountant))

    def test_another_companys_order(self):
        """A reference of company A paid into the account of company B pays nothing."""
        other = self.env["res.company"].create({"name": "B", "currency_id": self.env.ref("base.VND").id})
        self.make_feed("555", company=other)
        order = self.make_order()
        body = self.body(order.sop_payment_ref, 100_000, accountNumber="555")
        self.assertEqual(self.report(body, feed=self.env["sop.bank.feed"].search([("account_number", "=", "555")])), 200)
        self.work()
        self.assertEqual((self.line(body).why, order.amount_paid), ("unknown", 0))

    def test_the_customers_own_transaction_is_the_one(self):
        """Chosen at the checkout: the pending transaction becomes done, no second one is made."""
        order = self.make_order()
        provider = self.env["payment.provider"]._sop_bank_provider(self.env.company)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id,
                "reference": "chosen",
                "amount": 100_000,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "operation": "online_redirect",
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        tx._process("sop_bank", {"reference": "chosen"})
        self.assertEqual(tx.state, "pending", "the browser's word is not money")
        self.assertEqual(tx._sop_transfer_box()["reference"], order.sop_payment_ref)
        self.pay(order.sop_payment_ref, 100_000)
        self.assertEqual((tx.state, order.transaction_ids, order.state), ("done", tx, "sale"))

    def test_parts_close_the_pending_transaction(self):
        """Paid in parts: the transaction of the checkout is cancelled, the money counts once."""
        order = self.make_order()
        provider = self.env["payment.provider"]._sop_bank_provider(self.env.company)
        values = {"provider_id": provider.id, "payment_method_id": provider.payment_method_ids[:1].id, "currency_id": order.currency_id.id}
        values |= {"reference": "whole", "amount": 100_000, "partner_id": self.customer.id, "sale_order_ids": [(6, 0, order.ids)]}
        tx = self.env["payment.transaction"].create(values)
        tx._set_pending()
        self.pay(order.sop_payment_ref, 40_000)
        self.pay(order.sop_payment_ref, 60_000)
        self.assertEqual((tx.state, order.amount_paid, order.state), ("cancel", 100_000, "sale"))

    def test_an_invoice_is_paid(self):
        """Money for an invoiced order settles the invoice."""
        order = self.make_order()
        order.action_confirm()
        self.product.invoice_policy = "order"
        invoice = order._create_invoices()
        invoice.action_post()
        self.pay(order.sop_payment_ref, 100_000)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))

    def test_the_shop_confirms_itself(self):
        self.env.company.sop_bank_confirm = False
        order = self.make_order()
        self.pay(order.sop_payment_ref, 100_000)
        self.assertEqual((order.state, order.amount_paid), ("draft", 100_000))

    def test_money_stays_when_the_order_cannot_be_confirmed(self):
        """Core refuses the confirmation: the money is received and matched, the accountant is told why."""
        order = self.make_order()

        words = "Not enough in stock"

        def refuse(orders):
            raise UserError(words)

        self.patch(self.registry["sale.order"], "action_confirm", refuse)
        line = self.pay(order.sop_payment_ref, 100_000)
        self.assertFalse(line.error)
        self.assertEqual((line.state, order.amount_paid, order.state), ("matched", 100_000, "draft"))
        self.assertIn(words, order.activity_ids.note)
        self.assertFalse(line.transaction_id.is_post_processed, "core's job tries again")

    def test_statement(self):
        """With a journal each movement is a line of its statement; a matched one leaves both waiting accounts."""
        journal = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1)
        self.feed.journal_id = journal
        order = self.make_order()
        line = self.pay(order.sop_payment_ref, 100_000)
        self.assertTrue(line.statement_line_id.is_reconciled)
        self.assertEqual(line.transaction_id.payment_id.state, "paid")
        gone = self.pay("thue nha", 7_000, transferType="out")
        self.assertEqual((gone.statement_line_id.amount, gone.statement_line_id.is_reconciled), (-7_000, False))
        line.action_unmatch()
        self.assertFalse(line.statement_line_id.is_reconciled)
        self.assertEqual((line.state, order.amount_paid, order.sop_amount_received), ("unmatched", 0, 0))

    def test_a_line_that_breaks_stays_in_sight(self):
        """What cannot be worked up is tried again and in the end unmatched with its error; the others go on."""
        body = self.body("x", 1)
        self.report(body)
        self.patch(self.registry["sop.bank.line"], "_find_orders", lambda lines: 1 / 0)
        line = self.line(body)
        for _attempt in range(20):
            line.next_attempt_at = "2020-01-01"
            with mute_logger("odoo.addons.sop_pipeline.models.bank.sop_bank_line"):
                self.work()
        self.assertEqual((line.state, line.why), ("unmatched", "error"))

    def test_random_storm(self):
        """Replay and disorder: 30 orders, their payments in parts, each reported 1 to 4 times, shuffled: the ledger is that of the clean run."""
        dice = random.Random(3)
        orders = [self.make_order() for _order in range(30)]
        bodies = [self.body(order.sop_payment_ref, part) for order in orders for part in dice.choice([(100_000,), (40_000, 60_000), (99_999,)])]
        storm = [body for body in bodies for _time in range(dice.randrange(1, 5))]
        dice.shuffle(storm)
        for body in storm:
            self.assertEqual(self.report(body), 200)
            if dice.random() < 0.2:
                self.work()
        self.work()
        for order in orders:
            paid = sum(body["transferAmount"] for body in bodies if body["content"] == order.sop_payment_ref)
            self.assertEqual((order.amount_paid, order.sop_amount_received), (paid, paid))
            self.assertEqual(order.state, "sale" if paid == 100_000 else "draft")
        self.assertEqual(
            sum(self.env["sop.bank.line"].search([("state", "=", "matched")]).mapped("amount")), sum(b["transferAmount"] for b in bodies)
        )


@tagged("post_install", "-at_install")
class TestBankTogether(BankCommon):
    """A rush is worked up many at once: what comes of it is what one after the other makes."""

    def rush(self, *items):
        """Report movements and work them up in one go; returns their lines."""
        bodies = [self.body(words, amount, **values) for words, amount, values in items]
        for body in bodies:
            self.assertEqual(self.report(body), 200)
        self.assertEqual(self.env["sop.bank.line"].sudo()._work_next(), len(bodies))
        self.work()
        return [self.line(body) for body in bodies]

    def test_a_rush_is_one_after_the_other(self):
        """Exact, in parts, too much, twice, cancelled, without reference, out: each as if it had come alone."""
        exact, parts, much, twice, cancelled = (self.make_order() for _order in range(5))
        cancelled._action_cancel()
        lines = self.rush(
            (exact.sop_payment_ref, 100_000, {}),
            (parts.sop_payment_ref, 30_000, {}),
            (much.sop_payment_ref, 120_000, {}),
            (twice.sop_payment_ref, 100_000, {}),
            (parts.sop_payment_ref, 70_000, {}),
            (twice.sop_payment_ref, 100_000, {}),
            (cancelled.sop_payment_ref, 100_000, {}),
            ("chuyen tien", 100_000, {}),
            (exact.sop_payment_ref, 100_000, {"transferType": "out"}),
        )
        self.assertEqual([line.state for line in lines], ["matched"] * 5 + ["unmatched"] * 3 + ["ignored"])
        self.assertEqual([line.why for line in lines[5:8]], ["paid", "cancelled", "reference"])
        for order, paid in ((exact, 100_000), (parts, 100_000), (much, 120_000), (twice, 100_000)):
            self.assertEqual((order.state, order.amount_paid, order.sop_amount_received), ("sale", paid, paid))
            for tx in order.transaction_ids:
                self.assertEqual((tx.state, tx.is_post_processed, tx.payment_id.amount), ("done", True, tx.amount))
        self.assertEqual((len(parts.transaction_ids), len(twice.transaction_ids)), (2, 1))
        self.assertIn("20,000", much.activity_ids.note.replace(".", ","))
        self.assertEqual(exact.activity_ids.summary, "Money left")

    def test_each_is_confirmed_once_and_gets_the_mail_of_a_confirmation(self):
        """Core's mail is that of a confirmed order, not that of a part payment; the mail follows later."""
        orders = [self.make_order() for _order in range(3)]
        calls = {"action_confirm": [], "create": []}
        for model, name in (("sale.order", "action_confirm"), ("account.payment", "create")):
            method = getattr(self.registry[model], name)

            def count(records, *arguments, name=name, method=method):
                if records or name == "create":  # core confirms nothing at times
                    calls[name].append(records.ids)
                return method(records, *arguments)

            self.patch(self.registry[model], name, count)
        self.rush(*[(order.sop_payment_ref, 100_000, {}) for order in orders])
        self.assertEqual(calls, {"action_confirm": [[order.id for order in orders]], "create": [[]]}, "all at once")
        for order in orders:
            self.assertEqual(order.pending_email_template_id, order._get_confirmation_template())

    def test_one_that_cannot_be_confirmed_stops_no_other(self):
        """Core refuses one of four: the others are confirmed and paid, that one has its money and a duty."""
        orders = [self.make_order() for _order in range(4)]
        action_confirm, bad = self.registry["sale.order"].action_confirm, orders[1]

        def refuse(records):
            if bad in records:
                raise UserError("Not enough in stock")  # pylint: disable=translation-required
            return action_confirm(records)

        self.patch(self.registry["sale.order"], "action_confirm", refuse)
        lines = self.rush(*[(order.sop_payment_ref, 100_000, {}) for order in orders])
        self.assertEqual([line.state for line in lines], ["matched"] * 4)
        self.assertEqual([order.state for order in orders], ["sale", "draft", "sale", "sale"])
        self.assertEqual([order.amount_paid for order in orders], [100_000] * 4)
        self.assertIn("Not enough in stock", bad.activity_ids.note)

    def test_one_that_breaks_stops_no_other(self):
        """What nobody foresaw in one movement: the others are worked up, that one waits for its next attempt."""
        orders = [self.make_order() for _order in range(3)]
        find = self.registry["sop.bank.line"]._find_orders

        def break_one(lines):
            if "bad" in lines.mapped("words"):
                raise ZeroDivisionError
            return find(lines)

        self.patch(self.registry["sop.bank.line"], "_find_orders", break_one)
        with mute_logger("odoo.addons.sop_pipeline.models.bank.sop_bank_line"):
            lines = self.rush(*[(order.sop_payment_ref, 100_000, {}) for order in orders], ("bad", 5, {}))
        self.assertEqual([line.state for line in lines], ["matched"] * 3 + ["new"])
        self.assertEqual(lines[-1].attempts, 1)

    def confirmed(self, count, **values):
        """Orders whose money came and whose payments are not posted yet; returns them and their movements."""
        orders = [self.make_order() for _order in range(count)]
        bodies = [self.body(order.sop_payment_ref, 100_000, **values) for order in orders]
        for body in bodies:
            self.report(body)
        self.assertEqual(self.env["sop.bank.line"].sudo()._work_next(), count)
        return orders, self.env["sop.bank.line"].union(*map(self.line, bodies))

    def test_money_confirms_first_and_the_books_follow(self):
        """A customer waits for no books; the payments are posted next, each once, and nobody is written to twice."""
        orders, lines = self.confirmed(3)
        self.assertEqual([(order.state, order.amount_paid) for order in orders], [("sale", 100_000)] * 3)
        self.assertFalse(lines.transaction_id.payment_id)
        mails = [order.pending_email_template_id for order in orders]
        self.assertEqual(mails, [order._get_confirmation_template() for order in orders])
        for order in orders:
            self.assertEqual(len(order.message_ids.filtered(lambda note: "has been confirmed" in note.body)), 1)
            order.pending_email_template_id = False  # it was sent
        self.assertEqual(self.env["sop.bank.line"].sudo()._post_next(), 3)
        self.assertEqual(self.env["sop.bank.line"].sudo()._post_next(), 0)
        self.assertEqual([tx.payment_id.amount for tx in lines.transaction_id], [100_000] * 3)
        self.assertTrue(all(tx.is_post_processed for tx in lines.transaction_id))
        self.assertFalse(any(order.pending_email_template_id for order in orders), "no second mail")

    def test_mails_wait_for_money_and_its_books(self):
        """The PDF of a mail takes the processor longer than many payments do: it is written when no money waits to be confirmed or posted."""
        cron, sent = self.env.ref("sale.send_pending_emails_cron"), []
        self.patch(sale_order, "in_own_transaction", lambda env, work: sent.append(work))
        self.confirmed(1)
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.env["sale.order"]._cron_send_pending_emails()
        self.assertEqual(len(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]) - triggers), 1, "the job looks again later")
        self.assertFalse(sent, "the payment is not posted yet")
        self.work()
        self.env["sale.order"]._cron_send_pending_emails()
        self.assertEqual(len(sent), 1)

    def test_who_posts_first(self):
        """Core's job, or the customer's page, posts before the worker does: one payment each, and its statement's line is settled."""
        self.feed.journal_id = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1)
        _orders, lines = self.confirmed(2)
        lines.transaction_id[0]._post_process()
        self.assertTrue(lines[0].statement_line_id.is_reconciled)
        self.work()
        payments = self.env["account.payment"].search([("payment_transaction_id", "in", lines.transaction_id.ids)])
        self.assertEqual(payments.mapped("amount"), [100_000] * 2)
        self.assertEqual(lines.mapped("statement_line_id.is_reconciled"), [True] * 2)

    def test_taken_off_before_it_is_posted(self):
        """An accountant takes money off an order whose payment waits to be posted: nothing is posted."""
        _orders, lines = self.confirmed(2)
        taken = lines[0].transaction_id
        lines[0].with_user(self.accountant).action_unmatch()
        self.work()
        self.assertEqual((taken.state, taken.payment_id.ids, lines[0].state), ("cancel", [], "unmatched"))
        self.assertEqual(lines[1].transaction_id.payment_id.amount, 100_000)

    def test_books_that_refuse_one_payment(self):
        """One of three cannot be posted: the others are; its order is confirmed, the accountant is told, core's job posts it later, once."""
        action_post, refused = self.registry["account.payment"].action_post, []

        def refuse(payments):
            if any(payment.payment_transaction_id in refused for payment in payments):
                raise UserError("The books are closed")  # pylint: disable=translation-required
            return action_post(payments)

        self.patch(self.registry["account.payment"], "action_post", refuse)
        orders, lines = self.confirmed(3)
        refused += lines[1].transaction_id
        self.work()
        self.assertEqual([order.state for order in orders], ["sale"] * 3)
        self.assertEqual([tx.is_post_processed for tx in lines.transaction_id], [True, False, True])
        self.assertIn("The books are closed", orders[1].activity_ids.note)
        orders[1].pending_email_template_id = False
        refused.clear()
        lines[1].transaction_id._post_process()
        self.assertEqual(lines[1].transaction_id.payment_id.amount, 100_000)
        self.assertFalse(orders[1].pending_email_template_id, "no second mail")

    def test_posting_that_breaks(self):
        """What nobody foresaw in posting one of three: the others are posted, that one says why and is left to core's job."""
        pay, broken = self.registry["payment.transaction"]._post_process, []

        def break_one(txs):
            if any(tx in broken for tx in txs):
                raise ZeroDivisionError("broken")
            return pay(txs)

        self.patch(self.registry["payment.transaction"], "_post_process", break_one)
        _orders, lines = self.confirmed(3)
        broken += lines[1].transaction_id
        with mute_logger("odoo.addons.sop_pipeline.models.bank.sop_bank_line"):
            self.work()
        self.assertEqual([bool(tx.payment_id) for tx in lines.transaction_id], [True, False, True])
        self.assertEqual((lines[1].state, lines[1].error), ("matched", "broken"))

    def test_a_statement_that_refuses_one_line(self):
        """A closed month keeps nobody's order waiting: the accountant is told, and the line is written once that is possible; each once."""
        self.feed.journal_id = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1)
        statement, closed = self.env["account.bank.statement.line"], [True]
        create = self.registry["account.bank.statement.line"].create

        @api.model_create_multi
        def refuse(lines, vals_list):
            if closed and any("khong ma" in vals["payment_ref"] or vals["amount"] == 120_000 for vals in vals_list):
                raise UserError("The month is closed")  # pylint: disable=translation-required
            return create(lines, vals_list)

        self.patch(self.registry["account.bank.statement.line"], "create", refuse)
        orders = [self.make_order() for _order in range(3)]
        bodies = [self.body(order.sop_payment_ref, amount) for order, amount in zip(orders, (100_000, 120_000, 100_000), strict=True)]
        bodies.append(self.body("khong ma", 5_000))  # pays no order, and stands in the statement all the same
        for body in bodies:
            self.report(body)
        self.assertEqual(self.env["sop.bank.line"].sudo()._work_next(), 4)
        lines = self.env["sop.bank.line"].union(*map(self.line, bodies))
        self.assertEqual([order.state for order in orders], ["sale"] * 3, "confirmed before anything is written into the books")
        self.assertFalse(lines.statement_line_id)
        with mute_logger("odoo.addons.sop_pipeline.models.bank.sop_bank_line"):
            self.work()
        self.assertEqual([bool(line.statement_line_id) for line in lines], [True, False, True, False])
        self.assertEqual(lines.mapped("to_post"), [False, True, False, True], "they wait for their next attempt")
        self.assertIn("The month is closed", orders[1].activity_ids.filtered(lambda duty: duty.summary == "Bank transfer").note)
        self.work()
        self.assertFalse(lines[1].statement_line_id, "not before")
        closed.clear()
        lines.next_attempt_at = fields.Datetime.subtract(fields.Datetime.now(), seconds=1)
        self.work()
        self.assertEqual([statement.search_count([("id", "=", line.statement_line_id.id)]) for line in lines], [1] * 4)
        self.assertEqual([line.statement_line_id.amount for line in lines], [100_000, 120_000, 100_000, 5_000])
        self.assertEqual([line.statement_line_id.is_reconciled for line in lines], [True, True, True, False])
        self.assertEqual([line.transaction_id.payment_id.amount for line in lines], [100_000, 120_000, 100_000, 0])
        self.assertFalse(any(lines.mapped("to_post")))

    def test_with_invoices_made_by_core(self):
        """Where core makes the invoice of a paid order, the payments of a rush settle the invoices, too."""
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        self.env["ir.config_parameter"].set_param("sale.async_emails", "True")  # no picture of the invoice here
        orders = [self.make_order() for _order in range(3)]
        self.rush(*[(order.sop_payment_ref, 100_000, {}) for order in orders])
        for order in orders:
            self.assertIn(order.invoice_ids.payment_state, ("paid", "in_payment"))

    def test_with_a_statement(self):
        """With a journal each movement of a rush leaves both waiting accounts."""
        self.feed.journal_id = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1)
        orders = [self.make_order() for _order in range(3)]
        lines = self.rush(*[(order.sop_payment_ref, 100_000, {}) for order in orders])
        self.assertEqual([line.statement_line_id.is_reconciled for line in lines], [True] * 3)
        self.assertEqual([line.transaction_id.payment_id.state for line in lines], ["paid"] * 3)


@tagged("post_install", "-at_install")
class TestBankByHand(BankCommon):
    """Row 2.6, and who may do it."""

    def test_one_click_and_undo(self):
        """A hand match has a name, and is undone until an invoice is posted."""
        order = self.make_order(sop_payment_ref=False)
        line = self.pay("chuyen tien", 100_000).with_user(self.accountant)
        line.choice_id = order
        line.action_match()
        line.action_match()
        self.assertEqual((line.state, line.order_id, line.matched_by, order.state), ("matched", order, self.accountant, "sale"))
        self.assertEqual(order.amount_paid, 100_000)
        line.action_unmatch()
        self.assertEqual((line.state, line.why, order.amount_paid, order.sop_amount_received), ("unmatched", "undone", 0, 0))
        line.action_match() if line.best_id else order.with_user(self.accountant).with_context(sop_bank_line_id=line.id).action_sop_take_money()
        self.assertEqual(order.amount_paid, 100_000)
        self.product.invoice_policy = "order"
        order._create_invoices().action_post()
        with self.assertRaisesRegex(UserError, "posted"):
            line.action_unmatch()

    def test_only_open_money_is_moved_by_hand(self):
        """Without an order, on another order than it pays already, or the shop's own payment: said in words, and nothing moves."""
        order, other = self.make_order(), self.make_order()
        line = self.pay("chuyen tien", 1_234).with_user(self.accountant)
        self.assertFalse(line.best_id)
        with self.assertRaisesRegex(UserError, "Choose the order"):
            line.action_match()
        paid = self.pay(order.sop_payment_ref, 100_000).with_user(self.accountant)
        paid.action_match()
        self.assertEqual(paid.order_id, order, "again on its own order changes nothing")
        paid.choice_id = other
        with self.assertRaisesRegex(UserError, "not open any more"):
            paid.action_match()
        out = self.pay(other.sop_payment_ref, 100_000, transferType="out").with_user(self.accountant)
        out.choice_id = other
        with self.assertRaises(UserError):
            out.action_match()
        self.assertEqual((paid.order_id, order.amount_paid, other.amount_paid), (order, 100_000, 0))

    def test_money_put_aside_may_still_pay(self):
        order = self.make_order(sop_payment_ref=False)
        line = self.pay("von gop", 100_000).with_user(self.accountant)
        line.action_ignore()
        line.choice_id = order
        line.action_match()
        line.action_ignore()
        self.assertEqual((line.state, order.amount_paid), ("matched", 100_000), "money that pays an order is not put aside")

    def test_closed_orders_by_hand(self):
        """A person may put money on an expired quotation, not on a cancelled or paid order, nor on another company's."""
        line = self.pay("chuyen tien", 100_000).with_user(self.accountant)
        cancelled = self.make_order()
        cancelled._action_cancel()
        line.choice_id = cancelled
        with self.assertRaisesRegex(UserError, "cancelled"):
            line.action_match()
        line.choice_id = self.make_order(validity_date="2020-01-01")
        line.action_match()
        self.assertEqual(line.state, "matched")

    def test_proposals(self):
        """A cut reference, the same sum, the same customer; never what is paid."""
        order, paid = self.make_order(), self.make_order()
        self.pay(paid.sop_payment_ref, 100_000)
        line = self.pay(f"MBVCB {order.sop_payment_ref[:8]}", 30_000)
        self.assertEqual((line.state, line.proposal_ids, line.best_id), ("unmatched", order, order))
        self.assertNotIn(paid, self.pay("x", 100_000).proposal_ids)

    def test_put_aside_and_look_again(self):
        line = self.pay("von gop", 1_000_000).with_user(self.accountant)
        line.action_ignore()
        self.assertEqual((line.state, line.matched_by), ("ignored", self.accountant))
        order = self.make_order()
        order._action_cancel()
        late = self.pay(order.sop_payment_ref, 100_000).with_user(self.accountant)
        order.action_draft()
        late.action_again()
        self.work()
        self.assertEqual((late.state, order.state), ("matched", "sale"))

    def test_rights(self):
        """Accountants alone see and move raw money; nobody makes it; agents see what came on their order."""
        order = self.make_order(user_id=self.agent.id)
        line = self.pay(order.sop_payment_ref, 40_000)
        self.assertEqual(order.with_user(self.agent).sop_amount_missing, 60_000)
        for user in (self.agent, self.boss):
            with self.assertRaises(AccessError):
                line.with_user(user).read(["amount"])
            with self.assertRaises(AccessError):
                line.with_user(user).action_unmatch()
            with self.assertRaises(AccessError):
                self.feed.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                order.with_user(user).with_context(sop_bank_line_id=line.id).action_sop_take_money()
        accountant = line.with_user(self.accountant)
        self.assertEqual(accountant.payload["transferAmount"], 40_000)
        for values in ({"state": "matched"}, {"order_id": order.id}, {"amount": 1}, {"words": "x"}):
            with self.assertRaises(AccessError):
                accountant.write(values)
        with self.assertRaises(AccessError):
            accountant.create({"feed_id": self.feed.id, "amount": 1})
        for user in (self.agent, self.accountant, self.boss):
            for values in ({"sop_payment_ref": "SOPX"}, {"sop_amount_received": 1}):
                with self.assertRaises(AccessError):
                    order.with_user(user).write(values)
        with self.assertRaises(AccessError):
            self.feed.with_user(self.accountant).read(["secret"])
        with self.assertRaises(AccessError):
            self.feed.with_user(self.accountant).write({"account_number": "1"})

    def test_the_portal(self):
        """A customer sees what came on their own order, nothing of the bank, and makes no money."""
        buyer = new_test_user(self.env, login="bank_buyer", groups="base.group_portal")
        order = self.make_order(partner_id=buyer.partner_id.id)
        line = self.pay(order.sop_payment_ref, 40_000)
        self.assertEqual(order.with_user(buyer).sop_amount_missing, 60_000)
        with self.assertRaises(AccessError):
            line.with_user(buyer).read(["amount"])
        with self.assertRaises(AccessError):
            self.feed.with_user(buyer).read(["name"])
        for method in (
            line.with_user(buyer).action_match,
            line.with_user(buyer).action_unmatch,
            line.with_user(buyer).action_ignore,
            line.with_user(buyer).action_again,
            self.feed.with_user(buyer).action_poll,
            order.with_user(buyer).with_context(sop_bank_line_id=line.id).action_sop_take_money,
            order.with_user(buyer).action_sop_transfer_reference,
        ):
            with self.assertRaises(AccessError):
                method()
        with self.assertRaises(AccessError):
            order.with_user(buyer).write({"sop_amount_received": 100_000})

    def test_money_of_one_company_for_an_order_of_another(self):
        """Who keeps the books of two companies cannot mix them by hand either."""
        other = self.env["res.company"].create({"name": "B", "currency_id": self.env.ref("base.VND").id})
        self.accountant.write({"company_ids": [(4, other.id)]})
        foreign = self.make_order(company_id=other.id)
        line = self.pay("chuyen tien", 100_000).with_user(self.accountant).with_context(allowed_company_ids=[self.env.company.id, other.id])
        self.assertNotIn(foreign, line.proposal_ids)
        with self.assertRaises(UserError):
            foreign.with_user(self.accountant).with_context(
                sop_bank_line_id=line.id, allowed_company_ids=[self.env.company.id, other.id]
            ).action_sop_take_money()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            line.choice_id = foreign
            line.action_match()
        self.assertEqual((line.state, foreign.amount_paid), ("unmatched", 0))

    def test_another_companys_accountant(self):
        """Sees neither the feed nor its money."""
        other = self.env["res.company"].create({"name": "B"})
        stranger = self.make_user("bank_stranger", "account.group_account_invoice")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        line = self.pay("x", 1)
        self.assertFalse(self.env["sop.bank.line"].with_user(stranger).search([]))
        self.assertFalse(self.env["sop.bank.feed"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            line.with_user(stranger).action_ignore()

    def test_reference_is_made_once(self):
        order = self.make_order()
        reference = order.sop_payment_ref
        self.assertEqual(order._sop_get_payment_ref(), reference)
        self.assertFalse(order.copy().sop_payment_ref)
        orders = self.env["sale.order"].concat(*[self.make_order() for _order in range(20)])
        self.assertEqual(len(set(orders.mapped("sop_payment_ref"))), 20)

    def test_health(self):
        self.pay("x", 1)
        self.assertEqual((self.feed.unmatched_count, self.feed.lag), (1, 0))
        self.assertTrue(self.feed.last_event_at)
        self.assertEqual(self.feed.action_test()["params"]["type"], "success")
        self.report(self.body("x", 1), secret="wrong")
        self.feed.invalidate_recordset()
        self.assertEqual(self.feed.account_number, ACCOUNT)

    def test_the_test_says_what_is_missing(self):
        """In the order in which it has to be filled in."""
        self.feed.secret = False
        with self.assertRaisesRegex(UserError, "Enter the secret that SePay"):
            self.feed.action_test()
        self.feed.secret = SECRET
        account = self.env["res.partner.bank"].search([("acc_number", "=", ACCOUNT), ("partner_id", "=", self.env.company.partner_id.id)])
        account.acc_number = "999999999"
        with self.assertRaisesRegex(UserError, f"{ACCOUNT} is none of the company's"):
            self.feed.action_test()
        account.acc_number = ACCOUNT
        self.report(self.body("x", 1), secret="wrong")
        with self.assertRaisesRegex(UserError, "was refused"):
            self.feed.action_test()
        self.feed.refused_at = fields.Datetime.subtract(fields.Datetime.now(), hours=1)
        self.pay("x", 1)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.feed.action_test()["params"]["type"], "success", "what came since is what counts")

    def test_a_feed_that_cannot_work_is_not_kept(self):
        for values, words in (({"provider": "payos", "plain": True}, "always signs"), ({"account_number": "---"}, "has a number")):
            with self.subTest(words), self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.make_feed(**{"account": "777", **values}) if "account_number" not in values else self.feed.write(values)
        self.assertEqual(self.feed.account_number, ACCOUNT)

    def test_the_button_opens_the_money_it_counts(self):
        order = self.make_order()
        self.pay(order.sop_payment_ref, 100_000)
        waiting = self.pay("chuyen tien", 1_000)
        self.pay("von gop", 2_000).with_user(self.accountant).action_ignore()
        other = self.make_feed("555")
        self.report(self.body("x", 5, accountNumber="555"), feed=other)
        self.work()
        action = self.feed.action_unmatched()
        self.assertEqual(safe_eval(action["context"]), {"search_default_unmatched": 1})
        shown = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(shown.feed_id, self.feed)
        self.assertEqual(shown.filtered(lambda line: line.state == "unmatched"), waiting)
        self.assertEqual((self.feed.unmatched_count, other.unmatched_count), (1, 1))


@tagged("post_install", "-at_install")
class TestBankPoll(BankCommon):
    """Row 2.8, against a stand-in that speaks as SePay's list does (the real double is in tests/)."""

    def listed(self, body):
        return {
            "id": str(body["id"]),
            "transaction_date": body["transactionDate"],
            "account_number": body["accountNumber"],
            "amount_in": f"{body['transferAmount']}.00",
            "amount_out": "0.00",
            "transaction_content": body["content"],
            "reference_number": body["referenceCode"],
        }

    def poll(self, bodies, status=200):
        content = json.dumps({"status": status, "transactions": [self.listed(body) for body in bodies]}).encode()
        reply = http_out.Reply(status, {}, content, "")
        with patch("odoo.addons.sop_pipeline.models.bank.sop_bank_feed_poll.exchange", return_value=reply) as exchange:
            self.feed.action_poll()
            return exchange.call_args

    def test_what_a_webhook_lost(self):
        """1 of 20 webhooks is lost: after the poll all 20 orders are paid, each once; another account's lines stay out."""
        orders = [self.make_order() for _order in range(20)]
        bodies = [self.body(order.sop_payment_ref, 100_000) for order in orders]
        for body in bodies[:-1]:
            self.report(body)
        self.work()
        self.feed.api_token = "t"
        call = self.poll([*bodies, self.body("x", 1, accountNumber="999")])
        self.assertEqual(call.args[3]["Authorization"], "Bearer t")
        self.work()
        self.poll(bodies)
        self.report(bodies[-1])
        self.work()
        self.assertEqual([order.amount_paid for order in orders], [100_000] * 20)
        self.assertEqual(self.env["sop.bank.line"].search_count([("feed_id", "=", self.feed.id)]), 20)

    def test_no_list(self):
        """A key that is missing or refused is said, and kept for the health page."""
        self.poll([])
        self.assertTrue(self.feed.poll_error)
        self.feed.api_token = "t"
        self.poll([], status=401)
        self.assertIn("401", self.feed.poll_error)
        self.poll([])
        self.assertFalse(self.feed.poll_error)
