import time

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.transactions import replayed

from ...tools.outcome import converse
from ...tools.transport import perform

BATCH = 500
# a platform drops a second event with the same key for 48 hours: nothing goes again after that
STOP_HOURS = 44
REPORT_SECONDS = 40  # for all calls of a run: a refused batch is sent in ever smaller pieces


class SopConversionEvent(models.Model):
    """Reports to platforms what was added to a cart, bought, or made a lead: with the customer's consent only, once each."""

    _inherit = "sop.conversion.event"

    has_consent = fields.Boolean(compute="_compute_has_consent")

    @api.model_create_multi
    def create(self, vals_list):
        """Wake the sender where an event may be reported now; nothing goes out in the order's transaction."""
        events = super().create(vals_list)
        if events.filtered(lambda event: event.account_id.provider in self._platforms() and event.has_consent):
            self._queue_wake()
        return events

    @api.model
    def _platforms(self):
        """Return the names of the platforms that take conversions."""
        return [name for name, service in self.env["sop.provider"]._installed().items() if "conversions" in service._uses]

    @api.model
    def _record_lead(self, conversation):
        """Record once that a conversation became a lead."""
        events = self.sudo()  # sudo: users cannot write events
        if conversation.provider not in self._platforms() or events.search_count(
            [("conversation_id", "=", conversation.id), ("kind", "=", "lead")], limit=1
        ):
            return
        events.create(
            {
                "conversation_id": conversation.id,
                "lead_id": conversation.lead_id.id,
                "company_id": conversation.company_id.id,
                "kind": "lead",
                "event_key": f"{self.env.cr.dbname}-lead-{conversation.lead_id.id}",
            }
        )

    # === WORKER ===

    @api.model
    @replayed
    def _cron_send_conversions(self):
        """Report what waits, a batch for each page; commits after each. A crash reports again, which the platform drops."""
        self._give_up_old()
        waiting = self._queue_take(self._due_domain(), BATCH)
        skipped = waiting.filtered(lambda event: event._skip_reason())
        for event in skipped:
            event.write({"state": "skipped", "error": event._skip_reason()})
        deadline = time.monotonic() + REPORT_SECONDS
        for account, events in (waiting - skipped).filtered("has_consent").grouped("account_id").items():
            if time.monotonic() > deadline:
                self._queue_wake()
                break
            if account.is_paused or account.is_disconnected:
                continue
            events = events._still_due()
            if not events:
                continue
            transport = account._transport(deadline=deadline)
            job = events._job(account, transport)
            outcomes = job if isinstance(job, list) else converse(job, transport)
            self._in_own_transaction(lambda: events._keep(outcomes))  # noqa: B023
        self.env["ir.cron"]._commit_progress(len(waiting))

    def _still_due(self):
        """Return, locked, what may be sent now: while the pages before were sent, an order was cancelled or consent taken back."""
        self.invalidate_recordset()
        return self.try_lock_for_update().filtered(lambda event: event.state == "queued" and event.has_consent and not event._skip_reason())

    def _due_domain(self):
        """Domain of what can be sent or dropped now; what waits for consent does not hold up the rest."""
        due = Domain("state", "=", "queued") & (Domain("next_attempt_at", "=", False) | Domain("next_attempt_at", "<=", fields.Datetime.now()))
        allowed = Domain("order_id.partner_id.sop_tracking_consent", "=", True)
        allowed |= Domain("order_id", "=", False) & Domain("conversation_id.partner_id.sop_tracking_consent", "=", True)
        # what a stopped page cannot send does not hold up the rest either
        allowed &= Domain("account_id.is_paused", "!=", True)
        allowed &= Domain("account_id.app_id.is_demo", "!=", True) | Domain("account_id.app_id.api_url", "not in", (False, ""))
        return due & (allowed | Domain("account_id.provider", "not in", self._platforms()) | Domain("order_id.state", "=", "cancel"))

    @api.depends("order_id.partner_id.sop_tracking_consent", "conversation_id.partner_id.sop_tracking_consent")
    def _compute_has_consent(self):
        """Only with the customer's consent; an event waits for it until the platform would take it twice."""
        for event in self:
            event.has_consent = event._partner().sop_tracking_consent

    def _partner(self):
        return self.order_id.partner_id or self.conversation_id.partner_id

    def _skip_reason(self):
        """Return why this event is never sent, or ""."""
        env = self.account_id._in_house_language().env
        if self.account_id.provider not in self._platforms():
            return env._("This channel takes no conversions.")
        if self.order_id.state == "cancel":
            return env._("The order was cancelled.")
        return ""

    def _give_up_old(self):
        """Nothing goes again once the platform would count it twice."""
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=STOP_HOURS)
        old = self._queue_take(Domain("state", "=", "queued") & Domain("at", "<", since), 1000)
        for event in old:
            consent = event._partner().sop_tracking_consent
            env = event.account_id._in_house_language().env
            text = env._("It could not be sent in time.") if consent else env._("Without the customer's consent.")
            event.write({"state": "failed" if consent else "skipped", "error": text})

    def _job(self, account, transport=perform):
        """Return the dialogue that reports these events of one page, or their outcomes when none can go."""
        return account._get_provider().conversions(account, [event._reported() for event in self], transport)

    def _reported(self):
        """Return the event as its platform's provider takes it (see ``sop.provider.conversions``)."""
        conversation, partner = self.conversation_id, self._partner()
        chat = conversation if conversation.kind == "message" else conversation.related_conversation_id
        return {
            "kind": self.kind,
            "key": self.event_key,
            "at": self.at,
            "person": chat.identity_id.external_id or "",
            "phone": partner.phone_sanitized or conversation.phone,
            "email": partner.email_normalized,
            "value": self.value,
            "currency": self.currency or "VND",
            "contents": self.contents or [],
        }

    def _keep(self, outcomes):
        """Keep what the platform answered to each event."""
        for event, outcome in zip(self, outcomes, strict=True):
            values = event._queue_failed(event.attempts + 1, outcome.state == "failed")
            if outcome.state == "sent":
                values["state"] = "sent"
            error = " ".join(filter(None, [outcome.code, outcome.detail or outcome.reason])) or False
            event.write({**values, "answer": outcome.ref or False, "error": error})
