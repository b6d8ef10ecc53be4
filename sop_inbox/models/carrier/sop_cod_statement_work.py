from odoo import api, fields, models

from ...tools.cod_statement import StatementError

LEASE = 120  # seconds a worker may take over one part
PART, PAY_PART = 1000, 20  # lines written, payments registered in one transaction


class SopCodStatement(models.Model):
    """A long statement is read, and its payments are registered, in the background: in parts, so that a crash loses none."""

    _name = "sop.cod.statement"
    _inherit = ["sop.cod.statement", "sop.queue.mixin"]
    _queue_job = "sop_inbox.sop_cod_statement_cron"
    _queue_waiting = ("reading", "paying")
    _queue_dead = "new"
    _queue_replayed = ()

    error = fields.Char(readonly=True, copy=False)
    worker_id = fields.Many2one("res.users", readonly=True, copy=False, help="With whose rights payments are registered.")
    progress = fields.Float(compute="_compute_progress")

    _work_idx = models.Index("(next_attempt_at, id) WHERE state IN ('reading', 'paying')")

    @api.depends("state", "planned", "line_count", "line_ids.payment_id", "line_ids.note")
    def _compute_progress(self):
        for statement in self:
            done, whole = statement.line_count, statement.planned
            if statement.state == "paying":
                whole = statement.line_count
                done = whole - len(statement._payable().filtered(lambda line: not line.note))
            statement.progress = 100 * done / whole if whole else 0

    def _begin(self, state):
        """Have a statement worked up in the background, from ``state`` on."""
        # sudo: the right was checked by who calls; how far it is is written by us alone
        self.sudo().write({"state": state, "worker_id": self.env.uid, "attempts": 0, "next_attempt_at": fields.Datetime.now(), "error": False})
        self.sudo().line_ids.filtered("note").note = False  # sudo: as above
        self._queue_wake()

    def _queue_lease(self, seconds):
        """Also let a statement whose workers died over its payments be what it was before; see the mixin."""
        before, alive = self.state, super()._queue_lease(seconds)
        if self and not alive and before == "paying":
            self.state = "accepted"
        return alive

    @api.model
    def _cron_work(self):
        """Work up what waits, part by part; commits after each."""

        def step():
            statement = self._in_own_transaction(lambda: self._queue_due(1)._queue_lease(LEASE))
            if not statement:
                return 0
            file_hash, lines = statement.file_hash, statement._parse() if statement.state == "reading" else None
            while statement._in_own_transaction(lambda: statement._work_part(lines, file_hash)):
                pass
            return 1

        self._queue_run(step)

    def _parse(self):
        """Return the lines of the file, which was read once already; none where it cannot be any more."""
        try:
            return self._read_lines()[1]
        except StatementError as error:
            back = {"state": "new", "file_hash": False, "error": self._sentence(error)}
            self._in_own_transaction(lambda: self.write(back))
            return []

    def _work_part(self, lines, file_hash):
        """Work up the next part of the file that had this hash. :return: whether there is more"""
        if not self.try_lock_for_update() or self.state not in self._queue_waiting or self.file_hash != file_hash:
            return False
        if self.state == "reading":
            self._keep_lines(lines, slice(self.line_count, self.line_count + PART))
        else:
            self._pay_part()
        self.write({"attempts": 0, "next_attempt_at": fields.Datetime.add(fields.Datetime.now(), seconds=LEASE)})
        return self.state in self._queue_waiting

    def _pay_part(self):
        """Register some payments with the rights of who pressed; a line that says why not is done with."""
        mine = self.with_user(self.worker_id).with_company(self.company_id).with_context(lang=self.worker_id.lang)
        left = mine._payable().filtered(lambda line: not line.note)
        mine._pay(left[:PAY_PART])
        if len(left) <= PAY_PART:
            self.state = "paid"
