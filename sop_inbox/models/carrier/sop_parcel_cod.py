import math

from odoo import api, fields, models


class SopParcel(models.Model):
    """A parcel and the statement that settled its cash."""

    _inherit = "sop.parcel"

    settled_id = fields.Many2one("sop.cod.line", "Settled By", readonly=True, index="btree_not_null", ondelete="set null")
    claim_ids = fields.One2many("sop.cod.claim", "parcel_id", "Differences", readonly=True, groups="account.group_account_invoice")
    declared = fields.Integer("Weight Declared (g)", readonly=True)
    owed = fields.Float("Cash the Carrier Owes", compute="_compute_owed", store=True, digits=(16, 0))

    owed_days = fields.Integer("Days", compute="_compute_owed_days", help="Since it was delivered.")

    @api.depends("owed", "since")
    def _compute_owed_days(self):
        now = fields.Datetime.now()
        for parcel in self:
            parcel.owed_days = (now - parcel.since).days if parcel.owed and parcel.since else 0

    @api.depends("state", "cod_amount", "settled_id")
    def _compute_owed(self):
        for parcel in self:
            parcel.owed = parcel.cod_amount if parcel.state == "delivered" and not parcel.settled_id else 0

    def _expected_return_fee(self):
        """Return what the way back may cost: by the contract, else what the carrier reported; None when neither says."""
        carrier = self.carrier_id
        if carrier.sop_return_fee_known and (self.price or not carrier.sop_return_percent):
            return math.ceil(round(self.price * carrier.sop_return_percent / 100, 2))
        return round(self.carrier_return_fee) or None


class DeliveryCarrier(models.Model):
    """Where a carrier's cash is booked."""

    _name = "delivery.carrier"
    _inherit = ["delivery.carrier", "sop.guard.mixin"]

    sop_cod_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Cash on Delivery",
        domain=[("type", "in", ("bank", "cash"))],
        check_company=True,
        groups="account.group_account_invoice",
    )

    sop_cod_days = fields.Integer(
        "Days until Cash Is Missed", default=7, groups="base.group_user", help="Delivered for so long and in no statement: a claim is opened."
    )
    sop_return_fee_known = fields.Boolean(
        "Return Fee by Contract",
        groups="base.group_user",
        help="What the way back costs is known. Else the carrier's own report counts; where there is none, nothing is judged.",
    )
    sop_return_percent = fields.Float("Return Fee in % of the Fee", default=50, digits=(16, 2), groups="base.group_user")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"sop_cod_journal_id": "read"}

    _sop_return_percent = models.Constraint("CHECK (sop_return_percent >= 0)", "A return fee is not below 0 %.")
