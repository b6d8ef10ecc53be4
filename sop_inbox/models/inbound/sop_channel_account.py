from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS


class SopChannelAccount(models.Model):
    """What came in for a page or official account, and how it was worked up."""

    _inherit = "sop.channel.account"

    event_waiting_count = fields.Integer("Events Waiting", compute="_compute_health")
    event_dead_count = fields.Integer("Events Failed", compute="_compute_health")
    event_ignored_count = fields.Integer("Events Not Used", compute="_compute_health")
    media_failed_count = fields.Integer("Files Missing", compute="_compute_health")

    def _compute_health(self):
        """Numbers of what came in, one query a table; they are part of the lamp's colour."""
        events = self.env["sop.channel.event"]._queue_counts(self, ("new", "dead", "ignored"))
        media = self.env["sop.channel.media"]._queue_counts(self, ("failed",))
        for account in self:
            account.event_waiting_count = events.get((account.id, "new"), 0)
            account.event_dead_count = events.get((account.id, "dead"), 0)
            account.event_ignored_count = events.get((account.id, "ignored"), 0)
            account.media_failed_count = media.get((account.id, "failed"), 0)
        super()._compute_health()

    def _has_dead(self):
        return super()._has_dead() or bool(self.event_dead_count)

    def write(self, vals):
        """The right id of a page brings what came before it was set up; see core for the contract."""
        result = super().write(vals)
        if vals.keys() & {"external_id", "app_id", "active"}:
            self._adopt_events()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """A page set up later gets what came before."""
        accounts = super().create(vals_list)
        accounts._adopt_events()
        return accounts

    def _adopt_events(self):
        """Events that came before their page was set up are applied now."""
        for account in self.filtered(lambda account: account.app_id and account.active):
            domain = [*account._events_domain(), ("account_id", "=", False), ("state", "=", "ignored")]
            early = self.env["sop.channel.event"].sudo().search(domain)  # sudo: its own events
            if early:
                early._queue_replay(error=False)

    @api.model
    def _note_seen(self, seen):
        """Keep last event and lag of accounts, in a transaction of its own; skipped where another does it right now.

        :param seen: dict account id -> (naive UTC time, lag in seconds); emptied
        """
        for account_id, (at, lag) in list(seen.items()):
            try:
                self.env["ir.cron"]._commit_progress()
                # sudo: the worker is the system
                account = self.sudo().browse(account_id).try_lock_for_update(allow_referencing=True)
                if account and not (account.last_event_at and account.last_event_at > at):
                    account._note_event(at, lag)
                self.env.flush_all()
                self.env["ir.cron"]._commit_progress()
            except CONFLICTS:
                self.env.cr.rollback()
        seen.clear()

    def action_open_events(self):
        """Open the events that wait, failed or were not used."""
        return self._open("sop.channel.event", self.env._("Events"), [("state", "!=", "done")])

    def action_open_media(self):
        """Open the files that could not be fetched."""
        return self._open("sop.channel.media", self.env._("Missing files"), [("state", "=", "failed")])
