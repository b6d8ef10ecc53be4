from datetime import timedelta
from textwrap import shorten

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request as http_request
from odoo.tools import plaintext2html

from odoo.addons.sop_pipeline.tools.arguments import choice, moment, or_nothing, takes, text

from .sop_contact_request import NOTE_LENGTH, STATES


class SopContactRequest(models.Model):
    """What sellers and staff do with a request; each method is one call from any client."""

    _inherit = "sop.contact.request"

    def _check_work(self):
        """One request the user may see, of a seller entitled now; sudo, ready to be changed.

        Portal users have no right to write: these methods are their only door.
        """
        self.ensure_one()
        self.check_access("read")
        if self.env.user._is_public():
            raise AccessError(self.env._("Please log in first."))
        self._check_entitled()
        # sudo: access to this very request was checked above, and the values are checked by the callers
        return self.sudo()

    def action_reveal_phone(self):
        """Give out the buyer's number and write down who took it (rows C5, C12).

        Writes the log, counts against the hourly budget and takes the highlight away in one
        transaction. Access: the seller's portal users and staff. A repeat is logged again but
        counts once against the budget.

        :return: the number, E.164
        :raise UserError: seller not entitled, budget used up, consent withdrawn, data erased
        """
        request = self._check_work()
        request._check_revealable()
        self.env["sop.contact.reveal"]._log(request, *self._get_reveal_origin())
        request._touch()
        return request.phone

    def _check_revealable(self):
        """:raise UserError: when the buyer took the number back"""
        if self.erased_at or not self.phone:
            raise UserError(self.env._("The buyer has deleted their data."))
        if self.consent_withdrawn_at:
            raise UserError(self.env._("The buyer no longer wants to be contacted."))

    def _get_reveal_origin(self):
        """How and from where the current call came, for the log.

        :return: tuple (how, network address or False)
        """
        if not self.env.user._is_internal():
            how = "portal"
        else:
            how = "office" if http_request else "other"
        return how, http_request.httprequest.remote_addr if http_request else False

    def _get_full_message(self):
        """The message with the numbers the buyer wrote into it; for those who revealed the phone."""
        request = self._check_work()
        return request.message_full or request.message or ""

    def action_read_message(self):
        """What the buyer wrote, with the numbers in it, for users who were shown the buyer's own number.

        Access: as for :meth:`action_reveal_phone`, and after it.

        :return: the message in full; False when nothing in it is hidden
        :raise UserError: before the number was revealed to the caller, or when the buyer took it back
        """
        request = self._check_work()
        request._check_revealable()
        if self.env.user not in request.reveal_ids.user_id:
            raise UserError(self.env._("Show the number first: the message has numbers too."))
        return request.message_full or False

    @takes(state=choice(*dict(STATES)))
    def action_set_state(self, state):
        """Set the status (row C6). Idempotent; counts as an interaction.

        :param str state: not_contacted, contact_again, contacted
        """
        request = self._check_work()
        request.write({"state": state})
        return True

    @takes(note=or_nothing(text(NOTE_LENGTH)), seen=text(NOTE_LENGTH))
    def action_set_note(self, note, seen=None):
        """Replace the note (row C7); the buyer's message is kept apart. Idempotent.

        :param str note: at most 5000 characters, or a false value to empty it
        :param str seen: the note its writer had before them; None: whatever stands there is replaced
        :raise UserError: when a colleague or the buyer changed it after it was seen
        """
        request = self._check_work()
        note = (note or "").strip()
        if seen is not None:
            request._check_seen(seen, note)
        request.write({"note": note})
        return True

    def _check_seen(self, seen, note):
        """The note still is what its writer saw, or already what they write; spaces and line ends do not count.

        :raise UserError: otherwise, with what stands there now
        """
        words = (self.note or "").split()
        kept = self._mask_values({"note": note})["note"] or ""
        if words in (seen.split(), kept.split()):
            return
        if not words:
            raise UserError(self.env._("Somebody has emptied this note meanwhile. Copy your words, load the page again, and add them."))
        raise UserError(
            self.env._(
                "Somebody has written here meanwhile: “%(note)s”. Copy your words, load the page again, and add them.",
                note=shorten(" ".join(words), 300, placeholder=" …"),
            )
        )

    @takes(when=or_nothing(moment))
    def action_set_reminder(self, when):
        """Set or clear the reminder (row C8). Idempotent.

        :param when: UTC, a datetime or text ("2026-01-31 08:30:00", also ISO with T, Z or
            offset); a false value clears it
        """
        request = self._check_work()
        if when and when < fields.Datetime.now() - timedelta(minutes=1):
            raise UserError(self.env._("A reminder lies in the future."))
        request.write({"reminder_at": when})
        if when:
            # sudo: sellers do not see scheduled jobs; this one wakes up at the reminder's minute
            self.env.ref("sop_contact_requests.cron_reminder").sudo()._trigger(at=when)
        return True

    def action_create_lead(self):
        """Make an opportunity in stage 1 of the process, or open the one there is (row C15).

        Never two: the request remembers its lead, and parallel calls wait for each other. An
        open lead of the same team with the same number is taken instead of a second one.
        The number goes into the lead, where its salesperson and team read it: the user who presses is
        the revealer, logged and within their budget, the seller in the portal too.

        :return: action opening the lead for staff who may read it, else True
        """
        request = self._check_work()
        if not request.lead_id:
            request._check_revealable()
            self.env["sop.contact.reveal"]._log(request, "lead", self._get_reveal_origin()[1])
            request._create_lead(self.env.user)
            request._touch()
        if not self.env.user._is_internal() or not request.lead_id.with_env(self.env).has_access("read"):
            return True
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": request.lead_id.id,
            "views": [(False, "form")],
        }

    def _create_lead(self, user=None):
        """Lead of these requests that have none; sudo. Idempotent, safe under races. The caller logs the reveal.

        :param user: who asked for it, and gets it if they are a salesperson
        """
        for request in self:
            # by number, not by request: two requests of one buyer share a lead
            self.env["sop.rate.limit"]._serialize("lead", f"{request.company_id.id}:{request.phone}")
            if request.lead_id:
                continue
            company = request.company_id
            team = request._get_lead_team()
            lead, made = request._find_open_lead(team), False
            if not lead:
                made, lead = (
                    True,
                    self.env["crm.lead"]
                    .with_company(company)
                    .with_context(mail_create_nosubscribe=True)
                    .create(request._prepare_lead_values(team, user)),
                )
            request.write({"lead_id": lead.id, "lead_made": made, "lead_wanted": False})
            request._record_interaction()

    def _get_lead_team(self):
        """The seller's team, the company's, or its first one that runs the process."""
        team = self.seller_id.sop_request_team_id or self.company_id.sop_request_team_id
        team = team.filtered("sop_process") or self.env["crm.team"].search(
            [("sop_process", "=", True), ("company_id", "in", [self.company_id.id, False])], limit=1
        )
        if not team:
            raise UserError(self.env._("No sales team runs the five stages yet: choose one in the settings."))
        return team

    def _find_open_lead(self, team):
        """An open lead of the same buyer in this team, by number."""
        return self.env["crm.lead"].search(
            [
                ("team_id", "=", team.id),
                ("phone_sanitized", "=", self.phone),
                ("type", "=", "opportunity"),
                ("won_status", "=", "pending"),
                ("company_id", "in", [self.company_id.id, False]),
            ],
            limit=1,
        )

    def _prepare_lead_values(self, team, user=None):
        """Values of the lead. Hook."""
        source = self.env.ref("sop_contact_requests.utm_source_contact_request", raise_if_not_found=False)
        return {
            "type": "opportunity",
            "name": f"{self.listing_name} – {self.buyer_name}" if self.listing_name else self.buyer_name,
            "contact_name": self.buyer_name,
            "phone": self.phone,
            "description": self.note and plaintext2html(self.note),
            "team_id": team.id,
            "user_id": self._get_lead_user(team, user).id,
            "sop_from_request": True,
            "sop_product_id": self.listing_id.product_variant_id.id if self.listing_id.sale_ok else False,
            "company_id": self.company_id.id,
            "country_id": self.company_id.country_id.id,
            "source_id": source.id if source else False,
        }

    def _get_lead_user(self, team, user=None):
        """The salesperson of the lead: who asked for it, the seller's own, the team's leader or first member.

        A lead without one is read by all of sales in Odoo; see the rule on ``sop_from_request`` for that case.
        """
        people = (user or self.env["res.users"]) | self.seller_id.user_id | team.user_id | team.crm_team_member_ids.user_id
        return people.filtered(
            lambda person: person.active and self.company_id in person.company_ids and person.has_group("sales_team.group_sale_salesman")
        )[:1]

    def _record_interaction(self):
        """Write these requests into the journey of their customers, who are known from their lead. Idempotent."""
        self.env["sop.interaction"]._sop_record_batch(
            [
                {
                    "code": "request",
                    "lead_id": request.lead_id.id,
                    "res_model": self._name,
                    "res_id": request.id,
                    "at": request.requested_at,
                    "channel": "website",
                }
                for request in self
                if request.lead_id
            ]
        )
