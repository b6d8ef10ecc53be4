import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.arguments import record_id, take
from ...tools.bank_feeds import same_account
from ...tools.bank_reference import make_reference
from ...tools.signals import received
from ...tools.transactions import in_own_transaction
from .payment_provider import CODE

_logger = logging.getLogger(__name__)
MAILS_WAIT = 10  # minutes mails wait for a rush of money
MAIL_PAUSE = 60  # seconds: in a rush money goes first; the PDF of one mail takes the processor longer than many payments do


class SaleOrder(models.Model):
    """An order that is paid by transfer: its reference, what came, and what is still missing."""

    _inherit = "sale.order"

    sop_payment_ref = fields.Char("Transfer Reference", copy=False, readonly=True, help="What the transfer has to say; the VietQR says it.")
    sop_bank_line_ids = fields.One2many("sop.bank.line", "order_id", groups="account.group_account_invoice")
    sop_amount_received = fields.Monetary("Received by Transfer", copy=False, readonly=True)
    sop_amount_missing = fields.Monetary("Still Missing", compute="_compute_sop_amount_missing", compute_sudo=True)

    _sop_payment_ref_unique = models.UniqueIndex("(sop_payment_ref) WHERE sop_payment_ref IS NOT NULL", "Another order has this reference.")

    @api.model
    def _sop_kept(self):
        """What a transfer says and what the bank reported."""
        return super()._sop_kept() | {"sop_payment_ref", "sop_amount_received"}

    @api.depends("amount_total", "sop_amount_received", "state", "transaction_ids.state", "transaction_ids.amount")
    def _compute_sop_amount_missing(self):
        for order in self:
            part = order.sop_amount_received and order.state != "cancel"
            order.sop_amount_missing = max(0, order._sop_due()) if part else 0

    def _sop_get_payment_ref(self):
        """Return the reference of an order, made when first asked for and never changed; several orders get theirs in one go.

        :return: that of the first
        """
        # sudo: for any user who shows an order its way of paying, a customer too
        for order in self.sudo().filtered(lambda order: not order.sop_payment_ref):
            reference = make_reference()
            while self.env["sale.order"].sudo().with_context(active_test=False).search_count([("sop_payment_ref", "=", reference)], limit=1):
                reference = make_reference()
            order.sop_payment_ref = reference
        return self[:1].sudo().sop_payment_ref  # sudo: as above

    def action_sop_transfer_reference(self):
        """Return the references a customer puts into the words of a transfer, one for each order; made here when there is none yet. Idempotent.

        :return: list of texts, in the order of self
        """
        self.check_access("write")
        self._sop_get_payment_ref()
        return self.mapped("sop_payment_ref")

    def _sop_lock(self):
        """Two transfers for one order come one after the other; the second sees what the first did."""
        self.env.flush_all()
        lock = SQL("SELECT id FROM sale_order WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", tuple(self.ids))
        self.env.cr.execute(lock, log_exceptions=False)  # who waited for another one is replayed
        self.invalidate_recordset()

    def _is_confirmation_amount_reached(self):
        """Core confirms with any payment what asks for none; money that came by transfer has to be what was asked for."""
        reached = super()._is_confirmation_amount_reached()
        transfers = self.transaction_ids.filtered(lambda tx: tx.provider_code == CODE and tx.state == "done")
        if reached and transfers and not self.require_payment:
            return self.currency_id.compare_amounts(self._sop_paid(), self._sop_transfer_asked()) >= 0
        return reached

    def _send_order_notification_mail(self, mail_template, *args, **options):
        """Money that comes by the bank confirms at once; the mail, whose PDF takes seconds, follows by core's own job."""
        cron = self.env.ref("sale.send_pending_emails_cron", raise_if_not_found=False)
        if mail_template and options.get("allow_deferred_sending", True) and received(self.env, "sop_bank_money") and cron:
            self.pending_email_template_id = mail_template
            cron.sudo()._trigger(fields.Datetime.add(fields.Datetime.now(), seconds=MAIL_PAUSE))  # sudo: waking core's job
            return None
        return super()._send_order_notification_mail(mail_template, *args, **options)

    @api.model
    def _cron_send_pending_emails(self):
        """Mails wait while money and its books do, at most some minutes.

        An order whose mail is being written may get its next money; no job fails then.
        """
        now = fields.Datetime.now()
        since = fields.Datetime.subtract(now, minutes=MAILS_WAIT)
        waiting = ["|", ("state", "=", "new"), ("to_post", "=", True), ("next_attempt_at", "<=", now), ("create_date", ">=", since)]
        if self.env["sop.bank.line"].search_count(waiting, limit=1):
            self.env.ref("sale.send_pending_emails_cron")._trigger(fields.Datetime.add(now, seconds=MAIL_PAUSE))
            return None
        return in_own_transaction(self.env, super()._cron_send_pending_emails)

    def _sop_transfer_asked(self):
        """Return what a customer is to transfer before the order counts as confirmed. Hook: an order may ask for a part."""
        return self.amount_total

    def _sop_paid(self):
        """Return what transactions have paid; core's ``amount_paid`` does not notice that one of them became done."""
        return sum(tx.amount for tx in self.transaction_ids if tx.state in ("authorized", "done"))

    def _sop_due(self):
        """Return what is still to pay; below zero when too much came. Settled invoices count where no transaction paid them."""
        self.ensure_one()
        if self._sop_is_paid() and self.currency_id.compare_amounts(self._sop_paid(), self.amount_total) < 0:
            return 0
        return self.currency_id.round(self.amount_total - self._sop_paid())

    def _sop_transfer_due(self):
        """Return what the customer is to transfer now: what was asked for, or all that is left once that is here."""
        asked = self.currency_id.round(self._sop_transfer_asked() - self._sop_paid())
        return max(0, min(asked, self._sop_due()) if asked > 0 else self._sop_due())

    def _sop_transfer_account(self):
        """Return the bank account to transfer to: one whose movements are reported, else the company's first."""
        return self._sop_fed_account() or self.company_id.partner_id.bank_ids.filtered("active")[:1]

    def _sop_fed_account(self):
        """Return the company's bank account whose movements are reported; empty when there is none."""
        banks = self.company_id.partner_id.bank_ids.filtered("active")
        # sudo: numbers we print
        numbers = self.env["sop.bank.feed"].sudo().search([("company_id", "=", self.company_id.id)]).mapped("account_number")
        return banks.filtered(lambda bank: any(same_account(bank.acc_number, number) for number in numbers))[:1]

    def _sop_transfer_qr(self, bank, amount):
        """Return the picture of the code a banking app reads, as a data URL; empty when there can be none."""
        reference = self._sop_get_payment_ref()
        # the reference rides along whatever the account's own setting says: a payment is found by it
        draft = bank.new({"include_reference": True}, origin=bank) if bank and "include_reference" in bank._fields else bank
        try:
            return draft and draft.build_qr_code_base64(amount, reference, reference, self.currency_id, self.partner_id, silent_errors=True) or ""
        except Exception as error:  # the renderer of core's picture is not on every machine; the words beside it are enough to pay
            _logger.warning("no picture of a transfer's code: %s", type(error).__name__)
            return ""

    def _sop_refuses_money(self, currency, by_hand=False):
        """Return why money must not be put on this order by itself, as a reason of ``sop.bank.line``; False when it may.

        :param by_hand: a person says so: an expired quotation takes money then
        """
        self.ensure_one()
        if self.state == "cancel":
            return "cancelled"
        if self.currency_id != currency:
            return "currency"
        if self._sop_due() <= 0:
            return "paid"
        today = fields.Date.context_today(self.with_context(tz=self.company_id._sop_zone()))
        expired = self.state in ("draft", "sent") and self.validity_date and self.validity_date < today
        return "expired" if expired and not by_hand else False

    def action_sop_take_money(self):
        """Let the movement named in the context (``sop_bank_line_id``) pay this order: a button of the list of proposals.

        :return: whether there was one
        :raise AccessError: for others than accountants
        """
        self.ensure_one()
        self.env["sop.bank.line"].check_access("write")
        number = take(self.env, "sop_bank_line_id", record_id, self.env.context.get("sop_bank_line_id"), default=None)
        if not number:
            return False
        line = self.env["sop.bank.line"].browse(number)
        line.check_access("write")
        self.check_access("read")
        if line.order_id != self:
            line._match_by_hand(self)
        return True

    def _sop_transfer_state(self):
        """Return what a customer's open page asks again and again: whether it is paid, and in words what came and what is missing."""
        order = self.with_context(lang=self.partner_id.lang or self.env.lang)
        money = order.currency_id.format
        paid = order._sop_transfer_due() <= 0 or order._sop_paid() >= order._sop_transfer_asked()
        values = {"amount": money(order.sop_amount_received), "missing": money(order._sop_transfer_due())}
        return {
            "paid": bool(paid),
            "thanks": order.env._("%(amount)s received, thank you!", **values) if paid else "",
            "part": order.env._("%(amount)s received, %(missing)s still missing.", **values) if order.sop_amount_received and not paid else "",
            "amount": values["missing"],
        }

    def _sop_money_came(self, line):
        """What follows from a transfer for this order, in its transaction, once. Hook: extend with super()."""
        self._sop_count_received()

    def _sop_money_went(self):
        """What follows when a transfer was taken off this order. Hook: extend with super()."""
        self._sop_count_received()

    def _sop_count_received(self):
        lines = self.env["sop.bank.line"].sudo()  # sudo: sums of money that paid these orders
        sums = dict(lines._read_group([("order_id", "in", self.ids), ("state", "=", "matched")], ["order_id"], ["amount:sum"]))
        for order in self:
            order.sop_amount_received = sums.get(order, 0)
