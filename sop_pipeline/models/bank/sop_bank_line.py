import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation
from psycopg2.extras import Json

from ...tools.attempts import pause_after
from ...tools.bank_feeds import mask
from ...tools.transactions import CONFLICTS
from .sop_bank_feed import PROVIDERS

_logger = logging.getLogger(__name__)

BATCH = 50  # movements in one transaction: one that comes alone waits for none, a rush shares what each would cost

WHY = [
    ("reference", "No reference in the words"),
    ("unknown", "No order has this reference"),
    ("several", "Several orders in one transfer"),
    ("cancelled", "The order was cancelled"),
    ("expired", "The quotation had expired"),
    ("paid", "The order was paid already"),
    ("currency", "The order is in another currency"),
    ("undone", "Taken off its order by hand"),
    ("error", "It could not be worked up"),
]


class SopBankLine(models.Model):
    """A movement of a bank account, as its service reported it: kept once, worked up once.

    ``matched`` money paid an order, ``unmatched`` money waits for an accountant, ``ignored`` is what pays no order
    (money that went out, or what a person put aside); ``new`` is what the worker has not seen. Balances are not kept.
    """

    _name = "sop.bank.line"
    _description = "Bank Movement"
    _inherit = ["sop.queue.mixin", "sop.guard.mixin", "sop.hidden.mixin"]
    _order = "at desc, id desc"
    _rec_name = "words"
    _queue_job = "sop_pipeline.ir_cron_bank"
    _queue_waiting = ("new",)
    _queue_dead = "unmatched"
    _queue_replayed = ("unmatched",)
    _sop_hidden = ("payload",)

    feed_id = fields.Many2one("sop.bank.feed", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    provider = fields.Selection(PROVIDERS, "Service", required=True, readonly=True)
    account_number = fields.Char("Bank Account", required=True, readonly=True)
    external_id = fields.Char("Number at the Service", required=True, readonly=True)
    bank_ref = fields.Char("Bank's Number", readonly=True)
    at = fields.Datetime("Time", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    direction = fields.Selection([("in", "In"), ("out", "Out")], required=True, readonly=True)
    words = fields.Char(readonly=True)
    sender = fields.Char(readonly=True)
    sender_hint = fields.Char("Sender's Account", readonly=True, help="The last three digits.")
    payload = fields.Json("As It Came", readonly=True, groups="account.group_account_invoice", help="Without the account's balance.")
    state = fields.Selection(
        [("new", "New"), ("matched", "Matched"), ("unmatched", "Unmatched"), ("ignored", "Ignored")], required=True, default="new", readonly=True
    )
    why = fields.Selection(WHY, "Because", readonly=True)
    error = fields.Char(readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True, index="btree_not_null", ondelete="restrict", check_company=True)
    transaction_id = fields.Many2one("payment.transaction", "Payment", readonly=True, ondelete="restrict")
    statement_line_id = fields.Many2one("account.bank.statement.line", readonly=True, ondelete="set null")
    to_post = fields.Boolean("Payment to Be Posted", readonly=True, help="The customer has their answer; the books follow.")
    matched_by = fields.Many2one("res.users", readonly=True, help="Empty: the reference said it.")
    matched_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex("(provider, account_number, external_id)", "This movement is there already.")
    _due_idx = models.Index("(next_attempt_at, id) WHERE state = 'new'")
    _to_post_idx = models.Index("(id) WHERE to_post")
    _list_idx = models.Index("(feed_id, at DESC) WHERE state = 'unmatched'")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"choice_id": "read"}

    @api.model
    def _sop_kept(self):
        """Everything but the order a person is about to choose: no client makes money."""
        stored = {name for name, field in self._fields.items() if field.store and name not in models.MAGIC_COLUMNS}
        return super()._sop_kept() | stored - {"choice_id"}

    # === STORING ===

    @api.model
    def _store(self, feed, transfers):
        """Insert transfers of a feed that are not there yet; of two at once one wins. Batch.

        :return: how many were new
        """
        currency_id = self.env["ir.model.data"]._xmlid_to_res_id("base.VND", raise_if_not_found=True)
        now = fields.Datetime.now()
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'new', 0, %s, %s, %s, %s, %s)",
                feed.id,
                feed.company_id.id,
                feed.provider,
                feed.account_number,
                item.external_id,
                item.bank_ref or None,
                item.at,
                currency_id,
                item.amount,
                item.direction,
                item.words or None,
                item.sender or None,
                mask(item.sender_account) or None,
                Json(item.payload),
                *[now] * 3,
                *[self.env.uid] * 2,
            )
            for item in transfers
        ]
        return self._queue_insert(self._insert, rows) if rows else 0

    def _insert(self, rows):
        self.env.cr.execute(
            SQL(
                """INSERT INTO sop_bank_line (feed_id, company_id, provider, account_number, external_id, bank_ref, at, currency_id,
                       amount, direction, words, sender, sender_hint, payload, state, attempts, next_attempt_at,
                       create_date, write_date, create_uid, write_uid)
                   VALUES %s ON CONFLICT (provider, account_number, external_id) DO NOTHING""",
                SQL(", ").join(rows),
            ),
            log_exceptions=False,
        )
        return self.env.cr.rowcount

    # === WORKING ===

    @api.model
    def _cron_work(self):
        """Work up what has come, post it when nothing new waits; woken with each. Several workers at once do nothing twice."""

        def step():
            self._queue_give_way()
            return self._in_own_transaction(lambda: self._work_next() or self._post_next()) or 0

        self._queue_run(step)

    @api.model
    def _queue_gives_way(self):
        """Of two workers one goes on in a rush."""
        return super()._queue_gives_way() and not self._is_at_work()

    @api.model
    def _is_at_work(self):
        """Note that this transaction works movements up, and return whether no other one does."""
        return self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(hashtextextended('sop:bank:work', 0))"))[0][0]

    @api.model
    def _work_next(self):
        """Work up the lines of one feed that waited longest, together: claim, work and result are one transaction.

        :return: how many, 0 when nothing is due
        """
        self._is_at_work()
        due = self._queue_due(BATCH)
        lines = due.filtered(lambda line: line.feed_id == due[:1].feed_id)
        if lines:
            self._as_feed(lines)._work_up(type(self)._work, type(self)._broke)
        return len(lines)

    @api.model
    def _post_next(self):
        """Write lines of one feed into the statement and post the payments of the matched ones, together.

        What cannot be posted stops no other: core's own job tries it again. What cannot be booked is tried again here, until it can.

        Several workers post at once. Those of one order are taken together, since two that write on it are in each other's way; core has the
        second wait for the first where a payment takes its number.

        :return: how many, 0 when none waits that no other worker has
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT id, feed_id FROM sop_bank_line WHERE to_post AND next_attempt_at <= clock_timestamp() AT TIME ZONE 'UTC'
                    ORDER BY order_id, id LIMIT %s FOR UPDATE SKIP LOCKED""",
                BATCH,
            ),
            log_exceptions=False,  # what another worker has just posted: replayed
        )
        rows = self.env.cr.fetchall()
        lines = self.browse([number for number, feed in rows if feed == rows[0][1]])
        if lines:
            self._as_feed(lines)._work_up(type(self)._keep_books, type(self)._broke_posting)
        return len(lines)

    @api.model
    def _as_feed(self, lines):
        """Return lines of one feed in the company and language of who has to do with them."""
        lang = lines.feed_id.user_id.lang or lines.company_id.partner_id.lang or self.env.lang
        return lines.with_company(lines.company_id).with_context(lang=lang)

    def _work_up(self, work, broke):
        """Do ``work`` with lines together, one by one where that breaks. One that breaks leaves no trace, stops no other, and stays in sight.

        :param work: function of lines
        :param broke: function of the one line and the exception
        """
        try:
            with self.env.cr.savepoint():
                work(self)
        except (*CONFLICTS, UniqueViolation, OperationalError):
            raise  # replayed as a whole
        except Exception as error:
            self.env.invalidate_all()
            if len(self) > 1:
                _logger.warning("bank movements %s are worked up one by one: %s", self.ids, type(error).__name__)
                for line in self:
                    line._work_up(work, broke)
            else:
                _logger.exception("bank movement %s", self.id)
                broke(self, error)

    def _broke(self, error):
        """It is tried again, and unmatched in the end; its statement does not wait for that."""
        values = {"why": "error", "error": str(error)[:500], "to_post": bool(self._unbooked())}
        self.write(self._queue_failed(self.attempts + 1) | values)

    def _broke_posting(self, error):
        """The money is on its order. Core's own job tries again to post it; until it is in the statement, we do."""
        if isinstance(error, UserError):
            self._duty(self.order_id, self.env._("Bank transfer"), self.env._("The money is here, but: %(error)s", error=error))
        attempts = self.attempts + 1
        pause = {"attempts": attempts, "next_attempt_at": fields.Datetime.add(fields.Datetime.now(), seconds=pause_after(attempts))}
        self.write((pause if self._unbooked() else {"to_post": False}) | {"error": str(error)[:500]})
