import logging
import secrets
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.at_once import run_all
from ...tools.outcome import Outcome, converse
from ...tools.transport import perform
from .sop_channel_message import MARKS

_logger = logging.getLogger(__name__)

AT_ONCE = 8  # rows one worker has on the wire
TALK_SECONDS = 80  # for all calls of a row: a file is uploaded (60) and sent (20)
CLAIM_SECONDS = 180  # longer than the longest talk with a platform: who has claimed longer is dead
ECHO_SECONDS = 120  # how long an unknown outcome waits for the platform's echo, and the rows behind it
# what may go: accounts that work, not beyond what the platform has asked for, and the first row of each queue key
GOES = SQL(
    """a.active AND a.is_paused IS NOT TRUE AND (p.is_demo IS NOT TRUE OR p.api_url <> '')
       AND (a.paused_until IS NULL OR a.paused_until <= clock_timestamp() at time zone 'UTC')
       AND NOT EXISTS (SELECT 1 FROM sop_channel_message e
                        WHERE e.queue_key = q.queue_key AND e.id < q.id AND e.state IN ('queued', 'sending', 'unknown'))"""
)
ACCOUNT = SQL("JOIN sop_channel_account a ON a.id = q.account_id LEFT JOIN sop_channel_app p ON p.id = a.app_id")
ACTS = ("op", "reaction")  # done to a message instead of being one: doing it twice does no harm


def _converse(talk, trusted="", deadline=float("inf")):
    """Run a dialogue; what breaks in it is the matter of its own row, not of those sent beside it."""
    try:
        return converse(talk, partial(perform, trusted=trusted, deadline=deadline))
    except Exception:  # pylint: disable=broad-except
        _logger.exception("a dialogue with a platform broke")
        return Outcome("unknown", reason="lost")


class SopChannelMessage(models.Model):
    """The way out: rows are queued with the message they belong to, claimed, committed, sent, recorded.

    A row is on the wire only between two commits of ours: claimed before, recorded after. Who dies
    in between leaves it claimed; it becomes *unknown*, and unknown is settled by the platform's echo or
    by a person. It never goes again by itself: an echo that has not come yet is no proof, for what a platform
    could not deliver it repeats at a pace of its own.
    Rows with one ``queue_key`` (a conversation) go one after the other; others side by side.
    """

    _inherit = "sop.channel.message"
    _queue_job = "sop_inbox.sop_channel_message_cron_send"
    _queue_replayed = ("failed", "unknown")
    _queue_reason = "error_detail"

    part = fields.Selection(
        [
            ("text", "Text"),
            ("file", "File"),
            ("cards", "Product cards"),
            ("receipt", "Receipt"),
            ("utility", "Template"),
            ("info", "Form for name, phone and address"),
            ("reply", "Answer to a comment"),
            ("private", "Private answer to a comment"),
            ("op", "Operation on a comment"),
            ("reaction", "Reaction to a message"),
        ],
        readonly=True,
    )
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("sending", "On its way"),
            ("unknown", "Not known"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("read", "Read"),
            ("failed", "Failed"),
        ],
        readonly=True,
    )
    target_ref = fields.Char("Comment or Message it is about", readonly=True)
    queue_key = fields.Char(readonly=True)
    client_ref = fields.Char(readonly=True, copy=False, index="btree_not_null", help="Our reference, returned by the platform in the echo.")
    payload = fields.Json(readonly=True)
    attachment_id = fields.Many2one("ir.attachment", ondelete="set null", readonly=True, index="btree_not_null")
    tag = fields.Char(readonly=True, help="Why it may be sent outside the platform's reply window.")
    next_attempt_at = fields.Datetime(default=None, help="For a row whose answer was lost: until when the platform's echo may confirm it.")
    claimed_at = fields.Datetime(readonly=True)
    may_have_arrived = fields.Boolean(readonly=True, help="The answer of an attempt was lost: the customer may have it.")
    error_code = fields.Char(readonly=True)
    reason = fields.Char("Reason Code", readonly=True)
    error_detail = fields.Char("Platform's Message", readonly=True)
    reason_text = fields.Char("Reason", compute="_compute_reason_text")

    _todo_idx = models.Index("(next_attempt_at, id) WHERE state = 'queued'")
    _queue_key_idx = models.Index("(queue_key, id) WHERE state IN ('queued', 'sending', 'unknown')")
    _doubt_idx = models.Index("(claimed_at) WHERE state = 'sending'")
    _unsure_idx = models.Index("(next_attempt_at) WHERE state = 'unknown'")
    _echo_idx = models.Index("(account_id, person_ref) WHERE direction = 'out' AND external_ref IS NULL")
    _pace_idx = models.Index("(account_id, claimed_at) WHERE claimed_at IS NOT NULL")
    _health_idx = models.Index("(account_id, state) WHERE state IN ('queued', 'unknown', 'failed')")
    _client_ref_unique = models.UniqueIndex("(client_ref) WHERE client_ref IS NOT NULL")
    _private_once = models.UniqueIndex("(account_id, target_ref) WHERE part = 'private'", "This comment has had its one private answer already.")

    @api.depends("reason", "error_code", "error_detail", "state")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for row in self:
            row.reason_text = row.account_id._reason_text(row.reason, row.error_code, row.error_detail) if row.reason else False

    # === QUEUEING ===

    @api.model
    def _queue(self, conversation, part, message=None, **values):
        """Queue one part for the platform, in the transaction of the message; nothing goes out here.

        :return: the row
        """
        now = fields.Datetime.now()
        row = self.sudo().create(  # sudo: who may reply may send; users cannot write rows
            {
                "account_id": conversation.account_id.id,
                "conversation_id": conversation.id,
                "mail_message_id": message.id if message else False,
                "person_ref": conversation.identity_id.external_id,
                "direction": "out",
                "part": part,
                "state": "queued",
                "queue_key": f"c{conversation.id}",
                "client_ref": secrets.token_urlsafe(15),
                "at": message.date if message else now,
                "next_attempt_at": now,
                **values,
            }
        )
        self._queue_wake()
        return row

    def action_retry(self):
        """Send failed or doubtful rows again, because a person says so; a screen that missed that one went is shown it. Idempotent, batch."""
        asked = self._check_conversation()
        rows = asked.filtered(lambda row: row.direction == "out" and row.state in ("failed", "unknown"))
        # the window may have closed since, and another way be open
        for row in rows:
            row.tag = row._retry_tag()
        rows._queue_replay(reason=False, error_code=False)
        rows.conversation_id._refresh_unsent()
        asked._push_state()
        return True

    def _retry_tag(self):
        """Return why the row may go outside the platform's window now; UserError when the platform would refuse it again."""
        if self.part in (*ACTS, "reply", "private", "utility"):
            return self.tag
        service = self.account_id._get_provider()
        window, tag = service.window(self.conversation_id), self.conversation_id._sending._outbound_tag(self.mail_message_id, service)
        if not window["open"] and not tag:
            raise UserError(" ".join(filter(None, [window["reason"], window["alternative"]])))
        return tag

    # === WORKER ===

    @api.model
    def _cron_send(self):
        """Send what waits; commits before and after each batch is on the wire. Several copies may run at once."""
        self._in_own_transaction(self._settle_doubts)
        self._queue_run(self._send_some)

    def _send_some(self):
        """Send the first rows of some lanes; returns how many."""
        rows = self._in_own_transaction(self._claim)
        if not rows:
            return 0
        dialogues = {row: row._open_dialogue() for row in rows}
        tokens = {account: account.access_token for account in rows.account_id}
        outcomes = self._exchange(dialogues)
        for account in self._in_own_transaction(lambda: self._record(outcomes)) or ():
            self._in_own_transaction(lambda: account._token_refused(tokens[account]))  # noqa: B023
        return len(rows)

    def _claim(self):
        """Take the first row of some lanes for this worker. What an earlier row holds up waits."""
        rows = self._queue_due(AT_ONCE, ACCOUNT, GOES)._apply_rate_limit()
        for row in rows:
            # exact: a reading of the moment before, in the same second, is none of this row
            row.write({"state": "sending", "claimed_at": fields.Datetime.now(), "at": self.env.cr.now(), "attempts": row.attempts + 1})
        return rows

    def _apply_rate_limit(self):
        """Return the rows that go now; those beyond a platform's limit for the page wait, before the platform refuses all of them."""
        going = self
        for account, rows in self.grouped("account_id").items():
            for parts, most, seconds in account._get_provider()._limits:
                asking = rows.filtered(lambda row: row.part in parts)  # noqa: B023
                if asking:
                    late = asking[max(0, most - account._count_claimed(parts, seconds)) :]
                    late.next_attempt_at = fields.Datetime.add(fields.Datetime.now(), seconds=min(seconds, 60))
                    going -= late
        return going

    def _open_dialogue(self):
        """Return the row's dialogue with the platform, or the Outcome that makes one needless."""
        self.ensure_one()
        service = self.account_id._get_provider()
        refusal = service.refuse(self)
        if refusal:
            return Outcome("failed", reason=refusal)
        return service.talk(self._parcel(service))

    def _exchange(self, dialogues):
        """Talk to platforms in threads that touch no database; returns dict row -> Outcome."""
        talks = {row: partial(_converse, talk, row.account_id.app_id._trusted()) for row, talk in dialogues.items()}
        late = Outcome("unknown", reason="lost")
        return {row: late if isinstance(found, Exception) else found for row, found in run_all(talks, TALK_SECONDS).items()}

    def _record(self, outcomes):
        """Write what became of each row; an echo that was faster has written it already.

        :return: accounts whose access token the platform refused
        """
        renew = self.env["sop.channel.account"]
        for row, outcome in outcomes.items():
            if not row.exists():
                continue
            row._keep_upload(outcome.found.get("file"))
            if outcome.state == "sent":
                row._settle(outcome.ref, outcome.found)
            elif row.state in ("sending", "unknown"):
                row._note_trouble(outcome)
            if outcome.token:
                renew |= row.account_id
            elif outcome.pause:
                row.account_id._pause(outcome.pause)
        return renew

    def _note_trouble(self, outcome):
        """The row did not go, or that is not known: when it is tried again, or that it never will be by itself."""
        counts = not (outcome.token or outcome.pause)
        final = outcome.state not in ("retry", "unknown")
        values = self._queue_failed(self.attempts - (0 if counts else 1), final, outcome.pause or (0 if outcome.token else None))
        if outcome.state == "unknown":
            values |= {"state": "unknown", **self._doubt_values()}
        # what the platform may have is not sent again: whatever the network says, its answer is lost
        reason = "lost" if outcome.state == "unknown" else outcome.reason or (final and "other")
        if reason and reason not in self.account_id._reasons():
            _logger.error("outgoing row %s: its platform's code gives reason %r, which is none of _reasons", self.id, outcome.reason)
            reason = "other"
        self.write({**values, "error_code": outcome.code, "reason": reason, "error_detail": outcome.detail})
        state = self.state
        if state == "failed":
            self._note_failed()
        self._push_state()
        if state == "failed" and self.part == "reaction":
            self._undo_reaction()

    def _note_failed(self):
        """It will not go by itself any more: the channel's health, the list and its author show it."""
        if self.part != "reaction":
            self.account_id._note_trouble(self.reason_text)
        if self.part not in ACTS:
            self.conversation_id._note_unsent()
        writer = self.create_uid
        if writer._is_internal() and not writer._is_superuser():
            row = self.with_context(lang=writer.lang)
            title = row.env._("Not sent: %(customer)s", customer=row.conversation_id.name or row.person_ref)
            writer._bus_send("simple_notification", {"type": "danger", "title": title, "message": row.reason_text})

    # === SETTLING ===

    def _settle(self, ref, found=None):
        """The platform has it, under this id. Idempotent; the answer and the echo may come in any order.

        :param found: what else the platform answered (``Outcome.found``)
        """
        self.ensure_one()
        ref = ref if self.part not in ACTS else ""
        twin = self._find(self.account_id, ref).filtered(lambda row: row != self)
        vals = {"reason": False, "error_code": False, "error_detail": False}
        if self.state not in ("sent", "delivered", "read"):
            vals["state"] = "sent"
        if twin:
            vals |= self._take_over(twin)
        if ref and not self.external_ref:
            vals["external_ref"] = ref
        first = "state" in vals
        self.write(vals)
        self.conversation_id._refresh_unsent()
        if first:
            self._after_sent(found or {})
            self._apply_marks()
        self._push_state()

    def _take_over(self, twin):
        """A row was made under this id before we knew it was ours: its news are ours, and it goes.

        Another reply of ours under it is one an echo without our word was taken for: it is what it was before.
        """
        if twin.part:
            doubt = {"state": "failed", "reason": "lost"} if twin.may_have_arrived else {"state": "sending"}
            twin.write({"external_ref": False, **doubt})
            twin.flush_recordset()
            if twin.state == "failed":
                twin._note_failed()
            twin._push_state()
            return {}
        vals = {name: twin[name] for name in ("reactions", "is_removed") if twin[name]}
        if twin.state in ("delivered", "read"):
            vals["state"] = twin.state
        if twin.mail_message_id != self.mail_message_id:
            twin.mail_message_id.unlink()
        twin.unlink()
        return vals

    def _apply_marks(self):
        """Delivered or read may have been reported before we knew it was sent."""
        if self.part not in ACTS and self.conversation_id:
            self._mark(self.conversation_id.identity_id)

    def _mark(self, identity):
        """Bring rows up to how far their customer has received and read."""
        marks = [(name, identity[column]) for name, column in MARKS.items()]
        for row in self.filtered(lambda r: r.state in ("sent", "delivered") and r.at):
            state = next((name for name, until in marks if until and row.at <= until), row.state)
            if state != row.state and not (row.state == "delivered" and state == "delivered"):
                row.state = state
                row._push_state()

    def _after_sent(self, found):
        """Hook: what follows once the platform has a row; called once.

        :param found: what else the platform answered (``Outcome.found``)
        """

    def _settle_doubts(self):
        """Rows of dead workers become unknown; unknown ones that no echo settled in time need a manual check."""
        now = fields.Datetime.now()
        dead_since = fields.Datetime.subtract(now, seconds=self._seconds("claim_seconds", CLAIM_SECONDS))
        dead = self._queue_take(Domain("state", "=", "sending") & Domain("claimed_at", "<", dead_since))
        acts = dead.filtered(lambda row: row.part in ACTS)
        acts.write({"state": "queued", "next_attempt_at": now})
        (dead - acts).write({"state": "unknown", "reason": "interrupted"} | self._doubt_values())
        overdue = self._queue_take(Domain("state", "=", "unknown") & Domain("next_attempt_at", "<=", now))
        overdue.filtered(lambda row: not row._may_have_echo())._require_manual_check()

    def _may_have_echo(self):
        """Hook: whether this row's echo may be among what came in and was not applied yet: then its time is not over."""
        return False

    def _require_manual_check(self):
        """Delivery is unconfirmed: an agent looks there and decides. A later echo still settles them."""
        for row in self:
            row.write({"state": "failed", "reason": "interrupted" if row.reason == "interrupted" else "lost"})
            row._note_failed()
            row._push_state()

    @api.model
    def _doubt_values(self):
        """Columns of a row whose answer was lost: until when the platform's echo may settle it."""
        until = fields.Datetime.add(fields.Datetime.now(), seconds=self._seconds("echo_seconds", ECHO_SECONDS))
        return {"may_have_arrived": True, "next_attempt_at": until}

    @api.model
    def _seconds(self, name, default):
        # sudo: a setting
        return int(self.env["ir.config_parameter"].sudo().get_param(f"sop_inbox.{name}") or default)

    # === UPLOADS ===

    def _keep_upload(self, ref):
        """Remember that this page has uploaded this file, so that it never does again."""
        if ref and self.attachment_id:
            self.env["sop.channel.upload"]._remember(self.account_id, self.attachment_id, ref)
