from odoo import SUPERUSER_ID, fields, models
from odoo.tools import str2bool

from .payment_provider import CODE


class PaymentTransaction(models.Model):
    """A transfer: pending from the moment a customer chooses it, done when the bank says so, by nothing else."""

    _inherit = "payment.transaction"

    sop_is_answered = fields.Boolean("Customer Answered", copy=False, readonly=True, help="The order was confirmed, the mail is on its way.")

    def _get_specific_rendering_values(self, processing_values):
        """Core's hook: where the form leads that takes the customer on after the choice."""
        if self.provider_code != CODE:
            return super()._get_specific_rendering_values(processing_values)
        return {"api_url": "/sop/bank/chosen", "reference": self.reference}

    def _extract_amount_data(self, payment_data):
        """Core's hook: the choice says no sum; the bank does, later."""
        return None if self.provider_code == CODE else super()._extract_amount_data(payment_data)

    def _apply_updates(self, payment_data):
        """Core's hook: whatever a browser sends, the transaction waits for the bank."""
        if self.provider_code != CODE:
            return super()._apply_updates(payment_data)
        self.sale_order_ids._sop_get_payment_ref()
        return self._set_pending()

    def _log_received_message(self):
        """Core writes note by note; those of a rush are written together, where each is of an order of its own."""
        first = {}
        for tx in self.filtered(lambda tx: tx.provider_code == CODE and tx.state == "done" and len(tx.sale_order_ids) == 1 and not tx.invoice_ids):
            first.setdefault(tx.sale_order_ids, tx)
        if len(first) < 2 or self.env.uid != SUPERUSER_ID:  # a person's notes bear other names
            return super()._log_received_message()
        together = self.union(*first.values())
        together.sale_order_ids._message_log_batch({order.id: tx._get_received_message() for order, tx in first.items()})
        return super(PaymentTransaction, self - together)._log_received_message()

    def _sop_answer(self):
        """Do what people wait for: confirm the orders, have the mails written; the books follow by ``_post_process``. Batch.

        Hook: what else a customer waits for, safe to do again; extend with super().
        """
        confirmed = self._sop_confirm_together()
        (self.sale_order_ids - confirmed)._send_payment_succeeded_for_order_mail()
        self.sop_is_answered = True

    def _post_process(self):
        """Core goes one by one; what the bank reported together is posted together, at a fraction of the cost."""
        done = self.filtered(lambda tx: tx.provider_code == CODE and tx.state == "done")
        if len(done) > 1:
            done._sop_pay_together()
        result = super()._post_process()
        # sudo: the movement of this very money, posted by core's job or from the customer's page
        lines = self.env["sop.bank.line"].sudo().search([("transaction_id", "in", done.ids)])
        lines._book()
        lines.filtered("statement_line_id")._settle()
        return result

    def _check_amount_and_confirm_order(self):
        """Core confirms what is paid; a shop may want to do so itself. Orders whose customer has had the answer count as confirmed."""
        by_hand = self.filtered(lambda tx: tx.provider_code == CODE and not tx.company_id.sop_bank_confirm)
        confirmed = super(PaymentTransaction, self - by_hand)._check_amount_and_confirm_order()
        return confirmed | self.filtered("sop_is_answered").sale_order_ids

    def _sop_confirm_together(self):
        """Confirm the quotations these transactions pay, as core does each. :return: those"""
        own = self.filtered(lambda tx: tx.company_id.sop_bank_confirm and len(tx.sale_order_ids) == 1).sale_order_ids
        quotations = own.filtered(lambda order: order.state in ("draft", "sent") and order._is_confirmation_amount_reached())
        quotations.with_context(send_email=True).action_confirm()
        return quotations

    def _sop_pay_together(self):
        """Make and post the payments that settle no invoice; core makes the others, each with its invoice."""
        # sudo: a setting
        if str2bool(self.env["ir.config_parameter"].sudo().get_param("sale.automatic_invoice", False)):
            return  # core makes the invoice between confirmation and payment
        txs = self.filtered(lambda tx: tx.provider_id.journal_id and not tx.payment_id and not tx.invoice_ids)
        payments = self.env["account.payment"].create([tx._sop_payment_values() for tx in txs])
        payments.action_post()
        for tx, payment in zip(txs, payments, strict=True):
            tx.payment_id = payment

    def _sop_payment_values(self):
        """Return the values core's ``_create_payment`` has for a transaction without invoices."""
        journal = self.provider_id.journal_id
        method = journal.inbound_payment_method_line_ids.filtered(lambda line: line.payment_provider_id == self.provider_id)
        return {
            "amount": self.amount,
            "payment_type": "inbound",
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "partner_type": "customer",
            "journal_id": journal.id,
            "company_id": self.provider_id.company_id.id,
            "payment_method_line_id": method.id,
            "payment_transaction_id": self.id,
            "memo": f"{self.reference} - {self.provider_reference or ''}",
        }

    def _create_payment(self, **extra_create_values):
        """A company that keeps no books here has no journal: the transaction is all there is then."""
        if self.provider_code == CODE and not self.provider_id.journal_id:
            return self.env["account.payment"]
        return super()._create_payment(**extra_create_values)

    def _sop_transfer_box(self):
        """Return what a customer's page shows of the transfer it waits for (dict), None without an order; sudo by the caller."""
        order = self.sale_order_ids[:1]
        if not order:
            return None
        due = order._sop_transfer_due() or self.amount
        bank = order._sop_transfer_account()
        return {
            "order_id": order.id,
            "token": order._portal_ensure_token(),
            "amount": order.currency_id.format(due),
            "account": " - ".join(filter(None, [bank.acc_number, bank.bank_id.name, bank.acc_holder_name or bank.partner_id.name])),
            "reference": order._sop_get_payment_ref(),
            "qr": order._sop_transfer_qr(bank, due),
        }
