import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.carrier_base import Address, CarrierError, Parcel

_logger = logging.getLogger(__name__)
ASK_AFTER = timedelta(minutes=2)
ASK_AT_ONCE = 50


class SopParcel(models.Model):
    """What a person does with a parcel whose outcome is unknown, or that lost its delivery."""

    _inherit = "sop.parcel"

    def write(self, vals):
        """Keep a waybill from being changed by hand but where a person found it at the carrier; see core for the contract."""
        if "tracking_ref" in vals and not self.env.su and any(parcel.state != "unknown" for parcel in self):
            raise UserError(self.env._("A waybill is typed in only while it is unknown what became of the parcel."))
        return super().write(vals)

    def action_ask(self):
        """Ask the carrier, by our reference, what became of parcels that are unknown.

        Idempotent; nothing is made at the carrier. Right: writing parcels.

        :raise UserError: the carrier has no such look-up, or does not answer
        """
        self.check_access("write")
        for parcel in self.filtered(lambda parcel: parcel.state == "unknown"):
            if not parcel.carrier_id._sop_can_be_asked():
                raise UserError(
                    self.env._(
                        "%(carrier)s cannot be asked: hand the parcel over again from its delivery, which makes no second one, or look"
                        " at the carrier's site and say here what is so.",
                        carrier=parcel.carrier_id.name,
                    )
                )
            if parcel._is_on_the_wire():
                raise UserError(self._busy(parcel.picking_id))
            try:
                parcel._ask()
            except CarrierError as error:
                raise UserError(parcel.carrier_id._sop_error(error))

    def _ask(self):
        """Ask the carrier about one unknown parcel and write down what it says; CarrierError when it does not."""
        nobody = Address()
        config = self.carrier_id._sop_config()
        found = self.carrier_id._sop_service()._call("ask", config, Parcel(nobody, nobody, 1, reference=self.our_ref))
        if found:
            vals = {"state": "waiting", "tracking_ref": found.tracking, "price": found.price, "message": False}
        else:
            vals = {"state": "new", "message": self.env._("The carrier does not have it.")}
        self._settle(vals)

    def _settle(self, vals):
        """Write down what became of these parcels, apart: what is handed over meanwhile must see it; then join them to their deliveries."""
        for parcel in self:
            self._note(parcel.picking_id, parcel.id, vals)
            self.invalidate_recordset()
            picking = parcel.picking_id
            if vals["state"] != "waiting" or picking.state != "done" or picking.carrier_tracking_ref or picking.carrier_id != parcel.carrier_id:
                continue
            try:
                picking.sudo().send_to_shipper()  # sudo: as core does when a delivery is validated
            except UserError as error:
                _logger.info("parcel %s is not joined to its delivery: %s", parcel.id, type(error).__name__)

    def action_found(self):
        """Say that the carrier has an unknown parcel, under the waybill that was typed in.

        Idempotent. Right: writing parcels.

        :raise UserError: there is no waybill
        """
        self.check_access("write")
        parcels = self.filtered(lambda parcel: parcel.state == "unknown")
        if not all(parcel.tracking_ref for parcel in parcels):
            raise UserError(self.env._("Type in the waybill the carrier shows first."))
        for parcel in parcels:
            parcel._settle({"state": "waiting", "tracking_ref": parcel.tracking_ref, "message": False})

    def action_absent(self):
        """Say that the carrier does not have an unknown parcel: it may be handed over again, under a new reference.

        Idempotent. Right: writing parcels.
        """
        self.check_access("write")
        self.filtered(lambda parcel: parcel.state == "unknown")._settle({"state": "cancelled"})

    def action_take_back(self):
        """Take parcels back that wait for pick-up; their deliveries lose the waybill.

        Idempotent. Right: writing parcels and their deliveries.

        :raise UserError: the carrier does not let go
        """
        self.check_access("write")
        self.picking_id.check_access("write")
        for parcel in self.filtered(lambda parcel: parcel.state == "waiting"):
            if parcel.tracking_ref == parcel.picking_id.carrier_tracking_ref:
                parcel.picking_id.cancel_shipment()
            else:
                self._take_back(parcel.carrier_id, parcel.picking_id, parcel.tracking_ref)

    @api.model
    def _cron_ask(self):
        """Ask about parcels that have been unknown for two minutes, where the carrier can be asked; those it knows not stay."""
        unknown = self.search([("state", "=", "unknown"), ("write_date", "<", fields.Datetime.now() - ASK_AFTER)], order="write_date")
        askable = unknown.filtered(lambda parcel: not parcel._is_on_the_wire() and parcel.carrier_id._sop_can_be_asked())
        parcels = askable[:ASK_AT_ONCE]
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(parcels))
        for parcel in parcels:
            try:
                parcel._ask()
            except CarrierError as error:
                parcel.message = parcel.carrier_id._sop_error(error)
            commit(1)
