import json
import logging
import subprocess
import sys
from pathlib import Path

from odoo import api, fields, models
from odoo.sql_db import connection_info_for

from ...tools import zalo, zalo_api
from ...tools.signature import check_zalo
from ..outbound.sop_channel_outbox import ACTS

_logger = logging.getLogger(__name__)
RENEWAL = Path(__file__).parent.parent.parent / "tools" / "zalo_renewal.py"
RENEW_SECONDS = 30  # longer than the call (15) after waiting for another renewal's
FREE_REPLIES = 8
# the access token lives 25 hours: renewed long before, so that people have time when that fails
RENEW_AHEAD_HOURS = 8


class SopProviderZalo(models.AbstractModel):
    """Zalo official accounts."""

    _name = "sop.provider.zalo"
    _inherit = "sop.provider.remote"
    _description = "Zalo OA"

    _asks_info = True
    _reactions = zalo.REACTIONS
    _tools = zalo
    _api = zalo_api

    def verify(self, app, raw, headers):
        """Zalo hashes app, bytes, time and the OA's secret key; no key, no event."""
        return check_zalo(app.app_ref or "", raw, app.oa_secret or "", headers.get("X-ZEvent-Signature"))

    # === OUT ===

    @api.private
    def template(self, payload):
        """Return (part, data) for structured content Zalo has a form for, or None: then the words go."""
        return ("info", payload) if payload.get("type") == "info" else None

    # === WINDOWS ===

    def window(self, conversation):
        """Free for 48 hours and eight replies after the customer's last word, paid until 7 days, then order messages only."""
        result = super().window(conversation) | {"tag": ""}
        free = self._closes(conversation.last_inbound_at, hours=48)
        paid = self._closes(conversation.last_inbound_at, days=7)
        if free:
            left = FREE_REPLIES - self._replies_since(conversation)
            note = self.env._("Free replies left: %(left)s", left=left) if left > 0 else self.env._("Further replies cost Zalo's fee.")
            return result | {"until": free, "note": note}
        if paid:
            return result | {"until": paid, "note": self.env._("After 48 hours a reply costs Zalo's fee.")}
        return result | {
            "open": False,
            "reason": self.env._("Zalo takes replies for 7 days after the customer's last word; they are over."),
            "alternative": self.env._("Send a transaction message about an order, call the customer, or wait until he writes again."),
        }

    def _replies_since(self, conversation):
        """How many replies Zalo has counted since the customer's last word."""
        domain = [("conversation_id", "=", conversation.id), ("direction", "=", "out"), ("at", ">=", conversation.last_inbound_at)]
        domain += [("state", "!=", "failed"), ("part", "not in", ACTS)]
        return self.env["sop.channel.message"].sudo().search_count(domain)  # sudo: counting only

    # === TOKEN ===

    def renew(self, account):
        """Swap the one-use refresh token for a new pair; returns whether there is a new access token.

        It is done by a process of its own that locks the account's row, asks Zalo and commits both
        tokens at once. It outlives this worker: a kill between Zalo's answer and the commit, which
        would lose the account, needs the machine to die.
        """
        stale = account.access_token or ""
        job = {
            "dsn": connection_info_for(self.env.cr.dbname)[1],
            "account": account.id,
            "stale": stale,
            "login": zalo_api.login_url(account.app_id.api_url),
            "trusted": account.app_id._trusted(),
            "app": account.app_id.app_ref,
            "secret": account.app_id.app_secret,
        }
        try:
            done = self._run_renewal(json.dumps(job, default=str))
        except subprocess.TimeoutExpired:
            return True  # it goes on without us; the next attempt finds what it saved
        account.invalidate_recordset()
        if done.returncode:
            _logger.warning("renewal of the Zalo token of account %s failed: %s", account.id, done.stdout.decode()[:200])
        return done.returncode == 0

    def _run_renewal(self, job):
        """Run the renewal out of reach of the signals that end this process and its group."""
        process = subprocess.Popen(  # not waited for at the end: when it takes too long, it goes on without us
            [sys.executable, str(RENEWAL)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        out, _err = process.communicate(job.encode(), timeout=RENEW_SECONDS)
        return subprocess.CompletedProcess(RENEWAL, process.returncode, out)

    @api.model
    def _cron_renew(self):
        """Renew the access tokens that end soon; each account in a transaction of its own."""
        soon = fields.Datetime.add(fields.Datetime.now(), hours=RENEW_AHEAD_HOURS)
        domain = [("provider", "=", "zalo"), ("refresh_token", "!=", False), ("is_paused", "=", False)]
        accounts = self.env["sop.channel.account"].search([*domain, "|", ("token_expires_at", "=", False), ("token_expires_at", "<", soon)])
        for account in accounts.filtered(lambda account: account.app_id and not account.is_unplugged):
            if not self.renew(account):
                account._note_failure(account._reason_text("refresh"))
            if not self.env["ir.cron"]._commit_progress(1):
                break  # the time of this run is up; a token that ends meanwhile is renewed when it is refused

    # === ACCOUNT ===

    def check(self, account, transport):
        """Which account the token is of; a dead one is renewed first."""
        calls = zalo_api.check_calls(self._url(account.app_id), account.access_token)
        answer = transport(calls["page"])
        outcome = zalo_api.take(answer, repeatable=True)
        if outcome.state not in ("sent",):
            return [self._answer_problem(outcome, answer)]
        ref, name = zalo_api.read_account(answer.body)
        problems = []
        if ref and ref != account.external_id:
            problems.append(self.env._("The token is of another official account: %(name)s.", name=name))
        if not account.last_event_at:
            problems.append(self.env._("No event has come yet. Is the webhook's address entered at Zalo, and are its events on?"))
        return problems
