from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.bank_reference import find_cut, find_references

PROPOSAL_DAYS = 3
PROPOSALS = 5


class SopBankLine(models.Model):
    """Money that belongs to no order yet: proposals, and what an accountant says about it, with their name."""

    _inherit = "sop.bank.line"

    choice_id = fields.Many2one(
        "sale.order", "Belongs to", copy=False, domain="[('company_id', '=', company_id), ('state', 'in', ('draft', 'sent', 'sale'))]"
    )
    proposal_ids = fields.Many2many("sale.order", string="Proposals", compute="_compute_proposal_ids")
    best_id = fields.Many2one("sale.order", "Proposal", compute="_compute_proposal_ids")

    @api.depends("state")
    def _compute_proposal_ids(self):
        for line in self:
            line.proposal_ids = line._propose() if line.state == "unmatched" else False
            line.best_id = line.proposal_ids[:1] if len(line.proposal_ids) == 1 else False

    def _propose(self):
        """Return open orders this money may be for: the same sum within the last days, what the words begin to say, the same customer."""
        orders = self.env["sale.order"].sudo()  # sudo: accountants see orders' names and sums
        open_ = Domain("company_id", "=", self.company_id.id) & Domain("state", "in", ("draft", "sent", "sale"))
        recent = Domain("date_order", ">=", fields.Datetime.subtract(self.at, days=PROPOSAL_DAYS))
        found = orders.search(open_ & recent & Domain("amount_total", "=", self.amount), limit=50)
        cut = find_cut(self.words)
        if references := find_references(self.words):
            found |= orders.search(open_ & Domain("sop_payment_ref", "in", references), limit=PROPOSALS)
        elif cut:
            found |= orders.search(open_ & Domain("sop_payment_ref", "=like", f"{cut}%"), limit=PROPOSALS)
        if self.sender and self.sender_hint:
            same = [
                ("sender", "=", self.sender),
                ("sender_hint", "=", self.sender_hint),
                ("state", "=", "matched"),
                ("company_id", "=", self.company_id.id),
            ]
            partners = self.sudo().search(same, limit=PROPOSALS).order_id.partner_id  # sudo: as the orders above
            found |= orders.search(open_ & recent & Domain("partner_id", "in", partners.ids), limit=PROPOSALS)
        return found.filtered(lambda order: order._sop_due() > 0)[:PROPOSALS].with_env(self.env)

    # === BUTTONS ===

    def _check_accountant(self):
        """Check that the user may say where money belongs. :raise AccessError: otherwise"""
        self.check_access("write")

    def action_match(self):
        """Let unmatched money pay the order chosen for it, else the only one proposed. Idempotent.

        :raise UserError: no order is chosen, or it takes no money
        """
        self._check_accountant()
        for line in self:
            order = line.choice_id or line.best_id
            if line.state == "matched" and (not line.choice_id or line.choice_id == line.order_id):
                continue
            if not order:
                raise UserError(self.env._("Choose the order this money belongs to."))
            line._match_by_hand(order)
        return True

    def _match_by_hand(self, order):
        line = self.sudo().with_company(self.company_id)  # sudo: the right to this money was checked; payments are posted by the system
        if not line.try_lock_for_update().filtered(lambda locked: locked.state in ("unmatched", "ignored") and locked.direction == "in"):
            raise UserError(self.env._("Somebody else is at this movement, or it is not open any more."))
        order = order.with_env(line.env)
        if order.company_id != line.company_id:
            raise UserError(self.env._("%(order)s belongs to another company.", order=order.name))
        order._sop_lock()
        if why := order._sop_refuses_money(line.currency_id, by_hand=True):
            sentence = dict(self._fields["why"]._description_selection(self.env))[why]
            raise UserError(self.env._("%(order)s takes no money: %(why)s.", order=order.name, why=sentence))
        line._match({line: order}, self.env.user)
        line.filtered("to_post")._or_duty(type(line)._keep_books)
        order._message_log(body=self.env._("%(user)s put the transfer of %(amount)s here.", user=self.env.user.name, amount=line._money(line.amount)))

    def action_unmatch(self):
        """Take money off its order again: the payment is cancelled, the order stays as it is, the money is unmatched. Idempotent.

        :raise UserError: an invoice of the order is posted
        """
        self._check_accountant()
        for line in self.filtered(lambda line: line.state == "matched"):
            line._unmatch()
        return True

    def _unmatch(self):
        line = self.sudo().with_company(self.company_id)  # sudo: see _match_by_hand
        order, tx = line.order_id, line.transaction_id
        order._sop_lock()
        if any(move.state == "posted" for move in order.invoice_ids):
            raise UserError(self.env._("An invoice of %(order)s is posted: reverse it first.", order=order.name))
        if line.statement_line_id and tx.payment_id:
            line.statement_line_id.line_ids.remove_move_reconcile()
            line.statement_line_id.action_undo_reconciliation()
        tx._set_canceled(extra_allowed_states=("done",))
        order.invalidate_recordset(["amount_paid"])
        tx._post_process()
        line._close(
            "unmatched",
            "undone",
            order_id=False,
            transaction_id=False,
            to_post=bool(line._unbooked()),
            matched_by=self.env.uid,
            matched_at=fields.Datetime.now(),
        )
        order._message_log(body=self.env._("%(user)s took the transfer of %(amount)s off.", user=self.env.user.name, amount=line._money(line.amount)))
        order._sop_money_went()

    def action_ignore(self):
        """Put money aside that pays no order (a loan, a refund of a supplier). Idempotent."""
        self._check_accountant()
        # sudo: the right to this money was checked; what is kept is written by us
        lines = self.sudo().filtered(lambda line: line.state == "unmatched")
        lines.write({"state": "ignored", "matched_by": self.env.uid, "matched_at": fields.Datetime.now()})
        return True

    def action_again(self):
        """Look for the order of unmatched money again, after what stopped it was put right. Idempotent."""
        self._check_accountant()
        # sudo: see action_ignore
        self.sudo().filtered(lambda line: line.why != "undone")._queue_replay()
        return True
