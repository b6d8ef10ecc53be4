import time

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from ..tools.attempts import MAX_ATTEMPTS, pause_after
from ..tools.transactions import in_own_transaction

NOTHING, ALWAYS = SQL(""), SQL("TRUE")
RUSH = 100  # rows that wait while more come
RUSH_ENDS = 2  # seconds without a new one
RUSH_WAIT = 15  # seconds a row waits at most for the end of a rush


class SopQueueMixin(models.AbstractModel):
    """A table of work for a scheduled job: nothing of it is lost, nothing is done twice by two workers.

    The life of a row:

    1. **queued** in the transaction of what it is about (``state`` is the waiting one, ``next_attempt_at`` now); ``_queue_wake`` starts the job the
       moment this is committed. The job's own interval finds what a lost notice left.
    2. **claimed** by one worker in a transaction of its own: ``_queue_due`` locks what is due and skips what another one holds
       (FOR UPDATE SKIP LOCKED); ``_queue_lease`` notes the attempt and puts the next one behind the lease, so that a worker that dies leaves
       the row to others. Work that touches only the database needs no lease: claim, work and result are one transaction.
    3. **worked up**. What leaves the database (network, files) is done between two transactions, never inside one.
    4. **closed** in a transaction of its own: done, or ``_queue_failed``: again after a pause that grows, *dead* once it was tried too often or
       trying is of no use. A dead row stays, with its reason, until a person has it tried again (``_queue_replay``).
    5. **cleared**: each queue has a method under ``api.autovacuum`` that calls ``tools.vacuum.vacuum``.

    ``_queue_run`` is the loop of a job, ``_queue_counts`` the figures of a health page. Work that creates something outside has a third outcome
    beside done and refused, *unknown*, which is never tried again by itself: that meaning is the outbox's own (``sop.channel.message``).

    A model inherits this, has a ``state`` with the states named below, an index for what is due
    (``(next_attempt_at, id) WHERE state = <waiting>``) and a scheduled job. All are ``_``: no client calls them.
    """

    _name = "sop.queue.mixin"
    _description = "Queue of a scheduled job"

    #: External id of the scheduled job; a second copy of it ends in ``_2``
    _queue_job = ""
    #: States of rows that wait (the first is where a row waits again), of dead rows, and of those a person may have tried again
    _queue_waiting = ("queued",)
    _queue_dead = "failed"
    _queue_replayed = ("failed",)
    #: Column with the reason why a row is dead
    _queue_reason = "error"

    attempts = fields.Integer(readonly=True, copy=False)
    next_attempt_at = fields.Datetime(readonly=True, copy=False, default=fields.Datetime.now)

    # === WAKING ===

    @api.model
    def _queue_wake(self):
        """Have the job and its copies look for work as soon as this is committed: rows and wake are there together, or neither is."""
        data = self.env["ir.model.data"]
        ids = [data._xmlid_to_res_id(f"{self._queue_job}{tail}", raise_if_not_found=False) for tail in ("", "_2")]
        for cron in self.env["ir.cron"].sudo().browse(filter(None, ids)):  # sudo: ordinary staff may not wake scheduled jobs
            cron._trigger()

    @api.model
    def _queue_wake_together(self):
        """Like ``_queue_wake``, for a door through which much comes at once: of what comes within a second one wakes the job for all.

        Whether the job is about to look anyway is known only after the commit. A process that dies between the two leaves the
        rows to the job's interval, so this is for queues whose job looks each minute; others keep to ``_queue_wake``.
        """
        self.env.cr.postcommit.add(self._queue_wake_committed)

    @api.model
    def _queue_wake_committed(self):
        """Wake the job and its copies for rows that are committed, unless a trigger of this second waits that no run has taken: one statement.

        A run takes its triggers first (``xmax`` names it until it ends), then looks into the queue. So a trigger that no run has taken
        after the rows were committed leads to a look that finds them; one that is taken may belong to a look that is over.
        """
        if self._in_own_transaction(self._queue_trigger):  # the end of a run writes its job, which a new trigger refers to: replayed then
            self.env["ir.cron"]._notifydb()

    @api.model
    def _queue_trigger(self):
        """Make the triggers that lack; returns how many."""
        module, name = self._queue_job.split(".")
        self.env.cr.execute(
            SQL(
                """INSERT INTO ir_cron_trigger (cron_id, call_at)
                   SELECT job.id, second.now FROM ir_cron job, date_trunc('second', now() AT TIME ZONE 'UTC') AS second (now)
                    WHERE job.active
                      AND job.id IN (SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND module = %s AND name IN %s)
                      AND NOT EXISTS (SELECT FROM ir_cron_trigger t WHERE t.cron_id = job.id AND t.xmax = 0
                                         AND t.call_at BETWEEN second.now - interval '1 second' AND second.now)""",
                module,
                (name, f"{name}_2"),
            ),
            log_exceptions=False,
        )
        return self.env.cr.rowcount

    # === STORING ===

    @api.model
    def _queue_insert(self, insert, rows):
        """Insert rows that are not there yet, safe when the same come several times at once. Commits nothing.

        :param insert: function of a list of rows that inserts them ``ON CONFLICT DO NOTHING`` and returns how many were new
        :return: how many were new
        """
        try:
            with self.env.cr.savepoint(flush=False):
                return insert(rows)
        except SerializationFailure:  # somebody committed one of them after our snapshot: it is there
            return sum(self._queue_insert(insert, [row]) for row in rows) if len(rows) > 1 else 0

    # === THE JOB ===

    @api.model
    def _queue_run(self, step):
        """Run ``step`` until nothing is left or the time of this run is up; commits before and after each.

        Odoo starts a run that left something again, up to ten times: one that finds its time gone does nothing.

        :param step: function without arguments that works up some rows and returns how many, 0 when nothing is left
        """
        cron = self.env["ir.cron"]
        left = cron._commit_progress(remaining=1)
        while left and (done := step()):
            left = cron._commit_progress(done, remaining=1)
        if left:
            cron._commit_progress(remaining=0)
        else:  # Odoo notes that something is left, but its workers look for that a minute later
            self._queue_wake_committed()

    @api.model
    def _queue_give_way(self):
        """Leave the processor to the door while it is in a rush, for seconds however long that is: who calls is answered first."""
        end = time.monotonic() + RUSH_WAIT
        while time.monotonic() < end and self._in_own_transaction(self._queue_gives_way):
            time.sleep(0.5)

    @api.model
    def _queue_gives_way(self):
        """Hook: whether this worker leaves its processor to the door for now."""
        return self._queue_in_rush()

    @api.model
    def _queue_in_rush(self):
        """Whether much waits, more is coming, and nothing waits for long yet."""
        self.env.flush_all()
        now = SQL("statement_timestamp() AT TIME ZONE 'UTC'")  # one time for all rows; a transaction's own may be long ago
        self.env.cr.execute(
            SQL(
                """SELECT count(*) > %s AND max(next_attempt_at) > %s - %s * interval '1 second'
                          AND min(next_attempt_at) > %s - %s * interval '1 second'
                     FROM %s WHERE state IN %s AND next_attempt_at <= %s""",
                RUSH,
                now,
                RUSH_ENDS,
                now,
                RUSH_WAIT,
                SQL.identifier(self._table),
                self._queue_waiting,
                now,
            ),
            log_exceptions=False,
        )
        return self.env.cr.fetchall() == [(True,)]

    def _in_own_transaction(self, work):
        """Do ``work`` on a fresh snapshot and commit it (see ``tools.transactions.in_own_transaction``)."""
        return in_own_transaction(self.env, work)

    # === CLAIMING ===

    @api.model
    def _queue_due(self, limit, joins=NOTHING, where=ALWAYS):
        """Return rows that are due, who waited longest first, locked for this transaction; what another worker holds is left to it.

        :param joins, where: SQL of more conditions; the queue's own table is ``q``
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT q.id FROM %s q %s
                    WHERE q.state IN %s AND q.next_attempt_at <= clock_timestamp() at time zone 'UTC' AND (%s)
                    ORDER BY q.next_attempt_at, q.id LIMIT %s FOR UPDATE OF q SKIP LOCKED""",
                SQL.identifier(self._table),
                joins,
                self._queue_waiting,
                where,
                limit,
            ),
            log_exceptions=False,
        )
        return self.browse([row[0] for row in self.env.cr.fetchall()])

    @api.model
    def _queue_take(self, domain, limit=200):
        """Return rows of ``domain``, locked for this transaction, that still fit it; what others hold is left to them."""
        return self.search(domain, limit=limit).try_lock_for_update().filtered_domain(domain)

    def _queue_lease(self, seconds):
        """Note an attempt that begins now; who dies over these rows leaves them to others after so many seconds. Batch.

        :return: the rows to work up; those whose workers died over them each time are dead
        """
        until = fields.Datetime.add(fields.Datetime.now(), seconds=seconds)
        deadly = self.filtered(lambda row: row.attempts >= MAX_ATTEMPTS)
        if deadly:
            deadly.write({"state": self._queue_dead, self._queue_reason: self.env._("The server stopped over it each time.")})
        for row in self - deadly:
            row.write({"attempts": row.attempts + 1, "next_attempt_at": until})
        return self - deadly

    # === CLOSING ===

    @api.model
    def _queue_failed(self, attempts, final=False, pause=None):
        """Return the columns of a row after an attempt that did not succeed: it waits again, or is dead.

        :param attempts: how many there were
        :param final: trying again is of no use
        :param pause: seconds until the next attempt; default: longer each time
        """
        dead = final or attempts >= MAX_ATTEMPTS
        seconds = pause_after(attempts) if pause is None else pause
        return {
            "state": self._queue_dead if dead else self._queue_waiting[0],
            "attempts": attempts,
            "next_attempt_at": fields.Datetime.add(fields.Datetime.now(), seconds=seconds),
        }

    def _queue_replay(self, **values):
        """Have dead rows tried again from the first attempt on, because a person says so; others stay as they are. Idempotent, batch.

        Who calls checks whether the person may.

        :param values: further columns to write
        :return: the rows that wait again
        """
        again = self.filtered(lambda row: row.state in self._queue_replayed)
        again.write({"state": self._queue_waiting[0], "attempts": 0, "next_attempt_at": fields.Datetime.now(), **values})
        self._queue_wake()
        return again

    # === HEALTH ===

    @api.model
    def _queue_counts(self, owners, states, owner="account_id"):
        """Return how many rows of each owner are in each of these states: dict (owner's id, state) -> number. One query.

        :param owner: the field that says whose a row is
        """
        # sudo: numbers only, of owners the reader sees
        rows = self.sudo()._read_group([(owner, "in", owners.ids), ("state", "in", states)], [owner, "state"], ["__count"])
        return {(record.id, state): count for record, state, count in rows}
