import secrets
import time

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...tools.arguments import is_clean
from ...tools.bank_feeds import LONGEST, Refused, is_about, read_webhook, same_account

PROVIDERS = [("sepay", "SePay"), ("casso", "Casso"), ("payos", "payOS")]
READ_AT_THE_DOOR = ["provider", "plain", "secret", "account_number", "company_id"]


class SopBankFeed(models.Model):
    """A bank account whose movements a service reports: ``POST /sop/bank/<provider>/<key>``.

    What arrives is checked over its bytes, kept once and answered after the commit; ``sop.bank.line`` works it up.
    """

    _name = "sop.bank.feed"
    _description = "Bank Feed"
    _inherit = ["sop.guard.mixin", "sop.hidden.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    provider = fields.Selection(PROVIDERS, "Service", required=True, default="sepay")
    plain = fields.Boolean(
        "Key in a Header",
        groups="base.group_system",
        help="The service's older form, which signs nothing (SePay: Apikey, Casso: secure-token). Choose the signed one where you can.",
    )
    key = fields.Char(required=True, copy=False, default=lambda self: secrets.token_urlsafe(24), groups="base.group_system")
    secret = fields.Char(copy=False, groups="base.group_system", help="What the service signs with, as its page shows it.")
    account_number = fields.Char("Bank Account", required=True, copy=False, help="As the service reports it: movements of any other are refused.")
    journal_id = fields.Many2one(
        "account.journal",
        "Bank Journal",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        help="Each movement becomes a line of its statement. Empty: payments are posted in the company's first bank journal, without statement.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Accountant",
        default=lambda self: self.env.uid,
        domain="[('share', '=', False)]",
        help="Gets what a person has to do: money to return.",
    )
    confirm = fields.Boolean(related="company_id.sop_bank_confirm", readonly=False)
    address = fields.Char(compute="_compute_address", groups="base.group_system")
    refused_at = fields.Datetime("Last Refused", readonly=True, copy=False)
    refused_why = fields.Selection(
        [
            ("signature", "The signature is missing or wrong"),
            ("old", "The signature is older than five minutes"),
            ("account", "It is about another bank account"),
            ("body", "It cannot be read"),
            ("long", "Longer than 256 kB"),
        ],
        "Refused Because",
        readonly=True,
        copy=False,
    )
    api_url = fields.Char("Service's Address", groups="base.group_system", copy=False, help="Another address than the service's own, for a test.")
    api_token = fields.Char("List Key", groups="base.group_system", copy=False, help="Lets the service's list be asked for what its calls missed.")
    polled_at = fields.Datetime("List Asked", readonly=True, copy=False)
    poll_error = fields.Char("List Refused", readonly=True, copy=False)
    last_event_at = fields.Datetime("Last Movement", compute="_compute_health")
    lag = fields.Integer("Seconds Behind", compute="_compute_health", help="How long the oldest movement waits to be worked up.")
    unmatched_count = fields.Integer("Unmatched", compute="_compute_health")

    _key_unique = models.UniqueIndex("(key)", "Another feed has this key.")
    _account_unique = models.UniqueIndex(
        "(account_number) WHERE active", "This account is reported by another feed already: its money would come twice."
    )

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"journal_id": "read", "user_id": "read"}

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"refused_at", "refused_why", "polled_at", "poll_error"}

    @api.model_create_multi
    def create(self, vals_list):
        """Also make what pays: core's payment provider of the company."""
        feeds = super().create([self._plain_account(vals) for vals in vals_list])
        feeds._sop_ensure_provider()
        return feeds

    def write(self, vals):
        """The payments go where the feed's journal is."""
        result = super().write(self._plain_account(vals))
        if vals.keys() & {"journal_id", "company_id", "active"}:
            self._sop_ensure_provider()
        return result

    @staticmethod
    def _plain_account(vals):
        """One writing of an account number, so that the database knows it again."""
        number = vals.get("account_number") if isinstance(vals, dict) else None
        return {**vals, "account_number": "".join(number.split()).upper()} if isinstance(number, str) else vals

    def _sop_ensure_provider(self):
        """Make core's payment provider where there is none, and switch on core's job for mails that may follow later."""
        # sudo: who sets a feed up need not be who sets jobs up
        if self and (cron := self.env.ref("sale.send_pending_emails_cron", raise_if_not_found=False)) and not cron.sudo().active:
            cron.sudo().active = True
        for feed in self.filtered("active"):
            # sudo: who sets a feed up need not be who sets payments up
            self.env["payment.provider"].sudo()._sop_bank_provider(feed.company_id, feed.journal_id)

    def _compute_address(self):
        for feed in self:
            feed.address = f"{feed.get_base_url()}/sop/bank/{feed.provider}/{feed.key}"

    def _compute_health(self):
        lines = self.env["sop.bank.line"].sudo()  # sudo: numbers and times, of feeds the reader sees
        last = dict(lines._read_group([("feed_id", "in", self.ids)], ["feed_id"], ["create_date:max"]))
        waiting = dict(lines._read_group([("feed_id", "in", self.ids), ("state", "=", "new")], ["feed_id"], ["create_date:min"]))
        counts = lines._queue_counts(self, ("unmatched",), "feed_id")
        now = fields.Datetime.now()
        for feed in self:
            feed.last_event_at = last.get(feed, False)
            feed.lag = max(0, (now - waiting[feed]).total_seconds()) if feed in waiting else 0
            feed.unmatched_count = counts.get((feed.id, "unmatched"), 0)

    @api.constrains("provider", "plain")
    def _check_plain(self):
        # sudo: the field is for administrators, the rule for everyone
        if any(feed.plain and feed.provider == "payos" for feed in self.sudo()):
            raise ValidationError(self.env._("payOS always signs."))

    @api.constrains("account_number")
    def _check_account_number(self):
        if any(not same_account(feed.account_number, feed.account_number) for feed in self):
            raise ValidationError(self.env._("A bank account has a number."))

    # === BUTTONS ===

    def action_new_key(self):
        """Give feeds a new address; the old one stops at once. :raise AccessError: for others than administrators"""
        self.check_access("write")
        for feed in self:
            feed.key = secrets.token_urlsafe(24)
        return True

    def action_unmatched(self):
        """Open the list of this feed's money that belongs to no order."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_pipeline.sop_bank_line_action")
        return action | {"domain": [("feed_id", "in", self.ids)]}

    def action_test(self):
        """Send one đồng through the own door, as the service would, and say whether it arrived; nothing of it is kept.

        :return: the notice
        :raise UserError: with what is missing
        """
        self.ensure_one()
        self.check_access("write")
        feed = self.sudo()  # sudo: the secret, of a feed the user may write
        if not feed.secret:
            raise UserError(self.env._("Enter the secret that %(service)s shows you first.", service=dict(PROVIDERS)[feed.provider]))
        message = self.env._(
            "The address answers and the secret is there. Now press the test button of %(service)s.", service=dict(PROVIDERS)[feed.provider]
        )
        numbers = feed.company_id.partner_id.bank_ids.mapped("acc_number")
        if not any(same_account(number, feed.account_number) for number in numbers):
            raise UserError(
                self.env._("%(account)s is none of the company's bank accounts: customers would be told another one.", account=feed.account_number)
            )
        if feed.refused_at and (not feed.last_event_at or feed.last_event_at < feed.refused_at):
            why = dict(feed._fields["refused_why"]._description_selection(self.env))[feed.refused_why]
            raise UserError(self.env._("The last call of %(service)s was refused: %(why)s.", service=dict(PROVIDERS)[feed.provider], why=why))
        return {"type": "ir.actions.client", "tag": "display_notification", "params": {"type": "success", "message": message}}

    # === RECEIVING ===

    @api.model
    def _sop_receive(self, provider, key, raw, headers):
        """Take what a service reports: check it, keep it once, wake the worker. Runs as the system.

        One transaction: what is answered with 200 is kept. A repetition is answered alike and changes nothing.

        :param raw: the body as it came (bytes), None when it is too long to be read
        :param headers: case-insensitive mapping
        :return: HTTP status: 200, 400 unreadable, 401 not signed or old, 403 another account, 404 no such feed, 413 too long
        """
        feeds = self.with_user(SUPERUSER_ID)
        feed = is_clean(provider + key) and feeds.search_fetch([("key", "=", key), ("provider", "=", provider)], READ_AT_THE_DOOR, limit=1)
        if not feed:
            return 404
        if raw is None or len(raw) > LONGEST:
            return feed._refuse(413, "long")
        try:
            transfers = read_webhook(provider, raw, headers, feed.secret, time.time(), feed.plain)
            feed._keep(transfers)
        except Refused as refused:
            return feed._refuse(refused.status, refused.why)
        return 200

    def _keep(self, transfers):
        """Keep transfers once, all or none, and wake the worker. :raise Refused: one is about another account"""
        self.ensure_one()
        if not all(is_about(transfer, self.account_number) for transfer in transfers):
            raise Refused("account")
        lines = self.env["sop.bank.line"]
        if lines._store(self, transfers):
            lines._queue_wake_together()

    def _refuse(self, status, why):
        """Note that something was refused and why, for who sets the feed up; at most once in ten seconds, without waiting.

        :return: ``status``
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """UPDATE sop_bank_feed SET refused_at = %(now)s, refused_why = %(why)s
                    WHERE id = (SELECT id FROM sop_bank_feed WHERE id = %(id)s
                                   AND (refused_at IS NULL OR refused_at < %(lately)s OR refused_why <> %(why)s) FOR UPDATE SKIP LOCKED)""",
                now=now,
                why=why,
                id=self.id,
                lately=fields.Datetime.subtract(now, seconds=10),
            )
        )
        self.invalidate_recordset(["refused_at", "refused_why"], flush=False)
        return status
