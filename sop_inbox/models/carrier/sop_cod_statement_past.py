from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .sop_parcel_facts import MONTHS


class SopCodStatement(models.Model):
    """A statement of the time before: what became of its parcels counts, its money does not."""

    _inherit = "sop.cod.statement"

    past = fields.Boolean(
        "Past Only",
        copy=False,
        help="Of the time before you began here: its lines tell which numbers took their parcels and which did not. No differences, no payments.",
    )

    def _keep_past(self):
        """Make a closed parcel of each waybill that has an end and is not known yet. Idempotent.

        The numbers are read from the file again: no line keeps one.
        """
        if self.date < fields.Date.today() - relativedelta(months=MONTHS):
            raise UserError(self.env._("What is older than %(months)s months does not count.", months=MONTHS))
        lines = {line.tracking: line for line in reversed(self._read_lines()[1]) if line.end}
        known = self._parcels(lines)
        rows = {row.tracking_ref: row for row in reversed(self.line_ids)}
        new = {tracking: line for tracking, line in lines.items() if tracking not in known}
        parcels = self.env["sop.parcel"].create([self._past_values(line, rows[tracking]) for tracking, line in new.items()])
        parcels.flush_recordset()
        # how old a fact is goes by the day it was handed over; that of the statement is the nearest that is known
        self.env.cr.execute(SQL("UPDATE sop_parcel SET create_date = since WHERE id = ANY(%s)", parcels.ids))
        parcels.invalidate_recordset(["create_date"])
        known |= zip(new, parcels, strict=True)  # the others were made since this file was read
        for tracking in known.keys() & rows.keys():
            rows[tracking].parcel_id = known[tracking]

    def _past_values(self, line, row):
        carrier = self.carrier_id
        return {
            "company_id": self.company_id.id,
            "carrier_id": carrier.id,
            "our_ref": f"past-{self.company_id.id}-{carrier.delivery_type}-{line.tracking}",
            "tracking_ref": line.tracking,
            "state": line.end,
            "since": fields.Datetime.to_datetime(self.date),
            "phone_key": self.env["sop.parcel"]._phone_key(line.phone),
            "settled_id": row.id,
            "past": True,
        }

    def _forget_past(self):
        """Forget the parcels that only these statements know. Step of ``action_undo``."""
        past = self.filtered(lambda statement: statement.past and statement.state == "accepted")
        # sudo: the right was checked by action_undo; these parcels were made by the statement
        made = self.env["sop.parcel"].sudo().search([("past", "=", True), ("settled_id", "in", past.line_ids.ids)])
        others = made.line_ids.filtered(lambda line: line.statement_id.past and line.statement_id.state == "accepted") - past.line_ids.sudo()
        for parcel, lines in others.grouped("parcel_id").items():
            parcel.settled_id = lines[0]
        (made - others.parcel_id).unlink()


class SopParcel(models.Model):
    """A parcel of before the shop began here, known from its carrier's statement: it came to its end and nothing is owed for it."""

    _inherit = "sop.parcel"

    past = fields.Boolean("From the Past", readonly=True, help="Known from a statement of the time before: no delivery, no cash, only its end.")
