from odoo import api, fields, models
from odoo.exceptions import UserError

from .sop_parcel import PARCEL_READERS


class SaleOrder(models.Model):
    """An order shows where its parcels are, in the form and on the customer's page."""

    _inherit = "sale.order"

    sop_parcel_ids = fields.One2many("sop.parcel", "order_id", "Parcels", readonly=True, copy=False, groups=PARCEL_READERS)
    sop_parcel_words = fields.Char("Parcel", compute="_compute_sop_parcel_words", groups="base.group_user")
    sop_parcel_failed = fields.Boolean(compute="_compute_sop_parcel_words", groups="base.group_user")

    @api.depends("sop_parcel_ids.state", "sop_parcel_ids.tries", "sop_parcel_ids.reason", "sop_parcel_ids.expected_at", "sop_parcel_ids.decided")
    @api.depends_context("lang")
    def _compute_sop_parcel_words(self):
        for order in self:
            parcels = order.sudo()._sop_parcels()  # sudo: what becomes of an order, to who may read it
            order.sop_parcel_words = "; ".join(
                ": ".join(filter(None, [parcel._state_words(), parcel.reason if parcel.state == "failed" else ""])) for parcel in parcels
            )
            order.sop_parcel_failed = any(parcel.state == "failed" and not parcel.decided for parcel in parcels)

    def _sop_parcels(self):
        """Return the parcels a customer may follow."""
        return self.sop_parcel_ids.filtered(lambda parcel: parcel.tracking_ref and parcel.state not in ("new", "unknown", "cancelled")).sorted("id")

    def _action_cancel(self):
        """See core, which leaves deliveries that are done alone: their parcels are let go, too (see ``stock.picking.action_cancel``)."""
        # sudo: what is at the carrier, any user may cancel
        parcels = self.sudo().picking_ids.filtered(lambda picking: picking.state == "done" and not picking.return_id).sop_parcel_ids
        parcels._check_known()
        result = super()._action_cancel()
        parcels._let_go()
        return result

    def action_sop_deliver_again(self):
        """Have the failed parcels of these orders delivered again; see ``sop.parcel.action_deliver_again``."""
        self._sop_failed_parcels().action_deliver_again()

    def action_sop_send_back(self):
        """Have the failed parcels of these orders sent back; see ``sop.parcel.action_send_back``."""
        self._sop_failed_parcels().action_send_back()

    def _sop_failed_parcels(self):
        """Return the failed parcels of orders, to who may write these."""
        self.check_access("write")
        return self.sop_parcel_ids.filtered(lambda parcel: parcel.state == "failed")

    def action_sop_call_buyer(self):
        """Call the customer of this order through its opportunity; see ``crm.lead.action_sop_call``.

        :raise UserError: there is no opportunity
        """
        self.ensure_one()
        self.check_access("read")
        if not self.opportunity_id:
            raise UserError(self.env._("This order has no opportunity to call from."))
        return self.opportunity_id.action_sop_call()
