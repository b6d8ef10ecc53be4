"""An order of the chat is paid by transfer: the customer hears of it there, once, and every row follows."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.sop_pipeline.tests.bank_common import BankCommon

from ..channel_common import TalkCommon
from ..common import InboxCommon


@tagged("post_install", "-at_install", "sop_inbox")
class TestTransfer(InboxCommon, BankCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.conversation = cls.make()
        cls.conversation.partner_id = cls.customer
        cls.item = cls.env["product.product"].create({"name": "Áo", "list_price": 359_000, "type": "service", "taxes_id": False})

    def order_here(self, **vals):
        lines = [{"product_id": self.item.id, "qty": 1}]
        order_id = self.conversation.action_create_order({"lines": lines, "payment": "transfer", "confirm": True, **vals})
        return self.env["sale.order"].browse(order_id)

    def said(self):
        """What went to the customer, the latest last."""
        messages = self.env["mail.message"].search([("model", "=", "discuss.channel"), ("res_id", "=", self.conversation.channel_id.id)], order="id")
        return [message.body.striptags().replace("\xa0", " ") for message in messages]

    def test_from_receipt_to_thanks(self):
        """The receipt says reference and sum; the money ends the waiting and thanks once, whatever comes twice."""
        order = self.order_here()
        self.assertIn(order.sop_payment_ref, self.said()[-1])
        self.assertTrue(order.sop_awaits_transfer and self.conversation.awaits_transfer)
        self.assertEqual(self.conversation.get_counters([])["transfer"], 1)
        body = self.body(f"MBVCB.{order.sop_payment_ref}", 359_000)
        for _time in range(3):
            self.report(body)
            self.work()
        self.assertTrue(order.sop_is_paid)
        self.assertFalse(order.sop_awaits_transfer or self.conversation.awaits_transfer)
        thanks = [text for text in self.said() if "received, thank you" in text or "Đã nhận" in text]
        self.assertEqual(len(thanks), 1)
        self.assertRegex(thanks[0], "359[.,]000")
        self.assertTrue(self.conversation.get_order_form()["recent"][0]["paid"])

    def test_a_part(self):
        """Too little: the chat says what is missing, with the reference; the second transfer ends it."""
        order = self.order_here()
        self.pay(order.sop_payment_ref, 309_000)
        self.assertRegex(self.said()[-1], "50[.,]000")
        self.assertIn(order.sop_payment_ref, self.said()[-1])
        self.assertTrue(self.conversation.awaits_transfer)
        self.assertEqual(self.conversation.get_order_form()["recent"][0]["missing"], 50_000)
        self.pay(order.sop_payment_ref, 50_000)
        self.assertFalse(self.conversation.awaits_transfer)
        self.assertTrue(order.sop_is_paid)

    def test_deposit(self):
        """30 % before COD: the receipt asks for the deposit, and COD falls by what came."""
        order = self.order_here(payment="cod", deposit="30%")
        self.assertEqual((order.sop_deposit, order._sop_totals()["cod"]), (107_700, 359_000))
        self.assertIn(order.sop_payment_ref, self.said()[-1])
        self.assertTrue(self.conversation.awaits_transfer)
        self.pay(order.sop_payment_ref, 107_700)
        self.assertEqual(order._sop_totals()["cod"], 251_300)
        self.assertFalse(self.conversation.awaits_transfer)
        with self.assertRaises(UserError):
            self.order_here(payment="cod", deposit=1e9)

    def test_cancelled_order_waits_no_more(self):
        order = self.order_here()
        order._action_cancel()
        self.assertFalse(self.conversation.awaits_transfer)
        line = self.pay(order.sop_payment_ref, 359_000)
        self.assertEqual((line.state, line.why), ("unmatched", "cancelled"))

    def pay_in_the_shop(self, order):
        """Cash for the invoice of all of it. :return: the invoice"""
        self.item.invoice_policy = "order"
        invoice = order._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({}).action_create_payments()
        return invoice

    def test_paid_another_way(self):
        """Cash in the shop for the invoice: the row waits no more."""
        self.pay_in_the_shop(self.order_here())
        self.assertFalse(self.conversation.awaits_transfer)

    def test_an_invoice_whose_payment_bounced(self):
        """The payment is taken off the invoice: the order is not paid any more, and the row waits again."""
        order = self.order_here()
        invoice = self.pay_in_the_shop(order)
        self.assertFalse(self.conversation.awaits_transfer)
        invoice.line_ids.remove_move_reconcile()
        self.assertFalse(order.sop_is_paid)
        self.assertTrue(order.sop_awaits_transfer and self.conversation.awaits_transfer)

    def test_undone_by_hand(self):
        """Money taken off: the row waits again."""
        order = self.order_here()
        line = self.pay(order.sop_payment_ref, 359_000)
        line.with_user(self.accountant).action_unmatch()
        self.assertTrue(self.conversation.awaits_transfer)
        self.assertFalse(order.sop_is_paid)

    def test_known_by_comments_only(self):
        """Nobody can be told below a post what everybody would read: the money counts all the same, and the order says why no thanks went."""
        self.conversation = self.make("Trần Bình", kind="comment", thread_ref="post-1")
        self.conversation.partner_id = self.customer
        order, before = self.order_here(), len(self.said())
        order.action_sop_transfer_reference()
        line = self.pay(order.sop_payment_ref, 359_000)
        self.assertEqual((line.state, order.sop_is_paid, len(self.said())), ("matched", True, before))
        self.assertIn("The customer was not notified", " ".join(order.message_ids.mapped("body")))


@tagged("post_install", "-at_install", "sop_inbox")
class TestTransferOutsideTheWindow(TalkCommon, BankCommon):
    def test_staff_see_that_the_thanks_did_not_go(self):
        """The customer pays the day after they wrote: the platform takes no more words; the money counts, and the conversation shows it to staff."""
        item = self.env["product.product"].create({"name": "Áo", "list_price": 359_000, "type": "service", "taxes_id": False})
        self.talk.partner_id = self.customer
        lines = [{"product_id": item.id, "qty": 1}]
        order = self.env["sale.order"].browse(self.talk.action_create_order({"lines": lines, "payment": "transfer", "confirm": True}))
        self.talk.last_inbound_at = fields.Datetime.subtract(self.now, hours=25)
        line = self.pay(order.sop_payment_ref, 359_000)
        self.assertFalse(self.deliver(lambda call: {"message_id": "m"}, rounds=2), "the platform would refuse it")
        thanks = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("direction", "=", "out")], order="id desc", limit=1)
        self.assertRegex(thanks.mail_message_id.body, "359[.,]000")
        self.assertEqual((thanks.state, thanks.reason), ("failed", "window"))
        self.assertEqual((line.state, order.sop_is_paid, self.talk.has_unsent), ("matched", True, True))
