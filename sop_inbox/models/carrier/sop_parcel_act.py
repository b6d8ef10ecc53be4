import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.attempts import MAX_ATTEMPTS

from ...tools.carrier_base import Address, CarrierError, Parcel
from .delivery_carrier import CARRIER_TYPES
from .sop_parcel import ON_THE_WIRE

_logger = logging.getLogger(__name__)
LEASE = 60  # seconds a worker may take to ask about one parcel


class SopParcel(models.Model):
    """What a person does with a parcel whose outcome is unknown, or that lost its delivery."""

    _name = "sop.parcel"
    _inherit = ["sop.parcel", "sop.queue.mixin"]
    _queue_job = "sop_inbox.sop_parcel_ask_cron"
    _queue_waiting = ("unknown",)
    _queue_dead = "unknown"  # it stays unknown until the carrier says, or a person
    _queue_replayed = ()
    _queue_reason = "message"

    _unknown_idx = models.Index("(next_attempt_at, id) WHERE state = 'unknown'")

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
                found = parcel._ask()
            except CarrierError as error:
                raise UserError(parcel.carrier_id._sop_error(error))
            parcel._settle(found)

    def _ask(self):
        """Ask the carrier about one unknown parcel; return what ``_settle`` is to write of it. CarrierError when it does not say."""
        nowhere = Address()
        config = self.carrier_id._sop_config()
        found = self.carrier_id._sop_service()._call("ask", config, Parcel(nowhere, nowhere, 1, reference=self.our_ref))
        if found:
            return {"state": "waiting", "tracking_ref": found.tracking, "price": found.price, "message": False}
        return {"state": "new", "message": self.env._("The carrier does not have it.")}

    def _settle(self, vals):
        """Write down what became of these parcels, apart: what is handed over meanwhile must see it; then join them to their deliveries."""
        for parcel in self:
            self._note(parcel.picking_id, parcel.id, vals)
            self.invalidate_recordset()
            if vals["state"] == "waiting":
                parcel._join()

    def _join(self):
        """Give deliveries the waybill that was found, where core would have done it when they were validated. Idempotent."""
        for parcel in self:
            picking = parcel.picking_id
            if picking.state != "done" or picking.carrier_tracking_ref or picking.carrier_id != parcel.carrier_id:
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

    # === CANCELLED ===

    def _check_known(self):
        """Refuse to cancel what these parcels are of while the carrier may have one: the next would be a second.

        :raise UserError: the carrier has to be asked first
        """
        for parcel in self.filtered(lambda parcel: parcel.state == "unknown"):
            raise UserError(
                self.env._(
                    "Whether %(carrier)s has the parcel of %(delivery)s is not known yet: ask the carrier before you cancel.",
                    carrier=parcel.carrier_id.name,
                    delivery=parcel.picking_id.name,
                )
            )

    def _let_go(self):
        """What these parcels are of was cancelled: those that wait for pick-up are taken back, of those on their way a person is told. sudo.

        :raise UserError: the carrier does not let go
        """
        self.action_take_back()
        for parcel in self.filtered(lambda parcel: parcel.state in ("picked", "moving", "out")):  # a failed one is a task already
            words = self.env._("%(tracking)s is with %(carrier)s: have it sent back.", tracking=parcel.tracking_ref, carrier=parcel.carrier_id.name)
            target = parcel.order_id or parcel.picking_id
            summary = self.env._("Parcel of a cancelled order")
            target.activity_schedule("mail.mail_activity_data_todo", summary=summary, note=words, user_id=target.user_id.id or self.env.uid)

    @api.model
    def _cron_ask(self):
        """Ask about parcels that have been unknown for two minutes, where the carrier can be asked, one after the other; commits after each.

        One it does not answer about is asked again after a pause that grows, for ever: it never becomes anything by itself.
        """
        carriers = self.env["delivery.carrier"].with_context(active_test=False).search([("delivery_type", "in", CARRIER_TYPES)])
        askable = carriers.filtered(lambda carrier: carrier._sop_can_be_asked()).ids
        where = SQL(
            "q.carrier_id = ANY(%s) AND q.attempts < %s AND (q.claimed_at IS NULL OR q.claimed_at < %s)",
            askable,
            MAX_ATTEMPTS,
            fields.Datetime.now() - ON_THE_WIRE,
        )

        def step():
            parcel = self._in_own_transaction(lambda: self._queue_due(1, where=where)._queue_lease(LEASE))
            if not parcel:
                return 0
            try:
                found = parcel._ask()
            except CarrierError as error:
                words = parcel.carrier_id._sop_error(error)
                values = self._queue_failed(min(parcel.attempts, MAX_ATTEMPTS - 1))
                self._in_own_transaction(lambda: parcel.write({**values, "message": words}))
            else:
                self._in_own_transaction(lambda: parcel._settle(found))
            return 1

        self._queue_run(step)
