from datetime import timedelta
from urllib.parse import quote

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import choice, or_nothing, takes

OUTCOMES = [
    ("sold", "Sold"),
    ("not_bought", "Does not buy"),
    ("unreachable", "Cannot be reached"),
    ("appointment", "Appointment"),
]
#: Status of a request that had none when its outcome is known
STATE_OF = {"sold": "contacted", "not_bought": "contacted", "unreachable": "contact_again", "appointment": "contact_again"}
COLD_DAYS = 14
WAYS = [("call", "Call"), ("zalo", "Zalo"), ("sms", "Text message")]
LISTS = ("gone", "price", "cold")


class SopContactRequest(models.Model):
    """What became of a request, and who to speak to again (source 001: care, follow-up, winning buyers back by stage)."""

    _inherit = "sop.contact.request"

    outcome = fields.Selection(OUTCOMES, tracking=True, help="What became of it, beside the status.")
    outcome_at = fields.Datetime("Outcome on", readonly=True, copy=False)
    appointment_at = fields.Datetime("First appointment on", readonly=True, copy=False)
    known_price = fields.Float(
        "Price the buyer knows", readonly=True, copy=False, digits="Product Price", help="When they asked, or were last written to."
    )
    again_at = fields.Datetime("Spoken to again on", readonly=True, copy=False)
    allow_zalo = fields.Boolean("May be written to on Zalo", compute="_compute_ways", store=True, help="The buyer agreed to it in the form.")
    allow_sms = fields.Boolean("May be sent text messages", compute="_compute_ways", store=True, help="The buyer agreed to it in the form.")
    listing_url = fields.Char(compute="_compute_listing_url", compute_sudo=True)
    lead_stage = fields.Char("Stage of the opportunity", compute="_compute_lead_stage", compute_sudo=True)

    @api.depends("listing_id.is_published", "listing_id.active", "external_url")
    def _compute_listing_url(self):
        """Where the listing can be seen now; false once it is gone."""
        for request in self:
            listing = request.listing_id
            request.listing_url = request.external_url or (listing.website_url if listing.active and listing.is_published else False)

    @api.depends("lead_made", "lead_id.stage_id", "lead_id.won_status", "lead_id.sop_request_ids.seller_id")
    def _compute_lead_stage(self):
        """How far the opportunity made of this request is. One that others share, or that the shop had before, is the shop's alone."""
        for request in self:
            lead = request.lead_id
            own = request.lead_made and lead.sop_request_ids.seller_id == request.seller_id
            lost = own and lead.won_status == "lost"
            request.lead_stage = (self.env._("Lost") if lost else lead.stage_id.name) if own else False

    @api.depends("entry_ids.allow_zalo", "entry_ids.allow_sms", "entry_ids.withdrawn_at")
    def _compute_ways(self):
        """The buyer's last word counts: that of the last form that was not withdrawn."""
        for request in self:
            last = request.entry_ids.filtered(lambda entry: not entry.withdrawn_at).sorted("id")[-1:]
            request.allow_zalo, request.allow_sms = last.allow_zalo, last.allow_sms

    # === OUTCOME === #

    def _follow_outcome(self, vals):
        """An outcome has a time, and gives a status to a request that has none. Step of ``write``."""
        for request in self.sudo():  # sudo: moments are the server's; the right to the outcome was checked by write
            now = fields.Datetime.now()
            follow = {"outcome_at": now}
            if request.state == "not_contacted" and "state" not in vals:
                follow["state"] = STATE_OF[vals["outcome"]]
            if vals["outcome"] == "appointment" and not request.appointment_at:
                follow["appointment_at"] = now
            request._sop_follow_up(follow)

    def _follow_reminder(self):
        """A reminder on somebody who was reached is an appointment. Step of ``write``."""
        # sudo: an appointment is written by no user, it follows from what they may write
        self.sudo().filtered(lambda r: r.state == "contacted" and not r.appointment_at)._sop_follow_up({"appointment_at": fields.Datetime.now()})

    def _sop_follow_up(self, vals):
        """Write what follows from an interaction that was counted already; sudo."""
        for request in self:
            request.write({**vals, "touched_at": request.touched_at})

    @takes(outcome=or_nothing(choice(*dict(OUTCOMES))))
    def action_set_outcome(self, outcome):
        """Say what became of the request, or take it back. Idempotent; counts as an interaction.

        Access: as for the status. One that has no status yet gets the one that fits.

        :param str outcome: sold, not_bought, unreachable, appointment, or a false value
        """
        request = self._check_work()
        request.write({"outcome": outcome})
        return True

    # === TO SPEAK TO AGAIN === #

    @api.model
    def _get_again_domain(self, kind):
        """Buyers to speak to again, who are still to be won and may be spoken to.

        :param str kind: ``gone`` (asked before it was sold to somebody else, or the listing is no longer shown), ``price`` (it
            costs less now than they know), ``cold`` (nothing happened for 14 days)
        """
        since = fields.Datetime.now() - timedelta(days=COLD_DAYS)
        waits = Domain("again_at", "=", False) | Domain("again_at", "<", since)
        may = Domain("consent_withdrawn_at", "=", False) & Domain("erased_at", "=", False)
        domain = may & waits & Domain("outcome", "in", [False, "unreachable", "appointment"])
        if kind == "gone":
            # sudo: which listings a buyer may still see is public
            gone = self.env["product.template"].sudo().with_context(active_test=False)._search([("is_published", "=", False)])
            return domain & (Domain("listing_id", "in", gone) | Domain.custom(to_sql=self._get_sold_sql))
        if kind == "price":
            return domain & Domain.custom(to_sql=self._get_cheaper_sql)
        quiet = Domain("touched_at", "<", since) & Domain("last_requested_at", "<", since)
        return domain & quiet & (Domain("reminder_at", "=", False) | Domain("reminder_at", "<", since))

    @api.model
    def _get_sold_sql(self, model, alias, query):
        """Requests whose listing this seller has sold to somebody since they asked."""
        self.flush_model(["listing_id", "seller_id", "outcome", "outcome_at", "last_requested_at"])
        return SQL(
            """EXISTS (SELECT 1 FROM sop_contact_request s WHERE s.listing_id = %(listing)s AND s.seller_id = %(seller)s
                AND s.outcome = 'sold' AND s.outcome_at >= %(asked)s)""",
            listing=SQL.identifier(alias, "listing_id"),
            seller=SQL.identifier(alias, "seller_id"),
            asked=SQL.identifier(alias, "last_requested_at"),
        )

    @api.model
    def _get_cheaper_sql(self, model, alias, query):
        """Requests whose listing is still there and costs less than the buyer knows."""
        self.env["product.template"].flush_model(["is_published", "active", "list_price"])
        self.flush_model(["listing_id", "known_price"])
        return SQL(
            "EXISTS (SELECT 1 FROM product_template t WHERE t.id = %s AND t.is_published AND t.active AND t.list_price < %s)",
            SQL.identifier(alias, "listing_id"),
            SQL.identifier(alias, "known_price"),
        )

    @api.model
    def _get_again_counts(self):
        """How many buyers each list holds for the current user's own company: dict kind -> number. One query."""
        own = self._get_seller_domain()
        counts = [self._search(own & self._get_again_domain(kind)).select("COUNT(*)") for kind in LISTS]
        [numbers] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(SQL("(%s)", count) for count in counts)))
        return dict(zip(LISTS, numbers, strict=True))

    def _get_ways(self):
        """How this buyer agreed to be reached: list of keys of :data:`WAYS`; none after a withdrawal."""
        self.ensure_one()
        if self.consent_withdrawn_at or self.erased_at:
            return []
        return ["call"] + ["zalo"] * self.allow_zalo + ["sms"] * self.allow_sms

    def _get_again_words(self):
        """The words of a message to this buyer, by its subject: in the company's language; sudo."""
        self.ensure_one()
        request = self.with_context(lang=self.company_id.partner_id.lang or self.env.lang)
        words = {"buyer": request.buyer_name, "seller": request.seller_id.name, "listing": request.listing_name or ""}
        listing = request.listing_id
        shown = listing.active and listing.is_published
        if shown and listing.list_price < request.known_price:
            price = request.company_id.currency_id.format(listing.list_price)
            link = f"{listing.get_base_url()}{listing.website_url}"
            return request.env._("Hello %(buyer)s, this is %(seller)s. “%(listing)s” now costs %(price)s: %(link)s", price=price, link=link, **words)
        if listing and (not shown or self.search_count(Domain("id", "=", self.id) & Domain.custom(to_sql=self._get_sold_sql))):
            return request.env._("Hello %(buyer)s, this is %(seller)s. “%(listing)s” is sold. May I show you something like it?", **words)
        return request.env._("Hello %(buyer)s, this is %(seller)s. Are you still interested in “%(listing)s”?", **words)

    @takes(way=choice(*dict(WAYS)))
    def action_speak_again(self, way):
        """Open a call or a message to the buyer, in a way they agreed to.

        The number is in the answer: it is a reveal, with log and budget (see :meth:`action_reveal_phone`).

        :param str way: call, zalo, sms
        :return: dict ``url`` to open, ``text`` the words (a message on Zalo cannot carry them: they are to be copied)
        :raise UserError: when the buyer did not agree to this way; else as for the reveal
        """
        request = self._check_work()
        request._check_revealable()
        if way not in request._get_ways():
            raise UserError(self.env._("The buyer did not agree to be reached in this way."))
        phone = self.action_reveal_phone()
        words = request._get_again_words()
        values = {"again_at": fields.Datetime.now()}
        if way != "call" and request.listing_id:
            values["known_price"] = request.listing_id.list_price
        request._sop_follow_up(values)
        national = f"0{phone.removeprefix('+84')}"
        urls = {"call": f"tel:{phone}", "zalo": f"https://zalo.me/{national}", "sms": f"sms:{phone}?&body={quote(words)}"}
        return {"url": urls[way], "text": words}
