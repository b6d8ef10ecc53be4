import json
import logging

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS, replayed
from odoo.addons.sop_pipeline.tools.vacuum import vacuum

from ...tools.facts import Fact, Item

_logger = logging.getLogger(__name__)

LANES = 100  # customers looked up at once
LANE_EVENTS = 200  # events of one customer in one transaction
KEEP_DAYS = 30


class SopChannelEvent(models.Model):
    """One happening a platform reported, stored before it was answered, applied later by a worker.

    Rows of one customer (a *lane*: app, page, person) are applied one at a time, whichever worker does;
    those of different customers by as many workers as there are. A row is applied in the
    transaction that marks it done, so a crash neither loses nor doubles anything.
    """

    _name = "sop.channel.event"
    _inherit = ["sop.queue.mixin", "sop.hidden.mixin"]
    _description = "Channel Event"
    _order = "id desc"
    _rec_name = "kind"
    _queue_job = "sop_inbox.sop_channel_event_cron_apply"
    _queue_waiting = ("new",)
    _queue_dead = "dead"
    _queue_replayed = ("dead", "ignored")
    _sop_hidden = ("payload", "error")

    app_id = fields.Many2one("sop.channel.app", required=True, ondelete="cascade", index=True, readonly=True)
    provider = fields.Selection(related="app_id.provider", store=True, precompute=True)
    account_id = fields.Many2one("sop.channel.account", "Channel", ondelete="cascade", index="btree_not_null", readonly=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index="btree_not_null")
    key = fields.Char(required=True, readonly=True)
    page_ref = fields.Char("Page or OA", readonly=True)
    person_ref = fields.Char("Customer", readonly=True)
    kind = fields.Char(readonly=True)
    payload = fields.Text("Event Payload", readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True, index=True)
    occurred_at = fields.Datetime("Happened", readonly=True)
    state = fields.Selection([("new", "Waiting"), ("done", "Applied"), ("ignored", "Not used"), ("dead", "Failed")], required=True, readonly=True)
    error = fields.Char(readonly=True)

    _key_unique = models.UniqueIndex("(app_id, key)", "This event is stored already.")
    _todo_idx = models.Index("(next_attempt_at, id) WHERE state = 'new'")
    _lane_idx = models.Index("(app_id, page_ref, person_ref) WHERE state = 'new'")
    _person_idx = models.Index("(page_ref, person_ref)")
    _health_idx = models.Index("(account_id, state) WHERE state IN ('new', 'dead', 'ignored')")

    # === STORING ===

    @api.model
    def _store(self, app, items):
        """Insert items that are not known yet; safe when the same come several times at once.

        Commits nothing: the request does, before it is answered. Sorted by key, so that two bodies
        with the same items never wait for each other in a ring.

        :return: number of new rows
        """
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s, %s, 'new', 0, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', %s)",
                app.id,
                app.provider,
                key,
                item.page,
                item.person,
                json.dumps(item.payload, ensure_ascii=True),
                self.env.uid,
            )
            for key, item in sorted({item.key: item for item in items}.items())
        ]
        return self._queue_insert(self._insert, rows) if rows else 0

    def _insert(self, rows):
        self.env.cr.execute(
            SQL(
                """INSERT INTO sop_channel_event
                   (app_id, provider, key, page_ref, person_ref, payload, state, attempts, received_at, next_attempt_at, create_uid)
                   VALUES %s ON CONFLICT (app_id, key) DO NOTHING""",
                SQL(", ").join(rows),
            ),
            log_exceptions=False,
        )
        return self.env.cr.rowcount

    # === APPLYING ===

    @api.model
    @replayed
    def _cron_apply(self):
        """Apply what waits, customer by customer; commits after each. Several copies may run at once."""
        seen, busy = {}, set()
        while lanes := [lane for lane in self._due_lanes() if lane not in busy]:
            for lane in lanes:
                count = self._work_lane(lane, seen)
                if count is None:
                    busy.add(lane)
                elif not self.env["ir.cron"]._commit_progress(count, remaining=1):
                    self.env["sop.channel.account"]._note_seen(seen)
                    return
            self.env["sop.channel.account"]._note_seen(seen)
        self.env["ir.cron"]._commit_progress(remaining=0)

    def _due_lanes(self):
        """Return customers with something due, who waited longest first: list of (app, page, person)."""
        self.env.cr.execute(
            """SELECT app_id, page_ref, person_ref
                 FROM (SELECT app_id, page_ref, person_ref, id FROM sop_channel_event
                        WHERE state = 'new' AND next_attempt_at <= clock_timestamp() at time zone 'UTC'
                        ORDER BY next_attempt_at, id LIMIT %s) due
                GROUP BY 1, 2, 3 ORDER BY min(id)""",
            [LANES * 10],
        )
        return self.env.cr.fetchall()[:LANES]

    def _work_lane(self, lane, seen):
        """Apply one customer's events in a transaction of its own, replayed when another got in its way.

        :param seen: dict account id -> (last event's time, lag), brought up to date
        :return: number of events, None when another worker has this customer
        """

        def work():
            if not self._lock_lane(lane):
                return None
            events = self._lane_events(lane)
            events._apply(seen)
            return len(events)

        return self._in_own_transaction(work)

    def _lock_lane(self, lane):
        """Take the customer for this transaction; False when another worker has it."""
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", ["sop:" + ":".join(map(str, lane))])
        return self.env.cr.fetchone()[0]

    def _lane_events(self, lane):
        self.env.cr.execute(
            """SELECT id FROM sop_channel_event
                WHERE app_id = %s AND page_ref = %s AND person_ref = %s AND state = 'new'
                  AND next_attempt_at <= clock_timestamp() at time zone 'UTC'
                ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
            [*lane, LANE_EVENTS],
            log_exceptions=False,
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    def _apply(self, seen=None):
        """Apply events of one customer, the earliest first; one that fails leaves the others applied.

        :param seen: see ``_work_lane``
        """
        facts = [(event, fact) for event in self if (fact := event._read_fact())]
        for event, fact in sorted(facts, key=lambda pair: (pair[1].at or pair[0].received_at, pair[0].id)):
            account = event._find_account(fact)
            try:
                with self.env.cr.savepoint():
                    vals = event._apply_one(account, fact)
            except CONFLICTS:
                raise
            except Exception as error:  # whatever a platform may send must not stop the others
                vals = event._failed_values(error)
            event.write({"kind": fact.kind, "occurred_at": fact.at, "account_id": account.id, **vals})
            if seen is not None and vals["state"] == "done" and fact.kind != "unknown":
                at = fact.at or event.received_at
                seen[event.account_id.id] = (at, max(0.0, (fields.Datetime.now() - at).total_seconds()))

    def _read_fact(self):
        """Return what the event says, None when its platform's code fails over it: that stands in the event, and others go on."""
        self.ensure_one()
        item = Item(self.key, self.page_ref or "", self.person_ref or "", json.loads(self.payload))
        try:
            fact = self.app_id._get_service().understand(item)
            if not isinstance(fact, Fact) or (fact.at and fact.at.tzinfo):
                raise TypeError("The platform's parser returned no Fact, or one whose time is not naive UTC.")
            return fact
        except CONFLICTS:
            raise
        except Exception as error:  # also a platform whose addon was uninstalled
            self.write({"account_id": self._find_account(item).id, **self._failed_values(error)})
            return None

    def _find_account(self, fact):
        """Return the account a fact or item is about; one of another app is none: an app speaks for its own pages only."""
        domain = [("app_id", "=", self.app_id.id)]
        service = self.env["sop.provider"]._find(self.app_id.provider)  # none: its addon is gone
        if service is None or service._names_account:
            domain += [("external_id", "=", fact.page)]
        # sudo: accounts of any company
        return self.env["sop.channel.account"].sudo().search(domain, limit=1)

    def _apply_one(self, account, fact):
        """Apply one fact; returns the event's columns afterwards."""
        if fact.kind == "unknown":
            return {"state": "ignored", "error": False}
        if not account:
            return {"state": "ignored", "error": account._in_house_language().env._("No channel is set up for this page.")}
        fact = fact._replace(at=min(fact.at or self.received_at, fields.Datetime.now()))
        account = account.with_context(lang=account.company_id.partner_id.lang)
        self.env["sop.channel.applier"].with_context(lang=account.env.lang)._apply(account, fact)
        return {"state": "done", "error": False}

    def _failed_values(self, error):
        values = self._queue_failed(self.attempts + 1)
        attempts, dead = values["attempts"], values["state"] == self._queue_dead
        _logger.warning("channel event %s could not be applied (attempt %s): %s", self.id, attempts, type(error).__name__, exc_info=dead)
        return {**values, "error": f"{type(error).__name__}: {error}"[:500]}

    # === PEOPLE ===

    def action_replay(self):
        """Apply failed or unused events again, now that what was in their way is gone. Idempotent, batch."""
        self.check_access("read")
        self.env["sop.channel.account"].check_access("write")
        # sudo: users cannot write events; those responsible for the channels may have them tried again
        self.sudo()._queue_replay()
        return True

    @api.autovacuum
    def _gc_applied(self):
        """Forget what was applied long ago: what it said lives on in the messages."""
        # sudo: a setting
        days = int(self.env["ir.config_parameter"].sudo().get_param("sop_inbox.event_days", KEEP_DAYS))
        return vacuum(self, [("state", "in", ("done", "ignored")), ("received_at", "<", f"-{days}d")])
