from odoo import api, fields, models

from .sop_parcel import PARCEL_READERS


class StockPicking(models.Model):
    """A delivery shows that the outcome of its parcel is not known."""

    _inherit = "stock.picking"

    sop_parcel_ids = fields.One2many("sop.parcel", "picking_id", "Parcels", readonly=True, copy=False, groups=PARCEL_READERS)
    sop_parcel_unknown = fields.Boolean(compute="_compute_sop_parcel_unknown", help="The carrier may have the parcel, and did not say so.")

    @api.depends("sop_parcel_ids.state")
    def _compute_sop_parcel_unknown(self):
        for picking in self:
            picking.sop_parcel_unknown = any(parcel.state == "unknown" for parcel in picking.sudo().sop_parcel_ids)  # sudo: a flag for all

    def action_cancel(self):
        """See core. Their parcels are let go, see ``sop.parcel._let_go``.

        :raise UserError: the carrier does not let go, or has to be asked first
        """
        self.check_access("write")
        parcels = self.sudo().sop_parcel_ids  # sudo: what is at the carrier, any user may cancel
        parcels._check_known()
        result = super().action_cancel()
        parcels._let_go()
        return result

    def action_sop_ask_carrier(self):
        """Ask the carrier what became of these deliveries' parcels; see ``sop.parcel.action_ask``."""
        self.check_access("write")
        self.sop_parcel_ids.action_ask()
