from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.transactions import replayed

#: How far back facts of other apps are looked for; website visitors are kept no longer
DAYS = 60
MOST = 20000


class SopInteraction(models.Model):
    """Facts of apps this addon does not depend on: website, deliveries, ratings, campaigns.

    Visits and deliveries happen in bulk and no user waits for them, so a job collects them instead of a
    hook in each app: that costs their own actions nothing, and works whichever apps are installed.
    """

    _inherit = "sop.interaction"

    @api.model
    @replayed
    def _cron_collect(self):
        """Record what has happened in the apps that are there. Idempotent; a run that is cut off is made up by the next."""
        for name, find in self._sop_collectors().items():
            if name in self.env:
                rows = self.env.execute_query_dict(find())
                self.sudo()._sop_record_batch(rows)  # sudo: facts of everyone
                self.env["ir.cron"]._commit_progress(len(rows))

    @api.model
    def _sop_collectors(self):
        """Hook: model -> method giving the SQL of rows for :meth:`_sop_record_batch` that are not recorded yet."""
        return {
            "website.track": self._sop_collect_visits,
            "stock.picking": self._sop_collect_deliveries,
            "rating.rating": self._sop_collect_ratings,
            "mailing.trace": self._sop_collect_mailings,
        }

    @api.model
    def _sop_fresh(self, model, alias, time, codes):
        """Condition: recent, and not recorded yet."""
        return SQL(
            """
            %(time)s > %(since)s AND NOT EXISTS (
                SELECT FROM sop_interaction known JOIN sop_interaction_type kind ON kind.id = known.type_id
                 WHERE known.res_model = %(model)s AND known.res_id = %(alias)s.id AND kind.code IN %(codes)s)
            """,
            time=time,
            since=fields.Datetime.subtract(fields.Datetime.now(), days=DAYS),
            model=model,
            alias=SQL.identifier(alias),
            codes=codes,
        )

    @api.model
    def _sop_collect_visits(self):
        """Pages a known visitor looked at: a product's page is a product view, another one a visit, once a day of the main company."""
        self.env["website.track"].flush_model()
        self.env["website.visitor"].flush_model()
        shop = "product_id" in self.env["website.track"]._fields
        product = SQL("track.product_id") if shop else SQL("NULL::int")
        leads = SQL("(SELECT MAX(crm_lead_id) FROM crm_lead_website_visitor_rel link WHERE link.website_visitor_id = visitor.id)")
        if "lead_ids" not in self.env["website.visitor"]._fields:
            leads = SQL("NULL::int")
        zone = self.env.company._sop_zone()
        day, same_day = (
            SQL("(%s.visit_datetime AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", SQL.identifier(table), zone) for table in ("track", "same")
        )
        return SQL(
            """
            SELECT DISTINCT ON (visitor.id, product, %(day)s)
                   CASE WHEN %(product)s IS NULL THEN 'visit' ELSE 'product_view' END AS code, %(product)s AS product,
                   visitor.partner_id, CASE WHEN visitor.partner_id IS NULL THEN %(leads)s END AS lead_id,
                   'website.track' AS res_model, track.id AS res_id, track.visit_datetime AS at, LEFT(track.url, 120) AS note,
                   'website' AS channel, site.company_id
              FROM website_track track
              JOIN website_visitor visitor ON visitor.id = track.visitor_id
         LEFT JOIN website site ON site.id = visitor.website_id
             WHERE (visitor.partner_id IS NOT NULL OR %(leads)s IS NOT NULL) AND %(fresh)s
               AND NOT EXISTS (SELECT FROM sop_interaction known JOIN website_track same ON same.id = known.res_id
                                WHERE known.res_model = 'website.track' AND same.visitor_id = track.visitor_id AND same.id <> track.id
                                  AND %(same_day)s = %(day)s %(same)s)
          ORDER BY visitor.id, product, %(day)s, track.id
             LIMIT %(most)s
            """,
            product=product,
            leads=leads,
            most=MOST,
            day=day,
            same_day=same_day,
            same=SQL("AND same.product_id IS NOT DISTINCT FROM track.product_id") if shop else SQL(),
            fresh=self._sop_fresh("website.track", "track", SQL("track.visit_datetime"), ("visit", "product_view")),
        )

    @api.model
    def _sop_collect_deliveries(self):
        """Deliveries that have left, for the customer of their order."""
        self.env["stock.picking"].flush_model()
        return SQL(
            """
            SELECT 'delivery' AS code, COALESCE(orders.partner_id, picking.partner_id) AS partner_id, orders.opportunity_id AS lead_id,
                   'stock.picking' AS res_model, picking.id AS res_id, picking.date_done AS at, picking.name AS note,
                   picking.company_id
              FROM stock_picking picking
              JOIN stock_picking_type kind_of ON kind_of.id = picking.picking_type_id AND kind_of.code = 'outgoing'
              %(orders)s
             WHERE picking.state = 'done' AND COALESCE(orders.partner_id, picking.partner_id) IS NOT NULL AND %(fresh)s
          ORDER BY picking.id LIMIT %(most)s
            """,
            orders=SQL("LEFT JOIN sale_order orders ON orders.id = picking.sale_id")
            if "sale_id" in self.env["stock.picking"]._fields
            else SQL("LEFT JOIN sale_order orders ON FALSE"),
            fresh=self._sop_fresh("stock.picking", "picking", SQL("picking.date_done"), ("delivery",)),
            most=MOST,
        )

    @api.model
    def _sop_collect_ratings(self):
        """What customers said with stars."""
        self.env["rating.rating"].flush_model()
        return SQL(
            """
            SELECT 'rating' AS code, rating.partner_id, 'rating.rating' AS res_model, rating.id AS res_id, rating.write_date AS at,
                   rating.rating || ' / 5' AS note
              FROM rating_rating rating
             WHERE rating.consumed AND rating.partner_id IS NOT NULL AND %(fresh)s
          ORDER BY rating.id LIMIT %(most)s
            """,
            fresh=self._sop_fresh("rating.rating", "rating", SQL("rating.write_date"), ("rating",)),
            most=MOST,
        )

    @api.model
    def _sop_collect_mailings(self):
        """Campaign mails and SMS that reached customers, leads, and readers of mailing lists who are customers."""
        self.env["mailing.trace"].flush_model()
        self.env["mailing.contact"].flush_model(["email_normalized"])
        self.env["res.partner"].flush_model(["email_normalized", "active"])
        return SQL(
            """
            SELECT CASE trace.trace_type WHEN 'sms' THEN 'sms' ELSE 'mail' END AS code,
                   CASE WHEN trace.model = 'res.partner' THEN trace.res_id ELSE reader.id END AS partner_id,
                   CASE WHEN trace.model = 'crm.lead' THEN trace.res_id END AS lead_id,
                   'mailing.trace' AS res_model, trace.id AS res_id, trace.sent_datetime AS at,
                   trace.campaign_id, mailing.source_id
              FROM mailing_trace trace
         LEFT JOIN mailing_mailing mailing ON mailing.id = trace.mass_mailing_id
         LEFT JOIN mailing_contact contact ON trace.model = 'mailing.contact' AND contact.id = trace.res_id
         LEFT JOIN (SELECT MIN(id) AS id, email_normalized FROM res_partner WHERE active GROUP BY email_normalized) reader
                ON reader.email_normalized = contact.email_normalized
             WHERE (trace.model IN ('res.partner', 'crm.lead') OR reader.id IS NOT NULL) AND trace.sent_datetime IS NOT NULL
               AND trace.is_test_trace IS NOT TRUE AND trace.trace_status NOT IN ('error', 'bounce', 'cancel') AND %(fresh)s
          ORDER BY trace.id LIMIT %(most)s
            """,
            fresh=self._sop_fresh("mailing.trace", "trace", SQL("trace.sent_datetime"), ("mail", "sms")),
            most=MOST,
        )
