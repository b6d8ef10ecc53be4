"""What comes with time: reminders once, notices once, escalation once, retention (C2, C8, C13, C14)."""

from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import RequestCase, run_cron


@tagged("post_install", "-at_install")
class TestCron(RequestCase):
    def _mails(self, **vals):
        return self.env["mail.mail"].sudo().search([(name, "=", value) for name, value in vals.items()])

    def _mails_to(self, partner):
        return self.env["mail.mail"].sudo().search([("recipient_ids", "in", partner.ids)])

    def test_reminder_goes_out_once(self):
        request = self._new_request()
        with freeze_time("2026-03-01 10:00:00"):
            request.with_user(self.seller).action_set_reminder("2026-03-01 11:00:00")
            run_cron(self, "cron_reminder")
            self.assertFalse(self._mails_to(self.seller.partner_id), "not before its time")
        with freeze_time("2026-03-01 11:00:30"):
            bells = self.env["bus.bus"].sudo().search_count([("message", "like", "sop_contact_requests/reminder")])
            run_cron(self, "cron_reminder")
            run_cron(self, "cron_reminder")
            mail = self._mails_to(self.seller.partner_id)
            self.assertEqual(len(mail), 1)
            self.assertIn(request.buyer_name, mail.subject)
            self.assertNotIn("912345678", mail.body_html + mail.subject)
            self.env.cr.precommit.run()
            self.assertEqual(self.env["bus.bus"].sudo().search_count([("message", "like", "sop_contact_requests/reminder")]), bells + 1)
            self.assertEqual(request.with_user(self.seller)._get_fired_reminders(), request, "and one in the portal")
        with freeze_time("2026-03-01 12:00:00"):
            request.with_user(self.seller).action_set_reminder("2026-03-01 13:00:00")
        with freeze_time("2026-03-01 13:01:00"):
            run_cron(self, "cron_reminder")
            self.assertEqual(len(self._mails_to(self.seller.partner_id)), 2, "a new time rings again")

    def test_reminder_wakes_its_job(self):
        request = self._new_request()
        when = fields.Datetime.now().replace(microsecond=0) + timedelta(hours=5)
        request.with_user(self.seller).action_set_reminder(when)
        cron = self.env.ref("sop_contact_requests.cron_reminder")
        self.assertTrue(self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id), ("call_at", "=", when)]))

    def test_reminder_leads_everybody_to_their_own_list(self):
        template = self.env.ref("sop_contact_requests.mail_template_reminder")
        for user, path in ((self.seller, "/my/contact-requests"), (self.staff, "/odoo/contact-requests/")):
            request = self._new_request()
            request.with_user(user).action_set_reminder(fields.Datetime.now() + timedelta(hours=1))
            self.assertIn(path, template._render_field("body_html", request.ids)[request.id])

    def test_reminder_of_a_user_who_left(self):
        request = self._new_request()
        with freeze_time("2026-03-01 10:00:00"):
            request.with_user(self.seller).action_set_reminder("2026-03-01 11:00:00")
        self.seller.active = False
        with freeze_time("2026-03-01 11:01:00"):
            run_cron(self, "cron_reminder")
        self.assertTrue(request.reminder_sent_at)
        self.assertFalse(self._mails_to(self.seller.partner_id))

    def test_notices_before_and_at_the_end(self):
        self.right.write({"start": "2026-03-01 00:00:00", "end": "2026-03-31 00:00:00"})
        sent = 0
        for moment, more in [
            ("2026-03-20 00:00:00", 0),
            ("2026-03-24 00:00:00", 1),
            ("2026-03-25 00:00:00", 0),
            ("2026-03-30 00:00:00", 1),
            ("2026-03-30 12:00:00", 0),
            ("2026-03-31 00:00:00", 1),
            ("2026-03-31 06:00:00", 0),
            ("2026-04-20 00:00:00", 0),
        ]:
            with freeze_time(moment), self.subTest(moment):
                run_cron(self, "cron_entitlement")
                run_cron(self, "cron_entitlement")
                sent += more
                self.assertEqual(len(self._mails_to(self.an)), sent)

    def test_renewal_silences_the_old_end(self):
        self.right.write({"start": "2026-03-01 00:00:00", "end": "2026-03-31 00:00:00"})
        self._entitle(self.an, days=30, start=fields.Datetime.to_datetime("2026-03-20 00:00:00"))
        with freeze_time("2026-03-30 00:00:00"):
            run_cron(self, "cron_entitlement")
        self.assertFalse(self._mails_to(self.an))

    def test_escalation_once_and_in_one_mail(self):
        with freeze_time("2026-03-01 00:00:00"):
            requests = self._new_request() | self._new_request(phone="+84987654321")
            touched = self._new_request(phone="+84987654322")
            touched.with_user(self.seller).action_set_state("contacted")
        with freeze_time("2026-03-01 23:00:00"):
            run_cron(self, "cron_escalate")
            self.assertFalse(self._mails_to(self.an))
        with freeze_time("2026-03-02 01:00:00"):
            run_cron(self, "cron_escalate")
            run_cron(self, "cron_escalate")
        mail = self._mails_to(self.an)
        self.assertEqual(len(mail), 1)
        self.assertIn("2", mail.body_html)
        self.assertTrue(all(requests.mapped("escalated_at")))
        self.assertFalse(touched.escalated_at)
        listed = self.env["sop.contact.request"].with_user(self.staff).search([("escalated_at", "!=", False), ("first_touched_at", "=", False)])
        self.assertEqual(listed, requests)

    def test_retention(self):
        with freeze_time("2024-01-01 00:00:00"):
            old = self._new_request()
        new = self._new_request()
        gone = self._new_request()
        gone.consent_withdrawn_at = fields.Datetime.now() - timedelta(days=16)
        run_cron(self, "cron_erase")
        self.assertTrue(old.erased_at)
        self.assertTrue(gone.erased_at)
        self.assertFalse(new.erased_at)
        self.company.sop_retention_months = 0
        with freeze_time("2034-01-01 00:00:00"):
            run_cron(self, "cron_erase")
        self.assertFalse(new.erased_at)

    def test_report_of_sellers(self):
        with freeze_time("2026-03-01 00:00:00"):
            requests = [self._new_request(phone=f"+8491234567{i}") for i in range(4)]
        for request, minutes in zip(requests, (30, 50, 180), strict=False):
            with freeze_time(fields.Datetime.to_datetime("2026-03-01 00:00:00") + timedelta(minutes=minutes)):
                self.env.invalidate_all()
                request.with_user(self.seller).action_set_state("contacted")
        row = self.env["sop.seller.report"].with_user(self.staff).search([("seller_id", "=", self.an.id)])
        self.assertEqual((row.request_count, row.untouched_count, row.contacted_count), (4, 1, 3))
        self.assertAlmostEqual(row.median_hours, 50 / 60)
        self.assertAlmostEqual(row.hour_share, 0.5, msg="two of four within the hour; who waits still counts against them")
        self.assertEqual(row.entitlement_state, "active")
        values = self.env["sop.contact.request"].with_user(self.seller)._get_page_values({})
        self.assertAlmostEqual(values["figures"].median_hours, 50 / 60)

    def test_a_row_of_the_report_opens_what_it_counts(self):
        """A seller who sells in two companies has a row in each."""
        other = self.env["res.company"].create({"name": "Chợ B"})
        mine = self._new_request() | self._new_request(phone="+84912345679")
        elsewhere = self._new_request(company_id=other.id)
        self.assertEqual((elsewhere.company_id, elsewhere.seller_id), (other, self.an))
        self._new_request(listing_id=self.listing_binh.id)
        self.manager.company_ids |= other
        report = self.env["sop.seller.report"].with_user(self.manager).with_context(allowed_company_ids=(self.company | other).ids)
        for company, requests in ((self.company, mine), (other, elsewhere)):
            row = report.search([("seller_id", "=", self.an.id), ("company_id", "=", company.id)])
            action = row.action_open_requests()
            self.assertEqual(report.env[action["res_model"]].search(action["domain"]).ids, requests.sorted().ids)
            self.assertEqual(row.request_count, len(requests))
