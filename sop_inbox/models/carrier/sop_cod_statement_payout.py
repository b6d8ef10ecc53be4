from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.cod_statement import explain

DAYS = 14  # a transfer and its statement come within so many days of each other


class SopCodStatement(models.Model):
    """The one transfer a statement is about: the bank's line, and which lines differ where it is not their sum."""

    _inherit = "sop.cod.statement"

    bank_line_id = fields.Many2one(
        "sop.bank.line",
        "Bank Transfer",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The movement of the bank this statement is about.",
    )
    book_line_id = fields.Many2one(
        "account.bank.statement.line", "Line of the Bank", copy=False, index="btree_not_null", ondelete="set null", check_company=True
    )
    differing_ids = fields.Many2many("sop.cod.line", compute="_compute_differing_ids", string="Lines That Differ")

    _one_transfer = models.UniqueIndex("(bank_line_id) WHERE bank_line_id IS NOT NULL", "This transfer belongs to another statement.")

    @api.depends("difference", "line_ids")
    def _compute_differing_ids(self):
        for statement in self:
            statement.differing_ids = statement._explain() if statement.difference else False

    def _explain(self):
        """Return the lines that explain why the transfer is not their sum; none where no one or two do."""
        wrong = {claim.line_id.id: claim.amount for claim in self.claim_ids if claim.kind == "sum_wrong"}
        rows = [(line.id, round(line.payout), round(wrong.get(line.id, 0))) for line in self.line_ids]
        return self.env["sop.cod.line"].browse(explain(rows, round(self.difference)))

    def _switch_payout(self, before):
        """Take the sum of the transfer that was chosen; the one before waits again. Step of ``write``."""
        (before - self.bank_line_id)._sop_leave_statement()
        for statement in self:
            statement._take_payout()

    def _take_payout(self):
        """What was received is what the bank says; its movement is matched."""
        line = self.bank_line_id.sudo()  # sudo: the link was checked; movements are closed by us alone
        if line and line.state != "matched":
            if line.direction != "in" or line.company_id != self.company_id:
                raise UserError(self.env._("Choose money that came in, of the same company."))
            line._close("matched", matched_by=self.env.uid, matched_at=fields.Datetime.now())
            line._book()
            if line.statement_line_id and not self.book_line_id:
                self.book_line_id = line.statement_line_id
        if line.order_id:
            raise UserError(self.env._("This transfer paid order %(order)s.", order=line.order_id.name))
        if line or self.book_line_id:
            self.received = line.amount or self.book_line_id.sudo().amount  # sudo: its sum, to who may read the line

    def _give_payout_back(self):
        """The transfer waits for another statement again."""
        if self.bank_line_id or self.book_line_id:
            self.write({"bank_line_id": False, "book_line_id": False, "received": 0})

    def action_find_payout(self):
        """Find the one transfer that is the sum of the lines, a transfer fee allowed for. Idempotent. Right: writing statements.

        :raise UserError: there is none, or there are several
        """
        self.check_access("write")
        for statement in self.filtered(lambda statement: not statement.bank_line_id and not statement.book_line_id):
            if statement._find_payout() != 1:
                raise UserError(
                    self.env._("There is not exactly one open transfer of %(amount)s: choose it by hand.", amount=statement._payout_words())
                )
        return True

    def _payout_words(self):
        return self.currency_id.format(self.total_payout).replace("\xa0", " ")

    def _find_payout(self):
        """Take the transfer where there is exactly one; there is none to look for in the past. :return: how many fit"""
        self.ensure_one()
        if self.past:
            return 0
        sums = [self.total_payout, self.total_payout - self._transfer_fee]
        begin, end = fields.Date.subtract(self.date, days=DAYS), fields.Date.add(self.date, days=DAYS + 1)
        own = [("company_id", "=", self.company_id.id), ("amount", "in", sums)]
        where = [*own, ("direction", "=", "in"), ("state", "=", "unmatched"), ("at", ">=", begin), ("at", "<", end)]
        if moves := self.env["sop.bank.line"].search(where):
            if len(moves) == 1:
                self.bank_line_id = moves
            return len(moves)
        booked = self.env["account.bank.statement.line"].search([*own, ("is_reconciled", "=", False), ("date", ">=", begin), ("date", "<", end)])
        taken = self.sudo().search([("book_line_id", "in", booked.ids)]).book_line_id  # sudo: whether somebody has it
        if len(booked - taken) == 1:
            self.book_line_id = booked - taken
        return len(booked - taken)


class SopBankLine(models.Model):
    """A movement that is a carrier's payout belongs to its statement, and to no order."""

    _inherit = "sop.bank.line"

    sop_statement_ids = fields.One2many("sop.cod.statement", "bank_line_id", "COD Statement", readonly=True)

    def _unmatch(self):
        """Take a payout off its statement; see the movement's own for orders."""
        if not self.sop_statement_ids:
            return super()._unmatch()
        self.sop_statement_ids.check_access("write")
        return self.sop_statement_ids._give_payout_back()

    def _sop_leave_statement(self):
        """Wait for its statement, or order, again."""
        for line in self.sudo():  # sudo: the statement was checked; movements are closed by us alone
            line._close("unmatched", "undone", matched_by=self.env.uid, matched_at=fields.Datetime.now())
