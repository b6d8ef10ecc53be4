import logging
import time
from functools import partial
from typing import NamedTuple

from odoo import api, fields, models

from ...tools.bank_feeds import VIETNAM, Refused, is_about, read_list
from ...tools.http_out import Broken, encode, exchange
from ...tools.transactions import in_own_transaction, replayed

_logger = logging.getLogger(__name__)
HOURS = 24
SECONDS = 20  # for the whole list
PAGE, PAGES = 100, 30
HOSTS = {"sepay": "https://my.sepay.vn", "casso": "https://oauth.casso.vn"}


class SopBankFeed(models.Model):
    """What the service's calls missed comes in by its list, through the same door and under the same key: never twice."""

    _inherit = "sop.bank.feed"

    @api.model
    @replayed
    def _cron_poll(self):
        """Ask the list of every feed that has a key for it; nothing is open in the database meanwhile.

        What comes by a call between the question and its answer is a conflict for who stores the answer: that is done again, the question is not.
        """
        cron = self.env["ir.cron"]
        for feed in self.search([("provider", "in", list(HOSTS)), ("api_token", "!=", False)]):
            service = feed._service()
            cron._commit_progress(remaining=1)
            transfers, error = service.ask()
            in_own_transaction(self.env, partial(feed._take_list, transfers, error))
        cron._commit_progress(remaining=0)

    def action_poll(self):
        """Ask the lists of these feeds now.

        :return: the notice, with what the services said where they refused
        """
        self.check_access("read")
        if not self.env.user.has_group("account.group_account_invoice"):
            self.check_access("write")
        for feed in self.sudo():  # sudo: the list's key, of a feed the user may see
            feed._poll()
        wrong = ", ".join(filter(None, self.mapped("poll_error")))
        message = self.env._("The list could not be read: %(error)s", error=wrong) if wrong else self.env._("The list was read.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "danger" if wrong else "success", "message": message, "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }

    def _poll(self):
        """Ask the list of the last day and keep what is new of this account. What does not work is noted on the feed."""
        if self.provider in HOSTS and self.api_token:
            self._take_list(*self._service().ask())
        else:
            self._take_list([], self.env._("the service has no list, or its key is missing"))

    def _service(self):
        """Return where and as which user the list is asked; values only, so that no transaction has to be open for it."""
        self.ensure_one()
        return Service(self.provider, self.api_url or "", self.api_token or "")

    def _take_list(self, transfers, error):
        """Keep what a list brought, each movement once; or note why it brought nothing."""
        self = self.with_company(self.company_id)
        if error:
            self.poll_error = error
            _logger.warning("bank feed %s: the list could not be read", self.id)
            return
        self._keep([transfer for transfer in transfers if is_about(transfer, self.account_number)])
        self.write({"polled_at": fields.Datetime.now(), "poll_error": False})


class Service(NamedTuple):
    """A service's list, and who asks for it."""

    provider: str
    url: str
    token: str

    def ask(self):
        """Return (the transfers of the last day, "") or ([], why it cannot be read). Goes to the network, not to the database."""
        try:
            return self._fetch(), ""
        except (Broken, Refused) as error:
            return [], str(error)

    def _fetch(self):
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=HOURS) + VIETNAM
        if self.provider == "sepay":
            # of all accounts: a virtual one is not asked for by its number
            query = {"transaction_date_min": since.strftime("%Y-%m-%d %H:%M:%S"), "limit": 5000}
            return read_list("sepay", self._ask("/userapi/transactions/list", query, f"Bearer {self.token}"))
        found = []
        for page in range(1, PAGES + 1):
            query = {"fromDate": since.strftime("%Y-%m-%d"), "page": page, "pageSize": PAGE, "sort": "DESC"}
            part = read_list("casso", self._ask("/v2/transactions", query, f"Apikey {self.token}"))
            found += part
            if len(part) < PAGE:
                break
        return found

    def _ask(self, path, query, authorization):
        url = f"{(self.url or HOSTS[self.provider]).rstrip('/')}{path}?{encode(query)[0]}"
        headers = {"Authorization": authorization, "Accept": "application/json"}
        reply = exchange("GET", url, time.monotonic() + SECONDS, headers, trusted=self.url)
        if reply.status != 200:
            raise Refused(f"HTTP {reply.status}")
        return reply.content
