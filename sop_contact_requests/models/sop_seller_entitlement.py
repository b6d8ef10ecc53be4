import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import choice, takes
from odoo.addons.sop_pipeline.tools.values import written

from ..tools import intervals

# What a payment decides; people revoke, and write notes.
SET_BY_PAYMENT = {
    "start",
    "end",
    "seller_id",
    "company_id",
    "kind",
    "source",
    "paid_at",
    "duration",
    "unit_days",
    "sale_line_id",
    "amount",
    "currency_id",
}
FACTS = {"seller_id", "company_id", "kind", "paid_at", "duration", "revoked_at"}
PROGRAMME_FACTS = {"start", "end", "is_open"}


class SopSellerEntitlement(models.Model):
    """A stretch of time in which a seller may use the contact list (rows C2, C3, C16).

    Two kinds: the partner programme, whose period staff enter, and packages, whose period
    follows from payments. What counts is the union of all of a seller's stretches, each
    half-open and cut at ``revoked_at``. Packages are laid end to end, and behind the programme, by
    :func:`~..tools.intervals.schedule`: start and end of a package are results, its facts are
    ``paid_at``, ``duration`` and ``revoked_at``. While the programme has no known end, a package
    bought meanwhile waits for it.
    """

    _name = "sop.seller.entitlement"
    _description = "Seller's entitlement"
    _inherit = ["sop.seller.mixin", "sop.guard.mixin", "mail.thread"]
    _order = "start desc, id desc"
    _rec_name = "seller_id"
    _check_company_auto = True

    seller_id = fields.Many2one("res.partner", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    kind = fields.Selection([("programme", "Partner programme"), ("package", "Package")], required=True, default="programme")
    start = fields.Datetime(required=True, default=fields.Datetime.now)
    end = fields.Datetime(required=True, help="First moment that is no longer covered.")
    is_open = fields.Boolean("No known end", compute="_compute_is_open", readonly=False, help="It runs until its end is entered or it is revoked.")
    is_waiting = fields.Boolean("Waits for the end of the programme", compute="_compute_is_open")
    granted_at = fields.Datetime(readonly=True, copy=False, default=fields.Datetime.now)
    revoked_at = fields.Datetime(readonly=True, copy=False)
    revoke_reason = fields.Selection(
        [("refund", "Refunded"), ("unpaid", "Payment undone"), ("manual", "Revoked by staff"), ("chargeback", "Chargeback")],
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        [("scheduled", "Scheduled"), ("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")],
        compute="_compute_state",
        search="_search_state",
    )
    source = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: f"manual,{uuid.uuid4()}",
        help="What this right was made from; the database accepts each source once.",
    )
    paid_at = fields.Datetime(readonly=True, copy=False)
    duration = fields.Integer("Paid seconds", readonly=True, copy=False)
    unit_days = fields.Integer("Days per unit", readonly=True, copy=False)
    sale_line_id = fields.Many2one("sale.order.line", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    order_id = fields.Many2one(related="sale_line_id.order_id", string="Order")
    amount = fields.Monetary("Price paid", readonly=True, copy=False, help="With tax, as the seller paid it.")
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    units = fields.Integer("Packages", readonly=True, copy=False, help="Paid for and not given back.")
    revenue = fields.Monetary(
        readonly=True,
        copy=False,
        currency_field="company_currency_id",
        help="Without tax, after credit notes and refunds, in the company's currency.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company's currency")
    note = fields.Char()

    _source_unique = models.UniqueIndex("(source)", "This payment has already started its package.")
    _dates = models.Constraint('CHECK ("end" >= start)', "A period cannot end before it starts.")
    _valid_idx = models.Index('(seller_id, "end", start)')

    # === COMPUTE ===

    @api.depends("start", "end")
    def _compute_is_open(self):
        for record in self:
            record.is_open = bool(record.end) and record.end >= intervals.OPEN_END and record.kind == "programme"
            record.is_waiting = bool(record.start) and record.start >= intervals.OPEN_END

    @api.onchange("is_open")
    def _onchange_is_open(self):
        self.end = intervals.OPEN_END if self.is_open else False

    @api.depends("start", "end", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for record in self:
            if record.revoked_at and record.revoked_at <= now and record.revoked_at < record.end:
                record.state = "revoked"
            elif not record.start or now < record.start:
                record.state = "scheduled"
            else:
                record.state = "active" if now < record.end else "expired"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        revoked = Domain("revoked_at", "<=", now) & Domain.custom(
            to_sql=lambda model, alias, query: SQL("%s < %s", SQL.identifier(alias, "revoked_at"), SQL.identifier(alias, "end"))
        )
        domains = {
            "revoked": revoked,
            "scheduled": ~revoked & Domain("start", ">", now),
            "active": ~revoked & Domain("start", "<=", now) & Domain("end", ">", now),
            "expired": ~revoked & Domain("start", "<=", now) & Domain("end", "<=", now),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # === CRUD ===

    @api.model
    def _sop_links(self):
        return super()._sop_links() | dict.fromkeys(("seller_id", "company_id", "currency_id"), "read")

    @api.model
    def _sop_kept(self):
        """What a right was made from, and who ended it, is noted by the payment and the buttons."""
        return super()._sop_kept() | {
            "source",
            "sale_line_id",
            "amount",
            "units",
            "revenue",
            "unit_days",
            "granted_at",
            "holder_id",
            "revoked_at",
            "revoke_reason",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Sellers are companies (or people without one): a contact's right is its company's."""
        vals_list = [{**self.default_get(["seller_id"]), **vals} for vals in vals_list]
        for vals in vals_list:
            vals["seller_id"] = written(self, vals, "seller_id").commercial_partner_id.id
            self._read_open(vals)
            if vals.get("kind") == "package" and "duration" not in vals and vals.get("end"):
                start = written(self, vals, "start") or fields.Datetime.now()
                vals["paid_at"] = vals.get("paid_at") or start
                vals["duration"] = intervals.whole_seconds(written(self, vals, "end") - start)
        records = super().create(vals_list)
        records._reschedule()
        return records

    def write(self, vals):
        """A package's period follows from its facts. :raise UserError: for one typed in"""
        if not self.env.su and SET_BY_PAYMENT & vals.keys() and "package" in self.mapped("kind"):
            raise UserError(self.env._("A package's period follows from its payment and cannot be typed in."))
        vals = dict(vals)
        self._read_open(vals)
        if vals.get("seller_id"):
            vals["seller_id"] = written(self, vals, "seller_id").commercial_partner_id.id
        before = self.seller_id
        result = super().write(vals)
        if FACTS & vals.keys() or (PROGRAMME_FACTS & vals.keys() and "programme" in self.mapped("kind")):
            self._reschedule(before)
        return result

    @api.model
    def _read_open(self, vals):
        """“No known end” is an end far away. Changes *vals*."""
        if vals.pop("is_open", None):
            vals["end"] = intervals.OPEN_END

    @api.ondelete(at_uninstall=False)
    def _unlink_unpaid(self):
        """A paid one would start anew at the next look at its payment."""
        if self.sale_line_id:
            raise UserError(self.env._("A package that was paid for cannot be deleted: revoke it instead."))

    def unlink(self):
        """The packages behind a deleted one move forward."""
        others = self.search([("seller_id", "in", self.seller_id.ids), ("id", "not in", self.ids)])
        result = super().unlink()
        others._reschedule()
        return result

    # === ACTIONS ===

    @takes(reason=choice("manual", "chargeback"))
    def action_revoke(self, reason="manual"):
        """End these rights now, by hand (a chargeback reported by the bank, a breach of terms).

        Access: users who may write them. Idempotent; a later payment hook does not undo it.

        :param str reason: ``manual`` or ``chargeback``
        """
        self.check_access("write")
        vals = {"revoked_at": fields.Datetime.now(), "revoke_reason": reason}
        if reason == "chargeback":
            vals.update(revenue=0, units=0)
        self.filtered(lambda record: not record.revoked_at)._sop_keeping().write(vals)
        return True

    def action_record_chargeback(self):
        """Button: the bank took the money back. See :meth:`action_revoke`."""
        return self.action_revoke("chargeback")

    # === BUSINESS ===

    @api.model
    def _get_valid_domain(self, moment=None):
        """Rights that cover *moment* (default now), in any company."""
        moment = moment or fields.Datetime.now()
        return Domain("start", "<=", moment) & Domain("end", ">", moment) & (Domain("revoked_at", "=", False) | Domain("revoked_at", ">", moment))

    def _get_intervals(self):
        """What these rights really cover, as a list of half-open intervals."""
        return [intervals.effective(intervals.Interval(r.start, r.end), r.revoked_at or None) for r in self]

    @api.model
    def _lock_seller(self, sellers):
        """Let one transaction at a time change a seller's rights.

        Writing a counter, not only locking the row: a transaction whose snapshot is older
        than the last change then fails to serialize and is replayed on fresh facts, instead
        of laying a second package over the first.
        """
        self.env.cr.execute(
            SQL("UPDATE res_partner SET sop_entitlement_rev = COALESCE(sop_entitlement_rev, 0) + 1 WHERE id IN %s", tuple(sellers.ids))
        )

    def _reschedule(self, others=()):
        """Lay the packages of these rights' sellers end to end again, behind their programme. Idempotent.

        :param others: further sellers
        """
        sellers = self.seller_id.union(*others)
        if not sellers:
            return
        self._lock_seller(sellers)
        rights = self.sudo().search([("seller_id", "in", sellers.ids)])  # sudo: all of a seller's facts count, not only those this user may read
        for rows in rights.grouped(lambda r: (r.seller_id, r.company_id)).values():
            packages = rows.filtered(lambda row: row.kind == "package" and row.paid_at)
            planned = intervals.schedule(
                (intervals.Purchase(row.id, row.paid_at, timedelta(seconds=row.duration), row.revoked_at or None) for row in packages),
                (rows - packages)._get_free_intervals(),
            )
            for row in packages:
                start, end = planned[row.id]
                if (row.start, row.end) != (start, end):
                    row.write({"start": start, "end": end})

    def _get_free_intervals(self):
        """What these rights of the programme cover, from when they were granted: a package that ran before has run."""
        return [
            intervals.Interval(max(row.start, row.granted_at or row.start), covered.end)
            for row, covered in zip(self, self._get_intervals(), strict=True)
            if row.kind == "programme"
        ]

    def _give_to(self, seller, reason):
        """Move these rights to another seller; both sides' packages are laid anew. Access: the caller's.

        :param seller: the new one; their company has it
        :param str reason: kept in the log of each right; one that is the seller's already says nothing
        """
        for right in self.filtered(lambda right: right.seller_id != seller.commercial_partner_id):
            before = right.seller_id
            right.sudo().write({"seller_id": seller.id})  # sudo: a package's seller is not typed, it follows from the order
            right.message_post(
                body=self.env._("Given from %(before)s to %(after)s: %(reason)s", before=before.name, after=right.seller_id.name, reason=reason)
            )
