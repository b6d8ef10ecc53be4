from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.cod_statement import wrong_cash


class SopCodLine(models.Model):
    """One parcel of a carrier's statement, as it stands there."""

    _name = "sop.cod.line"
    _description = "Line of a COD Statement"
    _order = "statement_id, row"
    _rec_name = "tracking_ref"

    statement_id = fields.Many2one("sop.cod.statement", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="statement_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    row = fields.Integer(readonly=True)
    tracking_ref = fields.Char("Waybill", readonly=True, index=True)
    our_ref = fields.Char("Our Reference", readonly=True)
    parcel_id = fields.Many2one("sop.parcel", readonly=True, index="btree_not_null", ondelete="set null")
    order_id = fields.Many2one(related="parcel_id.order_id")
    cod = fields.Monetary("Cash", readonly=True)
    fee = fields.Monetary(readonly=True)
    return_fee = fields.Monetary(readonly=True)
    payout = fields.Monetary("Paid Out", readonly=True)
    weight = fields.Integer("Weight (g)", readonly=True)
    claim_ids = fields.One2many("sop.cod.claim", "line_id", "Differences", readonly=True)
    payment_id = fields.Many2one("account.payment", readonly=True, index="btree_not_null", ondelete="set null")
    note = fields.Char("Not Registered Because", readonly=True)

    def _judge_again(self):
        """Compare the cash of lines that differed again with what is known of their parcels now. What a person noted, decided or sent stays.

        Batch, idempotent.
        """
        for line in self:
            claim = line.claim_ids.filtered(lambda claim: claim.kind in ("not_delivered", "paid_twice", "cod_short", "cod_more"))
            if len(claim) != 1 or claim.note or claim.state not in ("preview", "open"):
                continue
            known = line.statement_id._known(line.parcel_id)
            wrong = wrong_cash(round(line.cod), known, again=line.parcel_id.settled_id not in (line, line.browse()))
            if wrong:
                claim.write(dict(zip(("kind", "ours"), wrong, strict=True)))
            else:
                claim.unlink()
        for statement in self.statement_id:
            statement.claim_count = len(statement.claim_ids)

    def _is_right(self):
        """Whether the cash of this line is that of a parcel of ours that was delivered."""
        wrong = {"cod_short", "cod_more", "not_delivered", "paid_twice", "unknown_parcel"}
        return bool(self.cod and self.parcel_id and not wrong & set(self.claim_ids.mapped("kind")))

    def _register_payment(self, journal):
        """Register the payment of this line for the order's open invoices, through core's wizard; says why where it cannot.

        :raise AccessError: from core, for who may not register payments
        """
        order = self.parcel_id.sudo().order_id.sudo(False)  # sudo: which order it is, to who may read the line
        invoices = order.sudo().invoice_ids.sudo(False).filtered(lambda move: move._sop_takes_cash())  # sudo: its invoices are read below
        line = self.sudo()  # sudo: the line is ours to write
        if not invoices:
            line.note = self.env._("The order has no open invoice.")
            return
        try:
            with self.env.cr.savepoint():
                wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoices.ids)
                values = {"journal_id": journal.id, "amount": self.cod, "payment_date": self.statement_id.date, "group_payment": True}
                register = wizard.create(values)
                register.communication = f"{order.sudo().name} {self.tracking_ref}"  # sudo: its number
                line.write({"payment_id": register._create_payments()[:1].id, "note": False})
        except AccessError:
            raise
        except UserError as error:  # the books are closed: the others go on
            line.note = str(error)[:200]


class AccountMove(models.Model):
    """An invoice that the cash a carrier collected may pay."""

    _inherit = "account.move"

    def _sop_takes_cash(self):
        """Whether this is an open invoice of a customer."""
        return self.state == "posted" and self.move_type == "out_invoice" and bool(self.amount_residual)
