import io
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.sheet import clean
from odoo.addons.sop_pipeline.tools.transactions import replayed

KINDS = [
    ("cod_short", "Cash short"),
    ("cod_more", "Cash too much"),
    ("not_delivered", "Cash of a parcel that was not delivered"),
    ("paid_twice", "Paid twice"),
    ("unknown_parcel", "Unknown parcel"),
    ("fee_more", "Fee higher"),
    ("return_fee_more", "Return fee higher"),
    ("not_returned", "Return fee, but it did not come back"),
    ("weight_more", "Weight changed"),
    ("sum_wrong", "Sum of the line is wrong"),
    ("missing", "Delivered, but in no statement"),
]
#: What ours less theirs counts for, in the carrier's debt
OWED = {"cod_short": 1, "fee_more": -1, "return_fee_more": -1, "not_returned": -1, "sum_wrong": 1, "missing": 1}
LATE_DAYS = 7  # where a carrier says nothing else
AT_ONCE = 1000


class SopCodClaim(models.Model):
    """A difference between what a carrier's statements say and what we know, and what became of it.

    Most are of a line of a statement; ``missing`` is of a parcel that was delivered and that no statement names.
    """

    _name = "sop.cod.claim"
    _description = "Difference in a COD Statement"
    _inherit = ["sop.guard.mixin"]
    _order = "id desc"
    _rec_name = "kind"

    line_id = fields.Many2one("sop.cod.line", readonly=True, index="btree_not_null", ondelete="cascade")
    statement_id = fields.Many2one("sop.cod.statement", readonly=True, index="btree_not_null", ondelete="cascade")
    parcel_id = fields.Many2one("sop.parcel", readonly=True, index="btree_not_null", ondelete="set null")
    carrier_id = fields.Many2one("delivery.carrier", compute="_compute_whose", store=True, index=True)
    company_id = fields.Many2one("res.company", compute="_compute_whose", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(compute="_compute_whose", store=True)
    tracking_ref = fields.Char("Waybill", compute="_compute_tracking_ref")
    order_id = fields.Many2one(related="parcel_id.order_id")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    ours = fields.Float(digits=(16, 0), readonly=True)
    theirs = fields.Float(digits=(16, 0), readonly=True)
    amount = fields.Monetary(
        compute="_compute_amount", store=True, help="What the carrier owes us for it; nothing for a weight, whose price is in the fee."
    )
    state = fields.Selection(
        [("preview", "Preview"), ("open", "Open"), ("sent", "Sent to the Carrier"), ("won", "Won"), ("lost", "Refused by the Carrier")],
        default="preview",
        required=True,
    )
    note = fields.Char()

    _missing = models.UniqueIndex("(parcel_id) WHERE kind = 'missing'", "This parcel is missed already.")

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"line_id", "statement_id", "parcel_id", "kind", "ours", "theirs", "carrier_id", "company_id", "date"}

    @api.depends("statement_id.carrier_id", "statement_id.company_id", "statement_id.date", "parcel_id")
    def _compute_whose(self):
        for claim in self:
            source = claim.statement_id or claim.parcel_id
            claim.carrier_id, claim.company_id = source.carrier_id, source.company_id
            claim.date = claim.statement_id.date or claim.date or fields.Date.context_today(claim)

    @api.depends("line_id", "parcel_id")
    def _compute_tracking_ref(self):
        for claim in self:
            claim.tracking_ref = claim.line_id.tracking_ref or claim.parcel_id.tracking_ref

    @api.depends("kind", "ours", "theirs")
    def _compute_amount(self):
        for claim in self:
            claim.amount = OWED.get(claim.kind, 0) * (claim.ours - claim.theirs)

    # === MISSED ===

    @api.model
    @replayed
    def _cron_miss(self):
        """Open a claim for each parcel whose cash no statement named for its carrier's number of days; commits after each lot."""
        commit = self.env["ir.cron"]._commit_progress
        left = commit(remaining=1)
        while left and (parcels := self._missed()):
            self.create([{"parcel_id": parcel.id, "kind": "missing", "ours": parcel.owed, "state": "open"} for parcel in parcels])
            left = commit(len(parcels), remaining=1)
        if left:
            commit(remaining=0)

    def _missed(self):
        """Return parcels that were delivered so long ago, whose cash is not paid, claimed or named yet."""
        now, found = fields.Datetime.now(), self.env["sop.parcel"]
        for days, carriers in (
            self.env["delivery.carrier"].with_context(active_test=False).search([("delivery_type", "!=", False)]).grouped("sop_cod_days").items()
        ):
            late = [("owed", ">", 0), ("since", "<", now - timedelta(days=days or LATE_DAYS)), ("carrier_id", "in", carriers.ids)]
            found |= found.search([*late, ("claim_ids", "not any", [("kind", "=", "missing")])], limit=AT_ONCE)
        return found

    @api.model
    def _win_missed(self, parcels):
        """What was missed and is settled now is won. Idempotent."""
        self.search([*self._missing_of(parcels.filtered("settled_id")), ("state", "!=", "lost")]).state = "won"

    @api.model
    def _miss_again(self, parcels):
        """What was settled by a statement that is taken back is missed again. Idempotent."""
        self.search([*self._missing_of(parcels), ("state", "=", "won")]).state = "open"

    @api.model
    def _missing_of(self, parcels):
        return [("parcel_id", "in", parcels.ids), ("kind", "=", "missing")]

    # === FILE ===

    def action_export(self):
        """Return these differences as an Excel file for the carrier: waybill, facts, sums, state, picture. Right: reading them.

        :return: action that downloads it
        """
        self.check_access("read")
        import openpyxl  # slow to load, and needed here alone

        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = self.env._("Differences")[:31]
        sheet.append(self._headers())
        kinds, states = (dict(self._fields[name]._description_selection(self.env)) for name in ("kind", "state"))
        for claim in self:
            parcel = claim.parcel_id
            order = parcel.sudo().order_id.name or claim.line_id.our_ref  # sudo: its number, for who may read the claim
            words = [claim.carrier_id.sudo().name, claim.tracking_ref, order, kinds[claim.kind], claim.ours, claim.theirs]  # sudo: a name
            sheet.append([_plain(word) for word in [*words, claim.amount, states[claim.state], claim.note, parcel.since, parcel.proof]])
        sheet.append([self.env._("Sum"), *[""] * 5, sum(self.mapped("amount"))])
        content = io.BytesIO()
        book.save(content)
        title = self.env._("Differences")
        name = f"{title} {fields.Date.context_today(self)}.xlsx"
        owner = self.statement_id if len(self.statement_id) == 1 else self[:1]
        vals = {"name": name, "raw": content.getvalue(), "res_model": owner._name, "res_id": owner.id}
        attachment = self.env["ir.attachment"].create(vals)
        return {"type": "ir.actions.act_url", "url": f"/web/content/{attachment.id}?download=true", "target": "self"}

    def _headers(self):
        what = [self.env._("Carrier"), self.env._("Waybill"), self.env._("Order"), self.env._("Difference")]
        sums = [self.env._("Ours"), self.env._("Theirs"), self.env._("Amount")]
        return [*what, *sums, self.env._("State"), self.env._("Note"), self.env._("Since"), self.env._("Picture")]


def _plain(value):
    """Return a value a cell takes; words that a spreadsheet would run as a formula are words."""
    if isinstance(value, str):
        value = clean(value)
        return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
    return value or ("" if value is False or value is None else value)
