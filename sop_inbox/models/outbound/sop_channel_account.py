from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# what joins an account to its platform, and what the workers note
_TECHNICAL = {"app_id", "provider", "external_id", "livechat_channel_id", "company_id", "access_token", "refresh_token", "token_expires_at"}
_TECHNICAL |= {"is_paused", "pause_reason", "paused_until", "last_event_at", "last_lag", "last_error", "failure_count"}
_TECHNICAL |= {"checked_at", "check_result"}
# what an administrator fills in on app and account, as far as the platform uses it, in the order of the forms
_APP_KEYS, _ACCOUNT_KEYS = ("app_ref", "app_secret", "oa_secret"), ("access_token", "refresh_token")


class SopChannelAccount(models.Model):
    """The link of a page or official account to its platform: whether it works, and what the platform allows it."""

    _name = "sop.channel.account"
    _inherit = ["sop.channel.account", "sop.guard.mixin"]

    is_paused = fields.Boolean("Stopped", readonly=True, copy=False, help="Nothing goes out until the access token is renewed.")
    pause_reason = fields.Char(readonly=True, copy=False)
    paused_until = fields.Datetime("Slowed Down Until", readonly=True, copy=False)
    checked_at = fields.Datetime("Last Check", readonly=True, copy=False)
    check_result = fields.Text("What the Check Found", readonly=True, copy=False)
    auto_hide = fields.Selection(
        [("none", "None"), ("phone", "With a phone number"), ("all", "All")],
        "Hide Comments",
        default="phone",
        required=True,
        help="Hidden at once on the page; the shop still reads them. Single posts may differ.",
    )
    waiting_count = fields.Integer("Waiting to Go", compute="_compute_health")
    failed_count = fields.Integer("Not Sent", compute="_compute_health")
    is_disconnected = fields.Boolean("Not Connected (demo)", compute="_compute_is_disconnected", compute_sudo=True)
    health = fields.Selection(
        [("unplugged", "Demo, not connected"), ("new", "No event yet"), ("ok", "Works"), ("warning", "Look at it"), ("down", "Stopped")],
        compute="_compute_health",
    )

    def _compute_health(self):
        """Numbers of the health page, one query a table whatever the number of accounts."""
        messages = self.env["sop.channel.message"]._queue_counts(self, ("queued", "unknown", "failed"))
        for account in self:
            account.waiting_count = messages.get((account.id, "queued"), 0) + messages.get((account.id, "unknown"), 0)
            account.failed_count = messages.get((account.id, "failed"), 0)
            account.health = account._judge_health()

    @api.depends("app_id.is_demo", "app_id.api_url")
    def _compute_is_disconnected(self):
        """A page of the demo does not exist at the platform: it talks to a double, or is not connected."""
        for account in self:
            account.is_disconnected = account.app_id.is_demo and not account.app_id.api_url

    def _judge_health(self):
        """Return the colour of the account's lamp."""
        if self.is_disconnected:
            return "unplugged"
        if self.is_paused:
            return "down"
        soon = fields.Datetime.add(fields.Datetime.now(), days=3)
        expires = "renewal" not in (self.uses or "") and self.token_expires_at and self.token_expires_at < soon
        if self.failure_count or self._has_dead() or expires:
            return "warning"
        return "ok" if self.last_event_at else "new"

    def _has_dead(self):
        """Hook: whether something that came in could not be worked up."""
        return False

    # === LIFE ===

    def write(self, vals):
        """A new access token lets a stopped account go on; what the workers note cannot be written by users.

        :raise AccessError: technical columns by who is no administrator
        """
        result = super().write(vals)
        if vals.keys() & {"access_token", "refresh_token"}:
            self._resume()
        return result

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"team_id": "read"}

    @api.model
    def _sop_kept(self):
        """What joins a channel to its platform is an administrator's; tokens and the like have their own groups besides."""
        return super()._sop_kept() | (set() if self.env.user.has_group("base.group_system") else _TECHNICAL)

    def _sop_refuse_kept(self, names):
        raise AccessError(self.env._("Only an administrator connects a channel to its platform; what the system notes about it cannot be changed."))

    def _resume(self):
        """Go on sending."""
        self.filtered("is_paused").write({"is_paused": False, "pause_reason": False, "failure_count": 0, "last_error": False})
        self.env["sop.channel.message"]._queue_wake()

    def _pause(self, seconds):
        """The platform asks us to slow down."""
        self.paused_until = fields.Datetime.add(fields.Datetime.now(), seconds=seconds)

    def _count_claimed(self, parts, seconds):
        """Return how many rows of these parts were handed to the platform within the last seconds."""
        since = fields.Datetime.subtract(fields.Datetime.now(), seconds=seconds)
        domain = [("account_id", "=", self.id), ("claimed_at", ">", since), ("part", "in", list(parts))]
        return self.env["sop.channel.message"].search_count(domain)

    def _stop(self, reason):
        """Nothing goes out any more until somebody renews the token; those who look after channels are notified."""
        if self.is_paused:
            return
        self.write({"is_paused": True, "pause_reason": reason})
        self._note_failure(reason)
        self._notify_managers(reason)

    def _notify_managers(self, reason):
        """A to-do for the user in charge of the team's channel, once."""
        user = self.team_id.user_id or self.env.ref("base.user_admin")
        self.env["bus.bus"]._sendone(
            user.partner_id,
            "simple_notification",
            {"type": "danger", "sticky": True, "title": self.name, "message": reason},
        )

    def _note_trouble(self, reason):
        """A message finally failed: counted, and its reason kept for the health page."""
        self._note_failure(reason or "")

    # === TOKEN ===

    def _token_refused(self, token):
        """The platform refuses an access token: renew it where that is possible, else stop.

        :param token: the one that was used; when there is another by now, nothing is to be done
        """
        if self.access_token == token and not self._get_provider().renew(self):
            self._stop(self._reason_text("token"))

    # === PEOPLE ===

    def action_check(self):
        """Ask the platform whether everything is set up, and say in plain words what is not.

        Calls the platform; nothing changes but the answer kept on the account.
        """
        self.ensure_one()
        self.check_access("write")
        account = self.sudo()  # sudo: the token is used, never shown
        problems = account._check_problems()
        text = "\n".join(problems) or self.env._("Everything works.")
        account.write({"checked_at": fields.Datetime.now(), "check_result": text})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            # what was found stands on the form, which is drawn anew
            "params": {
                "type": "warning" if problems else "success",
                "message": text,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _check_problems(self):
        if self.is_disconnected:
            return [self.env._("This channel is part of the demo and not connected: start it with bin/run --with-doubles.")]
        missing = [self.env._("Fill in: %(field)s", field=label) for label in self._missing_labels()]
        return missing or self._get_provider().check(self, self._transport())

    def _missing_labels(self):
        """Labels of what has to be filled in before the platform can be asked."""
        uses = self._get_provider()._uses
        wanted = [(self.app_id, name) for name in _APP_KEYS if name in uses] + [(self, "external_id")]
        wanted += [(self, name) for name in _ACCOUNT_KEYS if name in uses]
        return [record._fields[name]._description_string(self.env) for record, name in wanted if not record[name]]

    def action_subscribe(self):
        """Ask the platform to send the account's events to our app. Idempotent."""
        self.ensure_one()
        self.check_access("write")
        account = self.sudo()  # sudo: the token is used, never shown
        self._get_provider().subscribe(account, account._transport())
        return self.action_check()

    def action_renew(self):
        """Renew the access token now. Not idempotent: each time swaps the pair."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group("base.group_system"):
            raise UserError(self.env._("Only an administrator may renew tokens."))
        if not self._get_provider().renew(self.sudo()):  # sudo: the token is used, never shown
            raise UserError(self._reason_text("refresh"))
        return True

    def action_open_failed(self):
        """Open what could not be sent; where it is not known yet, it is counted as waiting."""
        return self._open("sop.channel.message", self.env._("Not sent"), [("state", "=", "failed")])

    def _open(self, model, name, domain):
        self.ensure_one()
        self.check_access("read")
        domain = [("account_id", "=", self.id), *domain]
        return {"type": "ir.actions.act_window", "name": name, "res_model": model, "view_mode": "list,form", "domain": domain}

    # === WORDS ===

    def _in_house_language(self):
        """The same accounts in the user's language; in their company's where a job, which has none, writes for people to read."""
        return self.with_context(lang=self.env.lang or (self.company_id[:1] or self.env.company).partner_id.lang)

    @api.model
    def _reason_text(self, reason, code=False, detail=False):
        """Return a reason as a sentence people understand; the platform's own words follow it where we know no better."""
        sentences = self._reasons()
        text = sentences.get(reason) or sentences["other"]
        tail = " ".join(filter(None, [f"[{code}]" if code else "", detail if reason == "other" else ""]))
        return f"{text} {tail}".strip()

    @api.model
    def _reasons(self):
        """Return all reasons why something did not go, or not yet: dict key -> sentence."""
        env = self._in_house_language().env
        return {
            "other": env._("The platform refused it."),
            "token": env._("The access to this channel has ended. An administrator has to renew the access token."),
            "window": env._("The platform accepts no more replies to this customer until they write again."),
            "person": env._("The customer cannot be reached: they have blocked the shop or left."),
            "follow": env._("The customer does not follow the official account."),
            "permission": env._("The page has not given this app the right to do this."),
            "blocked": env._("The platform has blocked this action of the shop for now."),
            "marketing": env._("The platform's limit for advertising messages is reached."),
            "tag": env._("The platform no longer accepts this kind of message outside the 24 hours."),
            "already": env._("This comment has had its one private answer already."),
            "gone": env._("The comment does not exist any more."),
            "package": env._("The official account's package does not include this."),
            "quota": env._("The official account's free replies are used up."),
            "refresh": env._("The refresh token was used already: connect the official account again."),
            "rate": env._("The platform asks us to slow down; it is sent automatically in a moment."),
            "unreachable": env._("The platform could not be reached; it is tried again."),
            "interrupted": env._("Odoo stood still while this was sent. Look there before you send it again: it may have arrived."),
            "lost": env._("The platform's answer was lost. Check there before you send it again: it may have arrived."),
            "file": env._("The file is not there any more."),
            "large": env._("The file is too large for this channel."),
            "target": env._("There is no comment left to answer."),
            "part": env._("This channel cannot send this kind of message."),
        }
