import hashlib
import logging

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS
from odoo.addons.sop_pipeline.tools.vacuum import vacuum

from ...tools.parcel_life import Unreadable

_logger = logging.getLogger(__name__)
AT_ONCE = 100
KEEP_DAYS = 30


class SopParcelNews(models.Model):
    """A webhook of a carrier, kept as it came before it was answered, once; a worker applies it later."""

    _name = "sop.parcel.news"
    _inherit = ["sop.queue.mixin", "sop.hidden.mixin"]
    _description = "Webhook of a Carrier"
    _order = "id desc"
    _sop_hidden = ("body", "error")
    _rec_name = "key"
    _queue_job = "sop_inbox.sop_parcel_news_cron"
    _queue_waiting = ("new",)
    _queue_dead = "dead"
    _queue_replayed = ("dead", "ignored")

    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="cascade", index=True, readonly=True)
    company_id = fields.Many2one(related="carrier_id.company_id", store=True, index="btree_not_null")
    parcel_id = fields.Many2one("sop.parcel", ondelete="cascade", index="btree_not_null", readonly=True)
    key = fields.Char(required=True, readonly=True)
    body = fields.Text(readonly=True)
    trusted = fields.Boolean("Proved", readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True, index=True)
    state = fields.Selection([("new", "Waiting"), ("done", "Applied"), ("ignored", "Not used"), ("dead", "Failed")], required=True, readonly=True)
    error = fields.Char(readonly=True)

    _once = models.UniqueIndex("(carrier_id, key)", "This webhook is stored already.")
    _todo_idx = models.Index("(next_attempt_at, id) WHERE state = 'new'")

    @api.model
    def _store(self, carrier, raw, trusted):
        """Insert a body that is not known yet; safe when the same comes several times at once. Commits nothing: the request does.

        :return: number of new rows
        """
        company = carrier.company_id.id or None
        text = raw.decode(errors="replace").replace("\0", "")
        row = SQL(
            "(%s, %s, %s, %s, %s, 'new', 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', %s)",
            carrier.id,
            company,
            self._key(raw),
            text,
            trusted,
            self.env.uid,
        )
        return self._queue_insert(self._insert, [row])

    def _insert(self, rows):
        self.env.cr.execute(
            SQL(
                """INSERT INTO sop_parcel_news (carrier_id, company_id, key, body, trusted, state, attempts, received_at, next_attempt_at, create_uid)
                   VALUES %s ON CONFLICT (carrier_id, key) DO NOTHING""",
                SQL(", ").join(rows),
            ),
            log_exceptions=False,
        )
        return self.env.cr.rowcount

    @api.model
    def _key(self, raw):
        return hashlib.sha256(raw).hexdigest()

    # === APPLYING ===

    @api.model
    def _cron_apply(self):
        """Apply what waits, a hundred in a transaction; commits after each. While carriers call very often, they are answered first."""

        def step():
            self._queue_give_way()
            count, learnt = self._in_own_transaction(self._apply_due) or (0, [])  # nothing: others were in the way each time
            # a waybill that a webhook brought: the delivery gets it when the parcel is locked no more
            if learnt:
                self._in_own_transaction(self.env["sop.parcel"].browse(learnt)._join)
            return count

        self._queue_run(step)

    def _apply_due(self):
        """:return: (number of rows, ids of parcels whose waybill was learnt)"""
        rows = self._queue_due(AT_ONCE)
        return len(rows), rows._apply()

    def _apply(self):
        """Apply webhooks, those of a parcel that somebody else holds a little later; one that fails leaves the others applied.

        :return: ids of parcels whose waybill was learnt
        """
        read = {row: row._read() for row in self}
        found = {row: parcel for row, (events, parcel) in read.items() if events}
        parcels = self.env["sop.parcel"].browse({parcel.id for parcel in found.values() if parcel})
        free = parcels.try_lock_for_update(allow_referencing=True)
        learnt = []
        for row, parcel in found.items():
            if not parcel:
                row.write({"state": "ignored", "error": self.env._("No parcel of ours.")})
            elif parcel not in free:
                row.next_attempt_at = fields.Datetime.add(fields.Datetime.now(), seconds=5)
            elif row._apply_one(parcel, read[row][0]):
                learnt.append(parcel.id)
        if any(parcel.ask_at and parcel.ask_at <= fields.Datetime.now() for parcel in free):
            # sudo: jobs are the system's; what came without proof is asked for at once, not at the job's next minute
            self.env.ref("sop_inbox.sop_parcel_follow_cron").sudo()._trigger()
        return learnt

    def _read(self):
        """Return the events of one webhook and their parcel; no events when it is not to be read, which is written down."""
        try:
            with self.env.cr.savepoint():
                events = self.carrier_id._sop_service()._read_webhook(self.body.encode())
                return events, self._find_parcel(events)
        except Unreadable as error:
            self.write({"state": "ignored", "error": self.env._("It cannot be read: %(what)s", what=error)})
        except CONFLICTS:
            raise
        except Exception as error:
            self._fail(error)
        return [], None

    def _fail(self, error):
        """Have a webhook wait for its next attempt: whatever a carrier may send must not stop the others."""
        values = self._queue_failed(self.attempts + 1)
        _logger.warning("webhook %s of a carrier could not be applied: %s", self.id, type(error).__name__, exc_info=values["state"] == "dead")
        self.write({**values, "error": f"{type(error).__name__}: {error}"[:500]})

    def _find_parcel(self, events):
        """Return the parcel of a waybill, or of our reference as long as that has none."""
        parcels, event = self.env["sop.parcel"], events[0]
        carriers = ("carrier_id.delivery_type", "=", self.carrier_id.delivery_type)
        same = [("company_id", "=", self.carrier_id.company_id.id)] if self.carrier_id.company_id else []
        same += [("past", "=", False)]  # what became of those is known from a statement
        found = parcels.search([("tracking_ref", "=", event.tracking), carriers, *same], order="id desc", limit=1)
        if not found and event.reference:
            found = parcels.search([("our_ref", "=", event.reference), ("tracking_ref", "=", False), carriers, *same], limit=1)
        return found

    def _apply_one(self, parcel, events):
        """Apply one webhook to its parcel, which is locked. Return whether it brought the waybill."""
        has_waybill = False
        try:
            with self.env.cr.savepoint():
                if not parcel.tracking_ref and self.trusted:
                    has_waybill = True
                    parcel.write({"tracking_ref": events[0].tracking, "state": "waiting", "message": False, "claimed_at": False})
                parcel._absorb([event.proved(self.trusted) for event in events], self.received_at)
                self.write({"state": "done", "error": False, "parcel_id": parcel.id})
        except CONFLICTS:
            raise
        except Exception as error:
            self._fail(error)
            return False
        return has_waybill

    # === PEOPLE ===

    def action_replay(self):
        """Apply failed or unused webhooks again. Idempotent, batch. Right: writing delivery methods."""
        self.check_access("read")
        self.carrier_id.check_access("write")
        # sudo: users cannot write webhooks; those responsible for the carriers may have them tried again
        self.sudo()._queue_replay()
        return True

    @api.autovacuum
    def _gc_applied(self):
        """Forget what was applied long ago: what it said lives on in the history."""
        return vacuum(self, [("state", "in", ("done", "ignored")), ("received_at", "<", f"-{KEEP_DAYS}d")])
