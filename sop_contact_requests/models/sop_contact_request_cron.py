from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.transactions import replayed

WITHDRAWN_DAYS = 15


class SopContactRequest(models.Model):
    """Work that comes with time: reminders, leads, escalation, retention. See README for the jobs."""

    _inherit = "sop.contact.request"

    # === REMINDERS === #

    @api.model
    @replayed
    def _cron_send_reminders(self, batch=50):
        """Send the reminders that are due (row C8). Commits per reminder; several workers may run.

        A reminder is claimed by a row lock and marked in the same transaction as its mail is
        queued: it goes out once, also when a worker dies in between.
        """
        domain = self._get_due_domain()
        due = self.search(domain, order="reminder_at, id", limit=batch)
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        for request in due:
            claimed = request.try_lock_for_update().filtered_domain(domain)
            if claimed:
                claimed._send_reminder()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _get_due_domain(self):
        """Reminders whose moment has come and that were not sent."""
        return Domain("reminder_at", "<=", fields.Datetime.now()) & Domain("reminder_sent_at", "=", False)

    def _send_reminder(self):
        """One mail and one bell to the user who set the reminder. Sudo, from the job."""
        self.ensure_one()
        self.write({"reminder_sent_at": fields.Datetime.now()})
        user = self.reminder_user_id
        if not user.active or not user.partner_id.active:
            return
        reminder = {"id": self.id, "key": self._get_reminder_key(), "name": self.buyer_name, "listing": self.listing_name or ""}
        template = self.env.ref("sop_contact_requests.mail_template_reminder", raise_if_not_found=False)
        if template and user.email:
            template.send_mail(self.id, email_values={"recipient_ids": [(6, 0, user.partner_id.ids)], "email_to": False})
            self._send_mails_now()
        user._bus_send("sop_contact_requests/reminder", reminder)

    def _get_reminder_key(self):
        """Identifies one ringing of a reminder."""
        return f"{self.id}_{fields.Datetime.to_string(self.reminder_at)}"

    # === LEADS === #

    @api.model
    @replayed
    def _cron_create_leads(self, batch=100):
        """Make leads of new requests where the company wants that (row C15). Commits per request.

        The job is the revealer: logged as the system's user, within the budget of one user.
        """
        domain = self._get_wanted_domain()
        wanted = self.search(domain, order="id", limit=batch)
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        for request in wanted:
            claimed = request.try_lock_for_update().filtered(
                lambda r: r.lead_wanted and not (r.lead_id or r.erased_at or r.consent_withdrawn_at or r.is_locked)
            )
            if not claimed or not self.env["sop.contact.reveal"]._get_left(claimed):
                continue  # taken meanwhile, or the job's budget of this hour is used up: the next run goes on
            try:
                claimed._create_lead()
                self.env["sop.contact.reveal"]._log(claimed, "job", False)
            except UserError:  # no team runs the process: staff see the request without a lead
                claimed.write({"lead_wanted": False})
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _get_wanted_domain(self):
        """Requests that wait for their lead. Those of a seller whose right has ended wait until they renew:
        the lead would show staff a number that has to stay hidden."""
        sellers = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("seller_id", "in", self.env["res.partner"].with_company(company)._search([("sop_entitled", "=", True)]))
            for company in self.env["res.company"].search(Domain.TRUE)
        )
        return (
            sellers
            & Domain("lead_wanted", "=", True)
            & Domain("lead_id", "=", False)
            & Domain("erased_at", "=", False)
            & Domain("consent_withdrawn_at", "=", False)
        )

    # === ESCALATION === #

    @api.model
    @replayed
    def _cron_escalate(self):
        """Mark requests untouched for too long and notify each seller once, in one mail (row C13)."""
        for company in self.env["res.company"].search([("sop_escalation_hours", ">", 0)]):
            late = self.search(self._get_late_domain(company))
            for seller, requests in late.grouped("seller_id").items():
                requests = requests.try_lock_for_update().filtered(lambda r: not r.escalated_at)
                requests.write({"escalated_at": fields.Datetime.now()})
                requests._send_escalation(seller)
                self.env["ir.cron"]._commit_progress(len(requests))

    @api.model
    def _get_late_domain(self, company):
        """Untouched for longer than the company allows, and not escalated yet."""
        since = fields.Datetime.now() - timedelta(hours=company.sop_escalation_hours)
        return (
            Domain("company_id", "=", company.id)
            & Domain("requested_at", "<", since)
            & Domain("first_touched_at", "=", False)
            & Domain("escalated_at", "=", False)
        )

    def _send_escalation(self, seller):
        """One mail to the seller about all of these requests."""
        name = "escalation_locked" if self[:1].is_locked else "escalation"
        template = self.env.ref(f"sop_contact_requests.mail_template_{name}", raise_if_not_found=False)
        if self and template and seller.email:
            template.with_context(sop_late_count=len(self)).send_mail(self[0].id)
            self._send_mails_now()

    # === ENDING RIGHTS === #

    @api.model
    @replayed
    def _cron_notify_ending(self):
        """Mail sellers 7 days and 1 day before their right ends, and when it has (row C2).

        The end is that of the union of all rights, so a renewal silences the notices of the
        old end. Each notice goes out once, whatever the number of workers.
        """
        now = fields.Datetime.now()
        rights = self.env["sop.seller.entitlement"].search([("end", ">", now - timedelta(days=1)), ("start", "<=", now), ("revoked_at", "=", False)])
        for (seller, company), _rows in rights.grouped(lambda r: (r.seller_id, r.company_id)).items():
            seller = seller.with_company(company)
            until = seller.sop_entitled_until or max(_rows.mapped("end"))
            kind = self._get_notice_kind(until, now)
            notice = kind and self.env["sop.seller.notice"]._claim(seller, company, until, kind)
            if notice:
                template = self.env.ref(f"sop_contact_requests.mail_template_ending_{kind}", raise_if_not_found=False)
                if template and seller.email:
                    template.send_mail(notice.id)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _get_notice_kind(self, until, now):
        """Which notice is due for a right that ends at *until*: '7', '1', '0' or None."""
        if until <= now:
            return "0"
        if until <= now + timedelta(days=1):
            return "1"
        return "7" if until <= now + timedelta(days=7) else None

    @api.model
    @replayed
    def _cron_sync_packages(self):
        """Safety net: look again at whose rights and requests are, and at the payments behind every running package.

        Heals what was changed below the application. Idempotent.
        """
        self._sop_follow_sellers()
        self.env["sop.partner.application"]._sop_follow_sellers()
        rights = self.env["sop.seller.entitlement"]
        moved = rights._sop_follow_sellers()
        (moved | rights.search([("kind", "=", "package"), ("end", ">", fields.Datetime.now())]))._reschedule()
        self.env["ir.cron"]._commit_progress()
        rows = self.env["sop.seller.entitlement"].search(
            [("kind", "=", "package"), ("end", ">", fields.Datetime.now()), ("sale_line_id", "!=", False)]
        )
        for line in rows.sale_line_id:
            line._sop_sync_packages()
            self.env["ir.cron"]._commit_progress(1)

    # === RETENTION === #

    @api.model
    @replayed
    def _cron_erase_old(self, batch=200):
        """Erase buyers' data after the retention time, and 15 days after a withdrawn consent."""
        for company in self.env["res.company"].search(Domain.TRUE):
            old = Domain.FALSE
            if company.sop_retention_months:
                old = Domain("last_requested_at", "<", fields.Datetime.now() - relativedelta(months=company.sop_retention_months))
            withdrawn = Domain("consent_withdrawn_at", "<", fields.Datetime.now() - timedelta(days=WITHDRAWN_DAYS))
            domain = Domain("company_id", "=", company.id) & Domain("erased_at", "=", False) & (old | withdrawn)
            requests = self.with_context(active_test=False).search(domain, limit=batch)
            requests._erase()
            self.env["ir.cron"]._commit_progress(len(requests))
        # Forms withdrawn beside those of somebody else on the same request.
        self.env["sop.contact.entry"].search(
            Domain("withdrawn_at", "<", fields.Datetime.now() - timedelta(days=WITHDRAWN_DAYS)), limit=batch
        )._erase()
