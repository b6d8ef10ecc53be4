from odoo import api, fields, models

from ...tools.parcel_life import ParcelEvent
from .sop_parcel import STATES

AMOUNTS = ("fee", "return_fee", "cod", "weight")
SOURCES = [("webhook", "Webhook"), ("asked", "Asked"), ("person", "Person")]


class SopParcelEvent(models.Model):
    """One thing that happened to a parcel, as its carrier, or a person, said it. Never changed; the parcel's state is made of them."""

    _name = "sop.parcel.event"
    _description = "Event of a Parcel"
    _order = "at desc, id desc"
    _rec_name = "code"

    parcel_id = fields.Many2one("sop.parcel", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="parcel_id.company_id", store=True, index=True)
    key = fields.Char(required=True, readonly=True)
    at = fields.Datetime("Time", required=True, readonly=True)
    state = fields.Selection(STATES, readonly=True, help="Empty: a note, which moves nothing.")
    code = fields.Char("Carrier's Status", readonly=True)
    words = fields.Char("Carrier's Words", readonly=True)
    reason_code = fields.Char(readonly=True)
    reason = fields.Char(readonly=True)
    place = fields.Char(readonly=True)
    kind = fields.Char(readonly=True)
    source = fields.Selection(SOURCES, required=True, readonly=True)
    trusted = fields.Boolean(
        "Proved", readonly=True, help="Signed, or sent with the carrier's secret; what is not is believed once the carrier was asked."
    )
    fee = fields.Float("Carrier's Fee", digits=(16, 0), readonly=True)
    return_fee = fields.Float("Carrier's Return Fee", digits=(16, 0), readonly=True)
    cod = fields.Float("Cash Collected", digits=(16, 0), readonly=True)
    weight = fields.Integer("Weight (g)", readonly=True)
    said = fields.Char(readonly=True, help="The amounts the carrier said, those of nothing among them.")
    proof = fields.Char("Picture", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null")

    _once = models.UniqueIndex("(parcel_id, key)", "This event is there already.")

    @api.model
    def _values(self, parcel, event):
        """Return the columns of a ParcelEvent."""
        names = ("key", "at", "state", "code", "words", "reason_code", "reason", "place", "kind", "source", "trusted", "proof")
        amounts = {name: getattr(event, name) or 0 for name in AMOUNTS}
        said = " ".join(name for name in AMOUNTS if getattr(event, name) is not None)
        return {"parcel_id": parcel.id, "said": said, **{name: getattr(event, name) or False for name in names}, **amounts}

    def _read_event(self):
        """Return a row as the ParcelEvent it was; of a row of before ``said`` an amount of nothing was not said."""
        said = (self.said or "").split()
        amounts = {name: self[name] if self[name] or name in said else None for name in AMOUNTS}
        return ParcelEvent(
            self.parcel_id.tracking_ref or "",
            self.at,
            self.state or "",
            self.code or "",
            reason_code=self.reason_code or "",
            reason=self.reason or "",
            kind=self.kind or "",
            **amounts,
            proof=self.proof or "",
            source=self.source,
            trusted=self.trusted,
        )
