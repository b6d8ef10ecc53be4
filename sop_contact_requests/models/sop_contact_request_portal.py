from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from pytz import timezone, utc

from odoo.addons.sop_pipeline.tools.arguments import clean_text, moment
from odoo.addons.sop_pipeline.tools.today import MORNING, moments

from .sop_contact_request_follow import LISTS

PAGE_SIZE = 20
SHOWN_ROWS = 200
#: The clock's times: how long from now, or on which day at what time
PRESETS = {"hour": timedelta(hours=1), "evening": (0, time(18)), "tomorrow": (1, MORNING), "days": (3, MORNING)}


class SopContactRequest(models.Model):
    """The seller's page in the portal: filters, stable pages, counters, what is new (rows C4, C9, C11)."""

    _inherit = "sop.contact.request"

    @api.model
    def _get_seller_domain(self):
        """Requests of the current user's own company as a seller."""
        return Domain("seller_id", "=", self.env.user.commercial_partner_id.id)

    @api.model
    def _get_filter_domain(self, filters):
        """Domain of the page's filters; unknown or broken values filter nothing.

        :param dict filters: texts ``state``, ``only`` (new, overdue, mine, gone, price, cold), ``outcome``, ``listing``,
            ``date_from``, ``date_to`` (days in the user's time zone), ``search``
        """
        filters = {name: clean_text(str(value)) for name, value in filters.items() if value}
        domain = Domain.TRUE
        if filters.get("state") in dict(self._fields["state"].selection):
            domain &= Domain("state", "=", filters["state"])
        if filters.get("only") in ("new", "overdue"):
            domain &= Domain(f"is_{filters['only']}", "=", True)
        elif filters.get("only") == "mine":
            domain &= Domain("user_id", "=", self.env.uid)
        elif filters.get("only") in LISTS:
            domain &= self._get_again_domain(filters["only"])
        if filters.get("outcome") in dict(self._fields["outcome"].selection):
            domain &= Domain("outcome", "=", filters["outcome"])
        if filters.get("listing", "").isdecimal():
            domain &= Domain("listing_id", "=", int(filters["listing"][:9]))
        if search := filters.get("search", "").strip()[:100]:
            domain &= Domain("search_words", "ilike", search)
        start, end = self._parse_day(filters.get("date_from")), self._parse_day(filters.get("date_to"))
        if start:
            domain &= Domain("requested_at", ">=", start)
        if end:
            domain &= Domain("requested_at", "<", end + timedelta(days=1))
        return domain

    @api.model
    def _parse_day(self, text):
        """Start of a day of the user's calendar in UTC, or None."""
        try:
            day = moment(datetime.combine(fields.Date.to_date(text), time.min))
            return self._get_zone().localize(day).astimezone(utc).replace(tzinfo=None)
        except (TypeError, ValueError, OverflowError):
            return None

    @api.model
    def _get_zone(self):
        """Time zone of the current user, or of the market when they have none."""
        return timezone(self.env.company._sop_zone(self.env.user))

    @api.model
    def _get_page(self, filters, before=None):
        """One page of the seller's list, newest first (row C9).

        A page begins after the last row shown, not by counting rows from the top: none is
        skipped or shown twice while new requests arrive.

        :param str before: ``next`` of the page before
        :return: dict ``requests``, ``next`` (or None)
        """
        domain = self._get_seller_domain() & self._get_filter_domain(filters) & self._get_beyond_domain(before, "<")
        requests = self.search(domain, limit=PAGE_SIZE + 1)
        last = requests[PAGE_SIZE - 1 : PAGE_SIZE]
        more = f"{last.last_requested_at.isoformat()}_{last.id}" if len(requests) > PAGE_SIZE else None
        return {"requests": requests[:PAGE_SIZE], "next": more}

    @api.model
    def _get_beyond_domain(self, key, operator):
        """Rows older ('<') or newer ('>') than the row with this key; a broken key limits nothing."""
        at, _sep, last_id = str(key).rpartition("_")
        try:
            at, last_id = moment(at), int(last_id[:9])
        except ValueError:
            return Domain.TRUE
        return Domain("last_requested_at", operator, at) | Domain("last_requested_at", "=", at) & Domain("id", operator, last_id)

    @api.model
    def _get_counts(self):
        """Numbers on the seller's page; each on an index."""
        own = self._get_seller_domain()
        new = self.search_count(own & Domain("is_new", "=", True))
        overdue = self.search_count(own & Domain("is_overdue", "=", True))
        return {"new": new, "overdue": overdue, "any": bool(new or overdue or self.search_count(own, limit=1))}

    @api.model
    def _get_seller_menu(self):
        """What the user's menu says of the list: its counters, and what the bus had told by then; None for who has no list."""
        if not self.env.user._is_portal():
            return None
        seller = self.env.user.commercial_partner_id
        counts = self._get_counts()
        # sudo: only whether there is any
        right = self.env["sop.seller.entitlement"].sudo().search_count([("seller_id", "=", seller.id)], limit=1)
        known = counts["any"] or right or self.env["product.template"].sudo()._sop_get_listings(seller, limit=1)
        # sudo: a counter that only grows
        return {**counts, "heard": self.env["bus.bus"].sudo()._bus_last_id()} if known else None

    @api.model
    def _get_page_values(self, filters, before=None):
        """All the seller's page shows. Access: the current user's own company.

        :return: dict for the template
        """
        seller = self.env.user.commercial_partner_id
        company, page = self.env.company, self._get_page(filters, before)
        # sudo: figures of one's own company, its orders, and packages that are on sale
        right = seller.sudo().with_company(company)
        if not right.sop_entitled:  # the rows may be of another company, in which it is theirs
            valid = self.env["sop.seller.entitlement"].sudo()._get_valid_domain() & Domain("seller_id", "=", seller.id)
            company = self.env["sop.seller.entitlement"].sudo().search(valid, limit=1).company_id or company
            right = seller.sudo().with_company(company)
        # sudo: see above; a package or listing may be of another company
        packages = self.env["product.template"].sudo().search(self.env["product.template"]._sop_get_package_domain(), limit=2)
        listings = self.env["product.template"].sudo()._sop_get_listings(seller)
        return {
            **page,
            "joined": self._get_joined(page["requests"]),
            "news_push": self.env.user.sop_news_push,
            "news_mail": right.sop_news_mail,
            "news_mails": self.env["res.partner"]._fields["sop_news_mail"]._description_selection(self.env),
            "mail_missing": not (right.email or any(right.child_ids.user_ids.mapped("email")) or self.env.user.email),
            "shop_contact": company.sudo().email or company.sudo().phone,  # sudo: as the shop's pages show it
            "counts": self._get_counts(),
            "filters": filters,
            "filtered": any(filters.values()),
            "before": before,
            "entitled": right.sop_entitled,
            "entitled_until": right.sop_entitled_until,
            # sudo: their own rights, beside the payments they were made from
            "rights": self.env["sop.seller.entitlement"].sudo().search([("seller_id", "=", seller.id), ("company_id", "=", company.id)], limit=50),
            # sudo: the seller's own figures
            "figures": self.env["sop.seller.report"].sudo()._get_figures(seller, company),
            "package": packages[:1],
            "is_partner": right._sop_get_right()["partner"],
            "waiting": self.env["sale.order"].sudo()._sop_get_waiting(seller),  # sudo: the seller's own orders, for any of the seller's people
            "listings": listings,
            "shown_listings": listings.filtered(lambda listing: listing.is_published and listing.sale_ok),
            "outcomes": self._fields["outcome"]._description_selection(self.env),
            "again": self._get_again_counts() if right.sop_entitled else {},
            "colleagues": self._get_colleagues(),
            "shown_by": self._get_shown_by(page["requests"]),
            "states": self._fields["state"]._description_selection(self.env),
            "presets": self._get_reminder_presets(),
        }

    @api.model
    def _get_reminder_presets(self):
        """Times offered by the clock now: dict name -> (label, UTC moment), in the user's time zone, in the future."""
        labels = {
            "hour": self.env._("In one hour"),
            "evening": self.env._("This evening, 18:00"),
            "tomorrow": self.env._("Tomorrow, 9:00"),
            "days": self.env._("In three days, 9:00"),
        }
        offered = moments(fields.Datetime.now(), str(self._get_zone()), PRESETS)
        return {code: (labels[code], fields.Datetime.to_string(at)) for code, at in offered.items()}

    @api.model
    def _read_when(self, value):
        """A time of the seller's page as UTC: a preset, counted from now, or a time of the user's own calendar ("2026-01-31T08:30").

        Anything else is answered as it came, for ``action_set_reminder`` to judge.
        """
        if not isinstance(value, str):
            return value
        if preset := self._get_reminder_presets().get(value):
            return preset[1]
        try:
            return self._get_zone().localize(datetime.strptime(value, "%Y-%m-%dT%H:%M")).astimezone(utc).replace(tzinfo=None)
        except (ValueError, OverflowError):
            return value

    @api.model
    def _get_arrivals(self, filters, after):
        """Requests that came since the newest row on the page, newest first; for light polling.

        When more came than a page holds, those that came first are answered now, the others to the next call.

        :param str after: ``last_requested_at`` and id of the newest row, as :meth:`_get_page` writes them
        """
        domain = self._get_seller_domain() & self._get_filter_domain(filters) & self._get_beyond_domain(after, ">")
        return self.search(domain, limit=PAGE_SIZE, order="last_requested_at, id").sorted(lambda r: (r.last_requested_at, r.id), reverse=True)

    @api.model
    def _read_shown(self, ids):
        """Ids of the rows that a client says it shows; whatever it sent."""
        return [i for i in ids if type(i) is int and 0 < i < 2**31][:SHOWN_ROWS] if isinstance(ids, list) else []

    @api.model
    def _get_shown(self, ids):
        """What changed in rows that stand on an open page: by colleagues, or by a buyer who asked again.

        :param ids: whatever the client sent; what is not the seller's, or no longer there, is left out
        :return: dict id -> ``state``, ``outcome``, ``is_new``, ``is_overdue``, ``note``, ``withdrawn`` (words, when the
            buyer took the number back), ``message`` (without the numbers in it)
        """
        ids = self._read_shown(ids)
        requests = self.search(self._get_seller_domain() & Domain("id", "in", ids)) if ids else self
        words = self.env._("Does not want to be called")
        return {
            row.id: {
                "state": row.state,
                "outcome": row.outcome,
                "is_new": row.is_new,
                "is_overdue": row.is_overdue,
                "note": row.note or "",
                "withdrawn": words if row.consent_withdrawn_at or row.erased_at else False,
                "message": row.message or "",
            }
            for row in requests
        }

    @api.model
    def _get_fired_reminders(self):
        """Reminders of the current user that rang and were not worked on since: also those that rang while they were away."""
        since = fields.Datetime.now() - timedelta(days=7)
        rung = self.search(
            self._get_seller_domain() & Domain("reminder_sent_at", ">", since) & Domain("reminder_user_id", "=", self.env.uid), limit=20
        )
        return rung.filtered(lambda r: not r.touched_at or r.touched_at < r.reminder_sent_at)[:5]

    @api.model
    def _get_joined(self, requests):
        """What else the buyers of these requests asked this seller for: dict id -> titles of other listings, newest first."""
        found = requests.sudo()  # sudo: users may not read the numbers, by which one buyer's requests are recognised
        others = found.search([("seller_id", "in", found.seller_id.ids), ("phone", "in", [p for p in found.mapped("phone") if p])], limit=500)
        by_buyer = others.grouped(lambda r: (r.seller_id, r.phone))
        return {
            row.id: list(dict.fromkeys((other.listing_name or "") for other in by_buyer.get((row.seller_id, row.phone), row) - row))
            for row in found
            if row.phone
        }

    def _get_portal_cells(self):
        """What the portal's row of this request shows after a change; never the number."""
        self.ensure_one()
        return {
            "state": self.state,
            "outcome": self.outcome,
            "is_new": self.is_new,
            "is_overdue": self.is_overdue,
            "note": self.note or "",
            "lead_stage": self.lead_stage,
            "counts": self._get_counts(),
        }
