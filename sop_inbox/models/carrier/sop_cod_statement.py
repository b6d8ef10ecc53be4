import base64
import binascii
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.cod_statement import Known, StatementError, differences, payout, read_statement

MAX_FILE = 20 * 1024 * 1024
AT_ONCE, PAY_AT_ONCE = 500, 20  # lines that are read, payments that are registered while one waits; more in the background
STATES = [
    ("new", "New"),
    ("reading", "Being Read"),
    ("read", "Preview"),
    ("accepted", "Accepted"),
    ("paying", "Payments Being Registered"),
    ("paid", "Payments Registered"),
]
TRANSFER_FEE = 5_500  # what GHN keeps for a transfer: allowed for


class SopCodStatement(models.Model):
    """A carrier's statement of the cash it collected: read (a preview), accepted, its payments registered."""

    _name = "sop.cod.statement"
    _description = "COD Statement of a Carrier"
    _inherit = ["sop.guard.mixin"]
    _order = "id desc"

    name = fields.Char("File", required=True)
    carrier_id = fields.Many2one("delivery.carrier", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    file = fields.Binary("Statement", attachment=True, required=True, copy=False)
    file_hash = fields.Char(readonly=True, copy=False)
    date = fields.Date(default=fields.Date.context_today, required=True)
    state = fields.Selection(STATES, default="new", required=True, readonly=True, copy=False)
    line_ids = fields.One2many("sop.cod.line", "statement_id", "Lines", readonly=True)
    claim_ids = fields.One2many("sop.cod.claim", "statement_id", "Differences", readonly=True)
    planned = fields.Integer("Lines in the File", readonly=True, copy=False)
    line_count = fields.Integer(readonly=True, copy=False)
    claim_count = fields.Integer(readonly=True, copy=False)
    total_cod = fields.Monetary("Cash", readonly=True, copy=False)
    total_fee = fields.Monetary("Fees", readonly=True, copy=False)
    total_payout = fields.Monetary("Paid Out", readonly=True, copy=False)
    received = fields.Monetary("Received in the Bank", help="The one transfer this statement is about.")
    difference = fields.Monetary(
        "Not Explained", compute="_compute_difference", help="What is received less what the lines come to; a transfer fee of 5,500 is allowed for."
    )
    is_payable = fields.Boolean("Payments to Register", compute="_compute_is_payable")

    _transfer_fee = TRANSFER_FEE
    _once = models.UniqueIndex("(company_id, carrier_id, file_hash) WHERE file_hash IS NOT NULL", "This file was read already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"carrier_id": "read", "company_id": "read", "bank_line_id": "write", "book_line_id": "read"}

    @api.model
    def _sop_kept(self):
        """What reading found, and how far the work in the background is."""
        found = {"file_hash", "state", "planned", "line_count", "claim_count", "total_cod", "total_fee", "total_payout"}
        return super()._sop_kept() | found | {"error", "worker_id", "attempts", "next_attempt_at"}

    @api.depends("received", "total_payout")
    def _compute_difference(self):
        for statement in self:
            left = statement.received - statement.total_payout if statement.received else 0
            statement.difference = 0 if left in (0, -TRANSFER_FEE) else left

    @api.depends("state", "line_ids.payment_id", "line_ids.parcel_id", "claim_ids.kind")
    def _compute_is_payable(self):
        for statement in self:
            statement.is_payable = statement.state == "paid" and bool(statement._payable())

    def write(self, vals):
        """What was read stays as it was read, and a transfer that is chosen gives its sum; see core for the contract."""
        if vals.keys() & {"file", "carrier_id", "company_id", "past"} and any(statement.state != "new" for statement in self):
            raise UserError(self.env._("This statement was read already: go back to new first."))
        chosen = vals.keys() & {"bank_line_id", "book_line_id"}
        before = chosen and self.bank_line_id
        result = super().write(vals)
        if chosen:
            self._switch_payout(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_accepted(self):
        if any(statement.state in ("accepted", "paying", "paid") for statement in self):
            raise UserError(self.env._("A statement that was accepted is not deleted."))

    # === READING ===

    def action_read(self):
        """Read the files and compare them with the parcels: a preview, nothing else changes. Idempotent.

        :raise UserError: a file is no statement, or was read before
        """
        self.check_access("write")
        for statement in self.sudo().filtered(lambda statement: statement.state == "new"):  # sudo: checked; lines are written by us alone
            try:
                content, lines = statement._read_lines()
            except (StatementError, binascii.Error) as error:
                raise UserError(self._sentence(error))
            statement._keep_once(hashlib.sha256(content).hexdigest())
            statement.line_ids.unlink()  # of a reading that was cut off
            statement.write({"planned": len(lines), "line_count": 0, "claim_count": 0})
            if len(lines) > AT_ONCE:
                statement._begin("reading")
            else:
                statement._keep_lines(lines)
        return True

    def _read_lines(self):
        """Return (content of the file, its lines). :raise StatementError: it is no statement"""
        content = base64.b64decode(self.file or b"", validate=False)
        return content, read_statement(content, self.name) if len(content) <= MAX_FILE else self._too_long()

    def _too_long(self):
        raise StatementError("long", "20 MB")

    def _sentence(self, error):
        """Return a StatementError as a sentence."""
        code, detail = getattr(error, "code", "file"), getattr(error, "detail", "")
        return {
            "file": self.env._("This is neither an Excel (xlsx) nor a CSV file in UTF-8."),
            "header": self.env._("No header with waybill and cash was found within the first 40 rows, or nothing stands below it."),
            "long": self.env._("The file is too long: at most %(limit)s.", limit=detail),
            "amount": self.env._("This amount cannot be read, row %(where)s", where=detail),
        }[code]

    def _keep_once(self, digest):
        """:raise UserError: the file was read before"""
        same = [("company_id", "=", self.company_id.id), ("carrier_id", "=", self.carrier_id.id), ("file_hash", "=", digest)]
        if before := self.search([*same, ("id", "!=", self.id)], limit=1):
            raise UserError(self.env._("This file was read already, as %(name)s of %(day)s.", name=before.name, day=before.date))
        self.file_hash = digest

    def _keep_lines(self, lines, part=None):
        """Write lines down, with what is not as we know it; after the last one the preview is there.

        :param part: slice of the lines to write now, all of them without
        """
        parcels = self._parcels({line.tracking for line in lines})
        found = self._differences(lines, parcels)
        now = lines[part] if part else lines
        rows = self.env["sop.cod.line"].create([self._line_values(line, parcels.get(line.tracking)) for line in now])
        by_line = dict(zip((line.row for line in now), rows, strict=True))
        claims = [self._claim_values(by_line[line.row], kind, ours, theirs) for line, kind, ours, theirs in found if line.row in by_line]
        self.env["sop.cod.claim"].create(claims)
        self.write({"line_count": self.line_count + len(now), "claim_count": self.claim_count + len(claims)})
        if self.line_count >= len(lines):
            self.write(
                {
                    "state": "read",
                    "total_cod": sum(line.cod for line in lines),
                    "total_fee": sum(abs(line.fee or 0) + abs(line.return_fee or 0) for line in lines),
                    "total_payout": sum(map(payout, lines)),
                }
            )

    def _differences(self, lines, parcels):
        """Return what is not as we know it; nothing is looked for in a statement of the past."""
        if self.past:
            return []
        return differences(lines, {tracking: self._known(parcel) for tracking, parcel in parcels.items()})

    def _parcels(self, trackings):
        """Return the parcels of these waybills: dict waybill -> parcel."""
        domain = [("tracking_ref", "in", list(trackings)), ("company_id", "=", self.company_id.id)]
        same = ("carrier_id.delivery_type", "=", self.carrier_id.delivery_type)
        return {parcel.tracking_ref.upper(): parcel for parcel in self.env["sop.parcel"].search([*domain, same], order="id")}

    def _known(self, parcel):
        paid = bool(parcel.settled_id and parcel.settled_id.statement_id != self)
        facts = (round(parcel.cod_amount), round(parcel.price), parcel.declared, parcel.state)
        return Known(*facts, paid=paid, return_fee=parcel._expected_return_fee(), part=parcel.part_returned)

    def _line_values(self, line, parcel):
        amounts = {name: getattr(line, name) or 0 for name in ("cod", "fee", "return_fee", "weight")}
        facts = {"row": line.row, "tracking_ref": line.tracking, "our_ref": line.reference, "payout": payout(line)}
        return {"statement_id": self.id, "parcel_id": parcel.id if parcel else False, **facts, **amounts}

    def _claim_values(self, row, kind, ours, theirs):
        return {"line_id": row.id, "statement_id": self.id, "parcel_id": row.parcel_id.id, "kind": kind, "ours": ours, "theirs": theirs}

    # === DECIDING ===

    def action_accept(self):
        """Take the lines over: their parcels are settled, what differs is a claim, the transfer is looked for. Idempotent.

        Right: writing statements.
        """
        self.check_access("write")
        for statement in self.sudo().filtered(lambda statement: statement.state == "read"):  # sudo: checked above
            statement._settle()
            statement.claim_ids.filtered(lambda claim: claim.state == "preview").state = "open"  # what was decided in the preview stays
            statement.state = "accepted"
            self.env["sop.cod.claim"].sudo()._win_missed(statement.line_ids.parcel_id)  # sudo: as above
            statement._find_payout()
        return True

    def _settle(self):
        """Settle the parcels of the lines; what another statement settled since this one was read is paid twice, what was delivered since is right.

        A statement of the past settles none: it keeps the ends of parcels that are not known yet.
        """
        if self.past:
            self._keep_past()
            return
        self.claim_ids.filtered(lambda claim: claim.kind == "not_delivered").line_id._judge_again()  # delivered since it was read
        twice = self.line_ids.browse()
        for line in self.line_ids.filtered(lambda line: line.parcel_id and line.cod):
            if not line.parcel_id.settled_id:
                line.parcel_id.settled_id = line
            elif line._is_right():
                twice |= line
        self.env["sop.cod.claim"].create([self._claim_values(line, "paid_twice", 0, line.cod) for line in twice])
        self.claim_count += len(twice)

    def action_undo(self):
        """Go back to a file that was not read, as long as no payment is registered. Idempotent. Right: writing statements.

        Of the past, the parcels that only these statements know are forgotten.
        """
        self.check_access("write")
        self._forget_past()
        for statement in self.sudo():  # sudo: checked above
            if statement.state == "paying" or statement.line_ids.payment_id:
                raise UserError(self.env._("Payments of this statement are registered: they are undone in accounting."))
            parcels = self.env["sop.parcel"].sudo().search([("settled_id", "in", statement.line_ids.ids)])  # sudo: as above
            parcels.settled_id = False
            statement._give_payout_back()
            statement.claim_ids.unlink()
            statement.line_ids.unlink()
            counts = dict.fromkeys(("planned", "line_count", "claim_count", "total_cod", "total_fee", "total_payout"), 0)
            statement.write({"state": "new", "file_hash": False, **counts})
            self.env["sop.cod.claim"].sudo()._miss_again(parcels - self._settle_by_others(parcels))  # sudo: as above
        return True

    @api.model
    def _settle_by_others(self, parcels):
        """Settle parcels by another statement that names them: what it said was paid twice is paid once now. sudo.

        :return: those that are settled
        """
        twice = [("claim_ids.kind", "=", "paid_twice"), ("statement_id.state", "in", ("read", "accepted", "paying", "paid"))]
        lines = self.env["sop.cod.line"].sudo().search([("parcel_id", "in", parcels.ids), *twice], order="id")  # sudo: as its caller
        for line in lines.filtered(lambda line: line.statement_id.state != "read"):
            line.parcel_id.settled_id = line.parcel_id.settled_id or line
        lines._judge_again()
        return parcels.filtered("settled_id")

    def action_register(self):
        """Register the payments of right lines with core's own wizard, on the carrier's journal. Idempotent: a line has one payment.

        :raise UserError: the carrier has no journal, or the statement was not accepted, or is one of the past
        :raise AccessError: from core, for who may not register payments
        """
        self.check_access("write")
        if any(statement.past for statement in self):
            raise UserError(self.env._("A statement of the past registers no payments."))
        for statement in self:
            journal = statement.carrier_id.sudo().sop_cod_journal_id.sudo(False)  # sudo: a setting
            if statement.state == "paying":
                continue
            if statement.state not in ("accepted", "paid"):
                raise UserError(self.env._("Accept the statement first."))
            if not journal:
                raise UserError(self.env._("Choose the journal of %(carrier)s first, in its delivery method.", carrier=statement.carrier_id.name))
            if len(statement._payable()) > PAY_AT_ONCE:
                statement._begin("paying")
            else:
                statement._pay(statement._payable())
                statement.sudo().state = "paid"  # sudo: checked above
        return True

    def _payable(self):
        """Return the right lines whose payment is not registered."""
        return self.line_ids.filtered(lambda line: line._is_right() and not line.payment_id)

    def _pay(self, lines):
        """Register the payments of lines with the rights of the reader."""
        journal = self.carrier_id.sudo().sop_cod_journal_id.sudo(False)  # sudo: a setting
        for line in lines:
            line._register_payment(journal)

    def action_export_claims(self):
        """Return the differences of this statement as an Excel file; see ``sop.cod.claim.action_export``."""
        self.ensure_one()
        self.check_access("read")
        return self.claim_ids.action_export()
