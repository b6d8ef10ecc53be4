from typing import NamedTuple

from odoo import fields, models
from odoo.tools import SQL

from ..tools import intervals

LATEST = 500


class Figures(NamedTuple):
    """How fast a seller answers: requests counted, median hours, share answered within an hour (0 to 1)."""

    request_count: int
    median_hours: float
    hour_share: float


class Funnel(NamedTuple):
    """How far requests of a listing or month (``name``) came: numbers of requests."""

    name: object
    asked: int
    called: int
    appointments: int
    sold: int

    def plus(self, counts):
        """The same row with these four numbers added."""
        return Funnel(self.name, *(mine + more for mine, more in zip(self[1:], counts, strict=True)))


class SopSellerReport(models.Model):
    """One row per seller and company: right, requests, response (rows C13, C16)."""

    _name = "sop.seller.report"
    _description = "Sellers' figures"
    _auto = False
    _order = "untouched_count desc, request_count desc, id"
    _rec_name = "seller_id"
    _depends = {
        "sop.contact.request": ["seller_id", "company_id", "requested_at", "first_touched_at", "touched_at", "active", "response_hours", "state"],
        "sop.seller.entitlement": ["seller_id", "company_id", "start", "end", "revoked_at", "revenue", "units"],
    }

    seller_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    entitlement_state = fields.Selection(
        [("active", "Active"), ("expiring", "Ends within 7 days"), ("expired", "Ended"), ("none", "Never")], readonly=True
    )
    entitled_until = fields.Datetime(readonly=True)
    paid_amount = fields.Monetary("Revenue without tax", readonly=True, help="After credit notes and refunds.")
    unit_count = fields.Integer("Packages sold", readonly=True)
    unit_revenue = fields.Monetary("Revenue per package", readonly=True, aggregator="avg")
    currency_id = fields.Many2one("res.currency", readonly=True)
    request_count = fields.Integer("Requests", readonly=True)
    untouched_count = fields.Integer("Untouched", readonly=True)
    touched_count = fields.Integer("Worked on", readonly=True)
    contacted_count = fields.Integer("Contacted", readonly=True)
    median_hours = fields.Float("Median hours to first interaction", readonly=True, aggregator="avg")
    hour_share = fields.Float("Share within an hour", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        """Requests and rights are summed apart and then joined, so that neither multiplies the other."""
        return SQL(
            """
            SELECT COALESCE(r.seller_id, e.seller_id)::bigint * 100000 + COALESCE(r.company_id, e.company_id) AS id,
                   COALESCE(r.seller_id, e.seller_id) AS seller_id,
                   COALESCE(r.company_id, e.company_id) AS company_id,
                   CASE WHEN e.until_now IS NULL AND e.seller_id IS NULL THEN 'none'
                        WHEN e.until_now IS NULL THEN 'expired'
                        WHEN e.until_any <= %(soon)s THEN 'expiring'
                        ELSE 'active' END AS entitlement_state,
                   CASE WHEN e.until_any < %(open)s THEN e.until_any END AS entitled_until, c.currency_id,
                   COALESCE(e.paid_amount, 0) AS paid_amount,
                   COALESCE(e.unit_count, 0) AS unit_count,
                   e.paid_amount / NULLIF(e.unit_count, 0) AS unit_revenue,
                   COALESCE(r.touched_count, 0) AS touched_count,
                   COALESCE(r.request_count, 0) AS request_count,
                   COALESCE(r.untouched_count, 0) AS untouched_count,
                   COALESCE(r.contacted_count, 0) AS contacted_count,
                   r.median_hours, r.hour_share
              FROM (SELECT seller_id, company_id, count(*) AS request_count,
                           count(*) FILTER (WHERE touched_at IS NULL) AS untouched_count,
                           count(first_touched_at) AS touched_count,
                           count(*) FILTER (WHERE state = 'contacted') AS contacted_count,
                           percentile_cont(0.5) WITHIN GROUP (ORDER BY response_hours) FILTER (WHERE first_touched_at IS NOT NULL)
                               AS median_hours,
                           avg(CASE WHEN first_touched_at <= requested_at + interval '1 hour' THEN 1.0 ELSE 0.0 END) AS hour_share
                      FROM sop_contact_request WHERE active GROUP BY seller_id, company_id) r
              FULL JOIN (SELECT seller_id, company_id,
                           max(LEAST("end", COALESCE(revoked_at, "end"))) FILTER (WHERE start <= %(now)s
                               AND LEAST("end", COALESCE(revoked_at, "end")) > %(now)s) AS until_now,
                           max(LEAST("end", COALESCE(revoked_at, "end"))) AS until_any,
                           sum(revenue) AS paid_amount, sum(units) AS unit_count
                      FROM sop_seller_entitlement GROUP BY seller_id, company_id) e
                ON e.seller_id = r.seller_id AND e.company_id = r.company_id
              JOIN res_company c ON c.id = COALESCE(r.company_id, e.company_id)
            """,
            now=fields.Datetime.now(),
            open=intervals.OPEN_END,
            soon=fields.Datetime.add(fields.Datetime.now(), days=7),
        )

    def _get_figures(self, seller, company):
        """A seller's own response figures, for their page; sudo by the caller, one query on the index of their list.

        Of their latest requests only: it is about how they work now, and costs the same with a hundred thousand.

        :return: :class:`Figures`
        """
        self.env["sop.contact.request"].flush_model(["seller_id", "company_id", "requested_at", "first_touched_at", "response_hours", "active"])
        [(count, median, share)] = self.env.execute_query(
            SQL(
                """SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY response_hours) FILTER (WHERE first_touched_at IS NOT NULL),
                      avg(CASE WHEN first_touched_at <= requested_at + interval '1 hour' THEN 1.0 ELSE 0.0 END)
                 FROM (SELECT response_hours, first_touched_at, requested_at FROM sop_contact_request
                        WHERE seller_id = %s AND company_id = %s AND active IS TRUE
                        ORDER BY requested_at DESC, id DESC LIMIT %s) latest""",
                seller.id,
                company.id,
                LATEST,
            )
        )
        return Figures(count, median or 0.0, float(share or 0))

    def _get_funnel(self, seller):
        """What became of a seller's requests of the last 12 months, by listing and by month; sudo by the caller.

        Called is who has a status or an outcome; an appointment counts once it was made, whatever came of it.

        :return: dict ``total`` (one :class:`Funnel`), ``by_listing`` (most asked first), ``by_month`` (newest first)
        """
        self.env["sop.contact.request"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(listing_id::text, external_ref, listing_name), (array_agg(listing_name ORDER BY id DESC))[1],
                      date_trunc('month', requested_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date, count(*),
                      count(*) FILTER (WHERE state != 'not_contacted' OR outcome IS NOT NULL), count(appointment_at),
                      count(*) FILTER (WHERE outcome = 'sold')
                 FROM sop_contact_request WHERE seller_id = %(seller)s AND requested_at > %(since)s
                GROUP BY 1, 3""",
                zone=str(self.env.company._sop_zone(self.env.user)),
                seller=seller.id,
                since=fields.Datetime.subtract(fields.Datetime.now(), months=12),
            )
        )
        listings, months, total = {}, {}, Funnel("", 0, 0, 0, 0)
        for key, name, month, *counts in rows:
            listings[key] = listings.get(key, Funnel(name or "", 0, 0, 0, 0)).plus(counts)
            months[month] = months.get(month, Funnel(month, 0, 0, 0, 0)).plus(counts)
            total = total.plus(counts)
        return {
            "total": total,
            "by_listing": sorted(listings.values(), key=lambda row: (-row.asked, row.name))[:50],
            "by_month": [months[month] for month in sorted(months, reverse=True)],
        }

    def action_open_requests(self):
        """Requests of this row: of one seller, in one company. Access: that of the requests."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_contact_requests.sop_contact_request_action")
        return {**action, "domain": [("seller_id", "=", self.seller_id.id), ("company_id", "=", self.company_id.id)], "context": {}}
