import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS
from odoo.addons.sop_pipeline.tools.vacuum import vacuum

from .sop_parcel_label import AT_MOST as LABELS_AT_ONCE

_logger = logging.getLogger(__name__)
AT_MOST = 500
LEASE = 120  # seconds a worker may take over one parcel
KEEP_DAYS = 90


class SopParcelBatch(models.Model):
    """Many deliveries handed to their carriers in the background; each row has a result, and a crash loses none."""

    _name = "sop.parcel.batch"
    _description = "Deliveries Handed Over Together"
    _inherit = ["sop.guard.mixin"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True, default=lambda self: self.env.uid, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    row_ids = fields.One2many("sop.parcel.batch.row", "batch_id", "Deliveries", readonly=True)
    count = fields.Integer("Deliveries Chosen", compute="_compute_counts")
    done_count = fields.Integer("Done", compute="_compute_counts")
    failed_count = fields.Integer("Refused", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")

    @api.model
    def _sop_kept(self):
        """Who chose them, for which company."""
        return super()._sop_kept() | {"user_id", "company_id"}

    @api.depends("create_date", "user_id")
    def _compute_name(self):
        for batch in self:
            batch.name = f"{batch.user_id.name} {fields.Datetime.to_string(batch.create_date) or ''}".strip()

    @api.depends("row_ids.state")
    def _compute_counts(self):
        counts = {}
        for batch, state, number in self.env["sop.parcel.batch.row"]._read_group([("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]):
            counts[batch.id, state] = number
        for batch in self:
            done, failed, left = (counts.get((batch.id, state), 0) for state in ("done", "failed", "queued"))
            batch.count, batch.done_count, batch.failed_count = done + failed + left, done, failed
            batch.progress = 100 * (done + failed) / batch.count if batch.count else 100

    def action_retry(self):
        """Hand over again what was refused; who has a waybill keeps it. Idempotent. Right: writing batches.

        :return: True
        """
        self.check_access("write")
        self.sudo().row_ids._queue_replay(message=False)  # sudo: checked; rows are written by us alone
        return True

    def action_print(self):
        """Print the labels of what has a waybill: one file, or page of the carrier's, for each carrier and hundred parcels.

        See ``sop.parcel.action_print``. A carrier that gives none is named; the others are printed.

        :return: action that opens the one file, or shows a link to each
        :raise UserError: no carrier gives one
        """
        self.check_access("read")
        parcels = self.row_ids.picking_id.sop_parcel_ids
        parcels = parcels.filtered(lambda parcel: parcel.tracking_ref and parcel.tracking_ref == parcel.picking_id.carrier_tracking_ref)
        lots = [
            some[begin : begin + LABELS_AT_ONCE] for some in parcels.grouped("carrier_id").values() for begin in range(0, len(some), LABELS_AT_ONCE)
        ]
        if len(lots) <= 1:
            return parcels.action_print()
        links, words = [], []
        for lot in lots:
            try:
                links.append({"label": f"{lot.carrier_id.name} ({len(lot)})", "url": lot.action_print()["url"]})
                words.append("%s")
            except UserError as error:
                words.append(str(error).replace("%", "%%"))
        if not links:
            raise UserError("\n".join(word.replace("%%", "%") for word in words))
        params = {"title": self.env._("Labels"), "message": "  ".join(words), "links": links, "sticky": True, "type": "info"}
        return {"type": "ir.actions.client", "tag": "display_notification", "params": params}

    @api.autovacuum
    def _gc_old(self):
        """Forget batches of long ago: the parcels stay."""
        return vacuum(self, [("create_date", "<", f"-{KEEP_DAYS}d")])


class SopParcelBatchRow(models.Model):
    """One delivery of a batch and what became of it."""

    _name = "sop.parcel.batch.row"
    _description = "Delivery of a Batch"
    _inherit = ["sop.queue.mixin"]
    _order = "id"
    _rec_name = "picking_id"
    _queue_job = "sop_inbox.sop_parcel_batch_cron"
    _queue_reason = "message"

    batch_id = fields.Many2one("sop.parcel.batch", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="batch_id.company_id", store=True, index=True)
    picking_id = fields.Many2one("stock.picking", "Delivery", required=True, readonly=True, index=True, ondelete="cascade")
    tracking_ref = fields.Char(related="picking_id.carrier_tracking_ref", string="Waybill")
    carrier_id = fields.Many2one(related="picking_id.carrier_id")
    state = fields.Selection([("queued", "Waiting"), ("done", "Done"), ("failed", "Refused")], default="queued", required=True, readonly=True)
    message = fields.Char(readonly=True)

    _once = models.UniqueIndex("(batch_id, picking_id)", "This delivery is in the batch already.")
    _todo_idx = models.Index("(next_attempt_at, id) WHERE state = 'queued'")

    @api.model
    def _cron_hand_over(self):
        """Hand over what waits, one delivery in a transaction; commits after each."""

        def claim():
            return self._queue_due(1)._queue_lease(LEASE)

        def step():
            row = self._in_own_transaction(claim)
            if not row:
                return 0
            self._in_own_transaction(lambda: row._hand_over())
            return 1

        self._queue_run(step)

    def _hand_over(self):
        """Hand one delivery over with the rights of who chose it; one that has a waybill is done."""
        user, picking = self.batch_id.user_id, self.picking_id
        try:
            with self.env.cr.savepoint():
                mine = picking.with_user(user).with_company(self.company_id).with_context(lang=user.lang)
                mine.check_access("write")
                if not picking.carrier_tracking_ref:
                    mine.send_to_shipper()
            vals = {"state": "done", "message": False}
        except CONFLICTS:
            raise
        except (UserError, AccessError, ValidationError) as error:
            vals = {"state": "failed", "message": str(error)[:500]}
        except Exception as error:  # one row must not stop the others
            _logger.warning("delivery %s was not handed over: %s", picking.id, type(error).__name__, exc_info=True)
            vals = {"state": "failed", "message": type(error).__name__}
        self.write(vals)


class StockPicking(models.Model):
    """Deliveries chosen in a list are handed over together."""

    _inherit = "stock.picking"

    def action_sop_hand_over(self):
        """Have these deliveries handed to their carriers in the background; those with a waybill are left alone.

        :return: window action on the batch
        :raise UserError: none of them can be handed over, or there are too many
        """
        self.check_access("write")
        open_ones = self.filtered(
            lambda picking: picking.state != "cancel" and picking.picking_type_code == "outgoing" and not picking.carrier_tracking_ref
        )
        ready = open_ones.filtered(
            lambda picking: picking.carrier_id.integration_level == "rate_and_ship" and picking.carrier_id.delivery_type != "fixed"
        )
        if not ready:
            raise UserError(self.env._("None of these deliveries waits for a waybill of a carrier."))
        if len(ready) > AT_MOST:
            raise UserError(self.env._("At most %(limit)s deliveries at once.", limit=AT_MOST))
        if len(ready.company_id) > 1:
            raise UserError(self.env._("Choose deliveries of one company at a time."))
        # sudo: a batch belongs to who made it; each delivery is handed over with their own rights
        batch = self.env["sop.parcel.batch"].sudo().create({"user_id": self.env.uid, "company_id": ready.company_id.id})
        self.env["sop.parcel.batch.row"].sudo().create([{"batch_id": batch.id, "picking_id": picking.id} for picking in ready])  # sudo: as above
        self.env["sop.parcel.batch.row"]._queue_wake()
        return {"type": "ir.actions.act_window", "res_model": "sop.parcel.batch", "res_id": batch.id, "view_mode": "form", "views": [(False, "form")]}
