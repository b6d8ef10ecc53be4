from odoo import api, models
from odoo.exceptions import UserError

from ...tools.carrier_base import CarrierError, Item, Parcel
from .delivery_carrier import CARRIER_TYPES


class DeliveryCarrier(models.Model):
    """Parcels of a delivery method that is a Vietnamese carrier: handing over, following, taking back."""

    _inherit = "delivery.carrier"

    @api.private
    def ghn_send_shipping(self, pickings):
        """See ``send_shipping``."""
        return self._sop_send_shipping(pickings)

    @api.private
    def ghtk_send_shipping(self, pickings):
        """See ``send_shipping``."""
        return self._sop_send_shipping(pickings)

    @api.private
    def viettelpost_send_shipping(self, pickings):
        """See ``send_shipping``."""
        return self._sop_send_shipping(pickings)

    @api.private
    def jt_send_shipping(self, pickings):
        """See ``send_shipping``."""
        return self._sop_send_shipping(pickings)

    def _sop_send_shipping(self, pickings):
        """Hand parcels over, each in a transaction of its own (see ``sop.parcel``). UserError says why not; some wait for a call first."""
        pickings.filtered(lambda picking: picking.state != "done")._sop_check_called()
        return [
            {"exact_price": shipment.price, "tracking_number": shipment.tracking}
            for shipment in (self.env["sop.parcel"]._hand_over(self, picking) for picking in pickings)
        ]

    def _sop_picking_parcel(self, picking, reference=""):
        """Return the parcel of a delivery; what the customer still owes is collected with the order's first parcel.

        :param reference: our name for it at the carrier
        """
        order = picking.sale_id.sudo()  # sudo: a warehouse worker sees no amounts, the carrier must
        first = order.picking_ids.filtered(lambda other: other.carrier_tracking_ref and other != picking and not other.return_id)
        # one whose validation was rolled back is at the carrier all the same, or may be
        at_work = order.picking_ids.sop_parcel_ids.filtered(lambda parcel: parcel.picking_id != picking and parcel.state not in ("new", "cancelled"))
        first = first or at_work.filtered("cod_amount")
        return Parcel(
            sender=self._sop_place(picking.picking_type_id.warehouse_id.partner_id or picking.company_id.partner_id),
            receiver=self._sop_place(picking.partner_id),
            weight=self._sop_grams(picking.shipping_weight or picking.weight),
            value=order._sop_dong(order.amount_total) if order else 0,
            cod=0 if first or not order else order._sop_dong(order._sop_totals()["cod"]),
            reference=reference,
            items=tuple(self._sop_items(picking)),
        )

    def _sop_items(self, picking):
        """Return what is in a delivery, each piece with its weight where the product has one."""
        unit, gram = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter(), self.env.ref("uom.product_uom_gram")
        for move in picking.move_ids.filtered(lambda move: move.state != "cancel"):
            pieces = round(move.product_qty) or 1
            yield Item(move.product_id.name, pieces, unit._compute_quantity(move.product_id.weight * move.product_qty / pieces, gram))

    @api.private
    def ghn_get_tracking_link(self, picking):
        """See ``get_tracking_link``."""
        return self._sop_tracking_link(picking)

    @api.private
    def ghtk_get_tracking_link(self, picking):
        """See ``get_tracking_link``."""
        return self._sop_tracking_link(picking)

    @api.private
    def viettelpost_get_tracking_link(self, picking):
        """See ``get_tracking_link``."""
        return self._sop_tracking_link(picking)

    @api.private
    def jt_get_tracking_link(self, picking):
        """See ``get_tracking_link``."""
        return self._sop_tracking_link(picking)

    def _sop_tracking_link(self, picking):
        """Return the page on which a parcel is followed; False before the carrier has it."""
        tracking = picking.carrier_tracking_ref
        return self._sop_service()._tracking_url.format(tracking=tracking) if tracking else False

    @api.private
    def ghn_cancel_shipment(self, pickings):
        """See ``cancel_shipment``."""
        return self._sop_cancel_shipment(pickings)

    @api.private
    def ghtk_cancel_shipment(self, pickings):
        """See ``cancel_shipment``."""
        return self._sop_cancel_shipment(pickings)

    @api.private
    def viettelpost_cancel_shipment(self, pickings):
        """See ``cancel_shipment``."""
        return self._sop_cancel_shipment(pickings)

    @api.private
    def jt_cancel_shipment(self, pickings):
        """See ``cancel_shipment``."""
        return self._sop_cancel_shipment(pickings)

    def _sop_cancel_shipment(self, pickings):
        """Take parcels back; UserError when the carrier does not cancel it, or whether it has is not known."""
        for picking in pickings.filtered("carrier_tracking_ref"):
            self.env["sop.parcel"]._take_back(self, picking, picking.carrier_tracking_ref)

    def _sop_can_be_asked(self):
        """Whether this carrier answers what became of a parcel by our reference."""
        return self.delivery_type in CARRIER_TYPES and self._sop_service()._looks_up()

    def _sop_take_back(self, tracking, reference):
        """Take a parcel back that was handed over under our reference ("" for one older than those). Errors as above."""
        if self.delivery_type not in CARRIER_TYPES:
            raise UserError(self.env._("%(carrier)s takes no orders over an interface any more.", carrier=self.name))
        config = self._sop_config()
        try:
            self._sop_service()._call("cancel", config, tracking, reference=reference)
        except CarrierError as error:
            doubt = self.env._("It may have been taken back all the same: try again in a moment.") if error.in_doubt else ""
            raise UserError(f"{self._sop_error(error)} {doubt}".strip())
        finally:
            self._sop_keep_session(config.session)
