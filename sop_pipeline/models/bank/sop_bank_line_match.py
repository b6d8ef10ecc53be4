from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ...tools.bank_reference import find_references
from ...tools.signals import send


class SopBankLine(models.Model):
    """Which order a movement pays, and what follows: core's payment does the rest. The sum alone says nothing."""

    _inherit = "sop.bank.line"

    def _work(self):
        """Work lines of one feed up, as if one came after the other; sudo by the worker. Everything in the caller's transaction."""
        self._unbooked().to_post = True
        found = self._find_orders()
        incoming = self.filtered(lambda line: line.direction == "in")
        for line in incoming.filtered(lambda line: not found[line][0]):
            line._close("unmatched", found[line][1])
        waiting = {line: found[line][0] for line in incoming if found[line][0]}
        if waiting:
            self.env["sale.order"].union(*waiting.values())._sop_lock()
        while waiting:  # an order is paid once in each round
            first, pay = {}, {}
            for line, order in waiting.items():
                first.setdefault(order, line)
            for order, line in first.items():
                del waiting[line]
                if why := order._sop_refuses_money(line.currency_id):
                    line._close("unmatched", why)
                else:
                    pay[line] = order
            self._match(pay)
        for line in self - incoming:
            line._work_out(found[line][0])

    def _work_out(self, order):
        """Money that left pays no order; an order it names gets an activity."""
        if order and order._sop_paid():
            self._duty(order, self.env._("Money left"), self.env._("%(amount)s left with this order's reference.", amount=self._money(self.amount)))
        self._close("ignored")

    def _close(self, state, why=False, **values):
        self.write({"state": state, "why": why, "error": False, **values})

    def _find_orders(self):
        """Return dict line -> (the one order of this company whose reference its words hold, why there is none)."""
        references = {line: find_references(line.words) for line in self}
        wanted = sorted(set().union(*references.values()))
        orders = self.env["sale.order"].search([("sop_payment_ref", "in", wanted), ("company_id", "=", self.company_id.id)]) if wanted else ()
        known = {order.sop_payment_ref: order for order in orders}
        found = {}
        for line, words in references.items():
            there = [known[word] for word in words if word in known]
            why = "several" if there else "unknown" if words else "reference"
            found[line] = (there[0], False) if len(there) == 1 else (None, why)
        return found

    # === MONEY ===

    def _match(self, pay, user=None):
        """Let lines pay orders that are locked: a done transaction of core's each, once; then what people should hear of it.

        :param pay: dict line -> order, each order once
        :param user: who says so; none: the reference does
        """
        if not pay:
            return
        txs = self._transactions(pay)
        self.env["payment.transaction"].union(*txs.values())._set_done()
        self.env["sale.order"].union(*pay.values()).invalidate_recordset(["amount_paid"])  # core counts it anew only for new transactions
        values = {"matched_by": user and user.id, "matched_at": fields.Datetime.now(), "choice_id": False}
        for line, order in pay.items():
            line._close("matched", order_id=order.id, transaction_id=txs[line].id, **values)
        self.union(*pay)._or_duty(type(self)._answer)
        for line, order in pay.items():
            line._close_order(order, txs[line])
            order._sop_money_came(line)

    def _transactions(self, pay):
        """Return dict line -> the transaction of its money: the one the customer began with this very sum, else a new one."""
        provider = self.env["payment.provider"]._sop_bank_provider(self.company_id, self.feed_id.journal_id)
        txs, missing = {}, {}
        for line, order in pay.items():
            begun = order.transaction_ids.filtered(lambda tx: tx.provider_id == provider and tx.state in ("draft", "pending"))
            same = begun.filtered(lambda tx, line=line: tx.currency_id.compare_amounts(tx.amount, line.amount) == 0)[:1]
            if same:
                txs[line] = same
            else:
                missing[line] = line._transaction_values(provider, order)
        created = self.env["payment.transaction"].create(list(missing.values()))
        txs |= dict(zip(missing, created, strict=True))
        for line, tx in txs.items():
            invoices = pay[line].invoice_ids.filtered(
                lambda move: move.move_type == "out_invoice" and move.state == "posted" and move.amount_residual
            )
            tx.write({"provider_reference": line.bank_ref or line.external_id, "invoice_ids": [Command.link(move.id) for move in invoices]})
        return txs

    def _transaction_values(self, provider, order):
        prefix = f"{order.sop_payment_ref or order.name}-{self.id}"
        return {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id or self.env.ref("payment.payment_method_bank_transfer").id,
            "reference": self.env["payment.transaction"]._compute_reference(provider.code, prefix=prefix),
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "partner_id": order.partner_invoice_id.id,
            "operation": "offline",
            "sale_order_ids": [Command.set(order.ids)],
        }

    def _answer(self):
        """Confirm the orders, start packages, have the mails written; the payments are posted next (``_post_next``)."""
        send(self.transaction_id, sop_bank_money=True)._sop_answer()
        self.to_post = True

    def _keep_books(self):
        """Make lines those of the statement, then have core post the payments of those that were matched."""
        self._book()
        self._or_duty(type(self)._post)

    def _post(self):
        """Have core post the payments of this money."""
        self.to_post = False
        send(self.transaction_id, sop_bank_money=True)._post_process()

    def _or_duty(self, work):
        """Do ``work`` with matched lines, all at once; of several only the one that cannot be is left behind.

        The money stays received when it cannot be (stock is short, the books are closed): the order says why, the accountant
        gets an activity, and core's own job tries again for four days.
        """
        try:
            with self.env.cr.savepoint():
                work(self)
        except (UserError, ValidationError) as error:
            self.env.invalidate_all()
            if len(self) > 1:
                for line in self:
                    line._or_duty(work)
            else:
                self.to_post = bool(self._unbooked())
                self._duty(self.order_id, self.env._("Bank transfer"), self.env._("The money is here, but: %(error)s", error=error))

    def _close_order(self, order, tx):
        """Nothing more is waited for where all is paid; what is too much is given back by a person."""
        due = order._sop_due()
        if due <= 0:
            rest = order.transaction_ids.filtered(lambda other: other.provider_id == tx.provider_id and other.state in ("draft", "pending"))
            if rest:
                rest._set_canceled()
                rest._post_process()
        if due < 0:
            note = self.env._("Return %(amount)s: %(order)s was paid too much.", amount=self._money(-due), order=order.name)
            self._duty(order, self.env._("Return money"), note)

    def _money(self, amount):
        return self.currency_id.format(amount).replace("\xa0", " ")

    def _duty(self, order, summary, note):
        """Give the accountant something to do on an order; of the same kind one thing, the latest."""
        user = self.feed_id.user_id.filtered("active") or order.user_id
        open_ = order.activity_ids.filtered(lambda activity: activity.summary == summary and activity.user_id == user)
        open_.unlink()
        order.activity_schedule("mail.mail_activity_data_todo", summary=summary, note=note, user_id=user.id or self.env.uid)

    # === BOOKS ===

    def _book(self):
        """Make the lines those of the journal's statement, where their feed has a journal. Once."""
        lines = self._unbooked()
        made = self.env["account.bank.statement.line"].create([line._statement_values() for line in lines])
        for line, statement_line in zip(lines, made, strict=True):
            line.statement_line_id = statement_line

    def _unbooked(self):
        """Return the lines that are still to become lines of a statement."""
        return self.filtered(lambda line: line.feed_id.journal_id and not line.statement_line_id)

    def _statement_values(self):
        journal = self.feed_id.journal_id
        at = fields.Datetime.context_timestamp(self.with_context(tz=self.company_id._sop_zone()), self.at).date()
        amount = self.amount if self.direction == "in" else -self.amount
        return {
            "journal_id": journal.id,
            "date": at,
            "payment_ref": self.words or self.bank_ref or self.external_id,
            "amount": self.currency_id._convert(amount, journal.currency_id or self.company_id.currency_id, self.company_id, at),
        }

    def _settle(self):
        """The statement's line and the payment are one movement: the money leaves both waiting accounts. Idempotent."""
        for line in self:
            payment, statement = line.transaction_id.payment_id, line.statement_line_id
            waiting = payment.move_id.line_ids.filtered(
                lambda item, pay=payment: item.account_id == pay.outstanding_account_id and not item.reconciled
            )
            suspense = statement._seek_for_lines()[1]
            if len(waiting) == 1 and len(suspense) == 1 and waiting.account_id.reconcile:
                suspense.account_id = waiting.account_id
                (suspense + waiting).reconcile()
