import dataclasses
import hashlib
import logging
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS

from ...tools.carrier_base import CarrierError, Shipment

_logger = logging.getLogger(__name__)
STATES = [
    ("new", "Not at the Carrier"),
    ("unknown", "Unknown"),
    ("waiting", "Waiting for Pick-up"),
    ("picked", "Picked Up"),
    ("moving", "On the Way"),
    ("out", "Out for Delivery"),
    ("delivered", "Delivered to Customer"),
    ("failed", "Delivery Failed"),
    ("returning", "Coming Back"),
    ("returned", "Returned"),
    ("cancelled", "Cancelled"),
    ("lost", "Lost"),
    ("damaged", "Damaged"),
]
#: who may read parcels, as ir.model.access.csv says
NOT_KNOWN = ("new", "unknown")  # states of a row whose parcel the carrier may not have
PARCEL_READERS = "sop_inbox.sop_inbox_group_user,stock.group_stock_user,account.group_account_invoice"
BROKEN = (*CONFLICTS, psycopg2.Error)  # the second also when there is no connection left for a transaction of its own
ASK_AFTER = timedelta(minutes=2)  # the job leaves a parcel that has just become unknown to the person at it
ON_THE_WIRE = timedelta(seconds=60)  # longer than any call to a carrier takes


class SopParcel(models.Model):
    """A parcel at a carrier, by our reference: written before the carrier is asked and after it has answered.

    Both in transactions of their own: whatever becomes of the caller's, what the carrier did stays known. A creation has
    three outcomes: done (there is a waybill), refused (state "new", the carrier's words in ``message``) and unknown. An
    unknown one is seen here and on the delivery, and nothing else is made for that delivery before the carrier was asked.
    """

    _name = "sop.parcel"
    _description = "Parcel at a Carrier"
    _inherit = ["sop.guard.mixin", "sop.hidden.mixin"]
    _order = "id desc"
    _rec_name = "our_ref"

    picking_id = fields.Many2one("stock.picking", "Delivery", readonly=True, index=True, ondelete="set null")
    order_id = fields.Many2one(related="picking_id.sale_id", string="Order", store=True, index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    carrier_id = fields.Many2one("delivery.carrier", required=True, readonly=True, index=True, ondelete="restrict")
    attempt = fields.Integer(default=1, readonly=True, help="Grows when the one before was cancelled.")
    our_ref = fields.Char("Our Reference", required=True, readonly=True, copy=False)
    tracking_ref = fields.Char("Waybill", copy=False, index="btree_not_null")
    state = fields.Selection(STATES, required=True, default="new", readonly=True, index=True)
    cod_amount = fields.Float("Cash to Collect", digits=(16, 0), readonly=True)
    price = fields.Float("Carrier's Price", digits=(16, 0), readonly=True)
    message = fields.Char("Carrier's Words", readonly=True)
    content_key = fields.Char(readonly=True, help="What was handed over, to see whether the delivery was changed since.")
    claimed_at = fields.Datetime(readonly=True, help="When the call that is on its way now was made.")

    _once = models.UniqueIndex("(our_ref)", "This parcel is there already.")
    _attempt = models.UniqueIndex("(picking_id, attempt)", "This parcel is there already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"picking_id": "write", "carrier_id": "read"}

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {name for name, field in self._fields.items() if field.store and name not in models.MAGIC_COLUMNS} - {
            "tracking_ref"
        }

    # === HANDING OVER ===

    @api.model
    def _hand_over(self, carrier, picking):
        """Hand the parcel of a delivery over; one that is at the carrier already is not handed over again.

        :return: its Shipment
        :raise UserError: the carrier refuses, or what became of it is unknown; the row says which
        """
        # sudo: whether it still is an order; users who ship may not read it
        if picking.state == "cancel" or picking.sudo().sale_id.state == "cancel":
            raise UserError(self.env._("%(delivery)s was cancelled: nothing is sent.", delivery=picking.name))
        parcel = carrier._sop_picking_parcel(picking)
        row, again = self._claim(carrier, picking, parcel)
        if row["tracking_ref"]:
            return Shipment(row["tracking_ref"], row["price"])
        config = carrier._sop_config()
        try:
            shipment = carrier._sop_service()._hand_over(config, dataclasses.replace(parcel, reference=row["our_ref"]), again)
        except CarrierError as error:
            state = "unknown" if error.in_doubt else "new"
            self._note(picking, row["id"], {"state": state, "message": carrier._sop_error(error)})
            raise UserError(f"{carrier._sop_error(error)} {self._doubt(error)}".strip())
        self._note(picking, row["id"], {"state": "waiting", "tracking_ref": shipment.tracking, "price": shipment.price, "message": False})
        carrier._sop_keep_session(config.session)
        return shipment

    def _doubt(self, error):
        return self.env._("It may have the parcel all the same: look there before you send it again.") if error.in_doubt else ""

    @api.model
    def _claim(self, carrier, picking, parcel):
        """Write down that a parcel is handed over now.

        :return: (dict of the row's ``id, our_ref, tracking_ref, price``, whether it was handed over before with unknown outcome)
        :raise UserError: somebody is at it, or the carrier has, or may have, another content
        """
        key = self._key(carrier, parcel)
        try:
            with self._apart(picking, carrier) as parcels:
                row = parcels.search([("picking_id", "=", picking.id), ("state", "!=", "cancelled")], order="attempt desc", limit=1)
                row = row._take_up(key) if row else parcels._make(carrier, picking)
                again = row.state == "unknown"
                if not row.tracking_ref:
                    values = {
                        "carrier_id": carrier.id,
                        "cod_amount": parcel.cod,
                        "declared": parcel.weight,
                        "phone_key": self._phone_key(parcel.receiver.phone),
                        "address_mark": self._address_mark(picking.sudo().sale_id),  # sudo: users who ship may not read the order
                        "content_key": key,
                    }
                    now = fields.Datetime.now()
                    row.write({"state": "unknown", "claimed_at": now, "attempts": 0, "next_attempt_at": now + ASK_AFTER, **values})
                return row.read(["our_ref", "tracking_ref", "price"], load=False)[0], again
        except BROKEN:
            raise UserError(self._busy(picking))

    def _make(self, carrier, picking):
        """Return a new row with a reference no other database and no earlier attempt has."""
        attempt = 1 + self.search_count([("picking_id", "=", picking.id)])
        reference = f"{self._database_key()}-{picking.id}-{attempt}"
        return self.create(
            {
                "picking_id": picking.id,
                "company_id": picking.company_id.id,
                "carrier_id": carrier.id,
                "attempt": attempt,
                "our_ref": reference,
            }
        )

    def _take_up(self, key):
        """Return the row of a delivery, locked, when it may be handed over (again) with this content, or was."""
        if not self.try_lock_for_update(allow_referencing=True) or self._is_on_the_wire():
            raise UserError(self._busy(self.picking_id))
        if self.content_key != key and self.tracking_ref:
            raise UserError(
                self.env._(
                    "%(carrier)s has this parcel already, as %(tracking)s and with another content: cancel it among the parcels first.",
                    carrier=self.carrier_id.name,
                    tracking=self.tracking_ref,
                )
            )
        if self.content_key != key and self.state == "unknown":
            raise UserError(
                self.env._(
                    "Whether %(carrier)s has this parcel is not known yet, and its content has changed: ask the carrier first.",
                    carrier=self.carrier_id.name,
                )
            )
        return self

    def _is_on_the_wire(self):
        """Whether the carrier is being spoken to about this parcel now."""
        return bool(self.claimed_at and self.claimed_at > fields.Datetime.now() - ON_THE_WIRE)

    def _busy(self, picking):
        return self.env._("The parcel of %(delivery)s is being handed over right now.", delivery=picking.name)

    @api.model
    def _key(self, carrier, parcel):
        """What two parcels with the same content for the same carrier have in common."""
        return hashlib.sha256(repr((carrier.id, dataclasses.astuple(dataclasses.replace(parcel, reference="")))).encode()).hexdigest()

    @api.model
    def _database_key(self):
        """Return six letters no other database has, one restored from this one included."""
        [[facts]] = self.env.execute_query(
            SQL("SELECT datname || oid || (SELECT system_identifier FROM pg_control_system()) FROM pg_database WHERE datname = current_database()")
        )
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")  # sudo: no secret leaves, only its digest
        return hashlib.sha256(f"{uuid}{facts}".encode()).hexdigest()[:6]

    # === TRANSACTIONS OF ITS OWN ===

    @contextmanager
    def _apart(self, *records):
        """Yield this model, with all rights, in a transaction of its own that is committed at the end.

        In the caller's own where no other transaction can see one of ``records`` yet: they were made in it. What it rolls back then
        is at least in the log.
        """
        with self.env.registry.cursor() as cr:
            # sudo: the journal is the system's, for any user who hands a parcel over
            env = self.env(cr=cr, su=True)
            cr.execute("SET LOCAL lock_timeout = '5s'")  # the caller's transaction waits for this one and could hold what it needs
            if all(len(env[record._name].browse(record.ids).exists()) == len(record) for record in records):
                yield env[self._name]
                return
        with self.env.cr.savepoint():
            yield self.sudo()  # sudo: as above

    @api.model
    def _note(self, picking, row_id, vals):
        """Write down what became of a call; that it is not known, or not there, says nothing of a parcel whose news came meanwhile."""
        try:
            with self._apart(picking) as parcels:
                row = parcels.browse(row_id)
                if vals["state"] in NOT_KNOWN and row.state not in NOT_KNOWN:
                    vals = {}
                row.write({**vals, "claimed_at": False})
                row._after_note(vals)
                if parcels.env.cr is self.env.cr and vals.get("tracking_ref"):
                    words = "parcel %s was handed over and its delivery rolled back"
                    self.env.cr.postrollback.add(partial(_logger.warning, words, vals["tracking_ref"]))
        except BROKEN:  # it stays unknown, and the carrier will be asked
            _logger.warning("what became of parcel %s could not be written: waybill %s", row_id, vals.get("tracking_ref"), exc_info=True)

    # === TAKING BACK ===

    @api.model
    def _take_back(self, carrier, picking, tracking):
        """Take a delivery's parcels back; those that were are left alone, since core asks for each several times.

        :param tracking: their waybills with commas between
        :raise UserError: the carrier does not let go
        """
        for code in filter(None, map(str.strip, tracking.split(","))):
            with self._apart(picking) as parcels:
                row = parcels.search([("carrier_id", "=", carrier.id), ("tracking_ref", "=", code)], limit=1)
                facts = {"id": row.id, "state": row.state, "our_ref": row.our_ref or ""}
            if facts["state"] == "cancelled":
                continue
            carrier._sop_take_back(code, facts["our_ref"])
            if facts["id"]:
                self._note(picking, facts["id"], {"state": "cancelled", "message": False})
