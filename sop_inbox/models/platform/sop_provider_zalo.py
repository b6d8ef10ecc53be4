import json
import logging
import subprocess
import sys
from pathlib import Path

from odoo import models
from odoo.sql_db import connection_info_for

from ...tools import zalo, zalo_api

_logger = logging.getLogger(__name__)
RENEWAL = Path(__file__).parent.parent.parent / "tools" / "zalo_renewal.py"
RENEW_SECONDS = 30  # longer than the call (15) after waiting for another renewal's
# the access token lives 25 hours: renewed long before, so that people have time when that fails
RENEW_AHEAD_HOURS = 8


class SopProviderZalo(models.AbstractModel):
    """Zalo official accounts."""

    _name = "sop.provider.zalo"
    _inherit = "sop.provider"
    _description = "Zalo OA"

    _uses = frozenset({"app_ref", "app_secret", "oa_secret", "access_token", "refresh_token", "renewal"})
    _parts = zalo_api.PARTS
    _text_limit = zalo_api.TEXT_LIMIT
    _picture_limit, _file_limit, _file_types = zalo_api.PICTURE_LIMIT, zalo_api.FILE_LIMIT, zalo_api.FILE_TYPES
    _renew_ahead = RENEW_AHEAD_HOURS
    _icons = {"message": "fa-commenting", "comment": "fa-comments", "color": "#0068ff"}
    _reactions = zalo.REACTIONS
    _tools = zalo
    _api = zalo_api

    def verify(self, app, raw, headers):
        """Zalo hashes app, bytes, time and the OA's secret key; no key, no event."""
        return zalo.check(app.app_ref or "", raw, app.oa_secret or "", headers.get("X-ZEvent-Signature"))

    # === OUTGOING ===

    def template(self, payload):
        """A form asks for name, phone and address."""
        return ("info", payload) if payload.get("type") == "info" else None

    # === WINDOWS ===

    def window(self, conversation):
        """Free for 48 hours after the customer's last word, as long as Zalo says that replies are left; paid until 7 days, then closed."""
        result = super().window(conversation)
        free = self._closes(conversation.last_inbound_at, hours=48)
        paid = self._closes(conversation.last_inbound_at, days=7)
        if free:
            return result | {"until": free, "note": self._quota_note(conversation)}
        if paid:
            return result | {"until": paid, "note": self.env._("After 48 hours a reply costs Zalo's fee.")}
        return result | {
            "open": False,
            "reason": self.env._("Zalo accepts replies for 7 days after the customer's last message; this time is over."),
            "alternative": self.env._("Call the customer, or wait until they write again."),
        }

    def _quota_note(self, conversation):
        """What Zalo's last answer said is left of the free replies, as long as the customer has not written since; it says nothing: nor do we."""
        if not conversation.quota_at or conversation.quota_at < conversation.last_inbound_at:
            return ""
        left = conversation.quota_left
        return self.env._("Free replies left: %(left)s", left=left) if left else self.env._("Further replies cost Zalo's fee.")

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

    # === ASKING ===

    def judge(self, answer):
        """Zalo says 200 when it refuses."""
        return zalo_api.take(answer, repeatable=True)

    def profile(self, account, person):
        """Name and picture of who writes to the account."""
        return zalo_api.profile_call(self._url(account.app_id), person, account.access_token), zalo_api.read_profile
