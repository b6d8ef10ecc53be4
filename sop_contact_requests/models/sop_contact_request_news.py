import json
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import replayed

PAUSE = timedelta(hours=1)


class SopContactRequest(models.Model):
    """A new request is news: it reaches the seller's people at once in open pages, and by mail as the seller wants it."""

    _inherit = "sop.contact.request"

    news_wanted = fields.Boolean(readonly=True, copy=False)

    seller_mail_missing = fields.Boolean(compute="_compute_seller_mail_missing", compute_sudo=True)

    _news_idx = models.Index("(id) WHERE news_wanted IS TRUE")

    def _compute_seller_mail_missing(self):
        """None of the seller's people can be reached by mail."""
        for seller, requests in self.grouped("seller_id").items():
            requests.seller_mail_missing = not seller.email and not any(requests[:1]._get_seller_people().mapped("email"))

    def _get_seller_people(self):
        """Users who work these requests as their seller; sudo."""
        # sudo: buyers, whose form this is called from, may not read users
        return self.env["res.users"].sudo().search([("partner_id.commercial_partner_id", "in", self.sudo().seller_id.ids)])

    def _notify_news(self):
        """Ring in the open pages of each seller's people, push to their devices, and have the mail sent. Ids and titles only."""
        staff = self.env.ref("sop_contact_requests.group_user").sudo()  # sudo: buyers may not read groups
        for request in self:
            people = request._get_seller_people()
            staff._bus_send("sop_contact_requests/news", {"id": request.id})
            people._bus_send("sop_contact_requests/news", {"id": request.id, "listing": request.listing_name or ""})
            request._push_news(people.filtered("sop_news_push").partner_id)
        self.env.ref("sop_contact_requests.cron_news").sudo()._trigger()  # sudo: as above

    def _notify_taken_back(self):
        """Have the open pages of the sellers look again: a buyer has taken the number back, which still stands there."""
        for request in self:
            request._get_seller_people()._bus_send("sop_contact_requests/taken_back", {"id": request.id})

    def _push_news(self, partners):
        """Core's web push, to the devices on which these people allowed it.

        Through core's queue: a push service that is slow does not hold up the buyer, and a request is stored before its news is sent.
        """
        devices, _private_key, _public_key = self.env["mail.thread"]._web_push_get_partners_parameters(partners.ids)
        for partner, owned in devices.grouped("partner_id").items():
            payload = {
                "title": self.with_context(lang=partner.lang).env._("New contact request"),
                "options": {
                    "body": self.listing_name or "",
                    "icon": "/sop_contact_requests/static/description/icon.png",
                    "data": {"model": self._name, "res_id": self.id},
                },
            }
            # sudo: core's queue, which no user writes
            self.env["mail.push"].sudo().create([{"mail_push_device_id": device.id, "payload": json.dumps(payload)} for device in owned])
        if devices:
            self.env.ref("mail.ir_cron_web_push_notification").sudo()._trigger()  # sudo: wakes a job of the system

    # === MAIL === #

    @api.model
    @replayed
    def _cron_send_news(self, batch=500):
        """Mail sellers about requests not yet looked at: at once, or once an hour, as each wants. Commits per seller.

        A request is announced once, whatever the number of workers; one that was worked on meanwhile is no news.
        """
        wanted = self.search([("news_wanted", "=", True)], order="id", limit=batch)
        for (seller, company), requests in wanted.grouped(lambda r: (r.seller_id, r.company_id)).items():
            mailed_at = seller.sop_news_at
            if seller.sop_news_mail == "hour" and mailed_at and mailed_at + PAUSE > fields.Datetime.now():
                self.env.ref("sop_contact_requests.cron_news")._trigger(at=mailed_at + PAUSE)
                continue
            claimed = requests.try_lock_for_update().filtered("news_wanted")
            claimed.write({"news_wanted": False})
            news = claimed.filtered("is_new")
            if news and seller.sop_news_mail != "off":
                seller.sop_news_at = fields.Datetime.now()
                news.with_company(company)._send_news(seller)
            self.env["ir.cron"]._commit_progress(len(claimed))

    def _send_news(self, seller):
        """One mail about all of these requests, newest first, to the seller or, where they have no address, to their people."""
        template = self.env.ref("sop_contact_requests.mail_template_news", raise_if_not_found=False)
        people = seller.filtered("email") or self._get_seller_people().partner_id.filtered("email")
        if template and people:
            template.with_context(sop_count=len(self)).send_mail(
                self.sorted("id")[-1:].id, email_values={"recipient_ids": [(6, 0, people.ids)], "email_to": False}
            )
            self._send_mails_now()

    @api.model
    def _send_mails_now(self):
        """Wake core's mail queue, which otherwise sends once an hour."""
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()  # sudo: wakes a job of the system
