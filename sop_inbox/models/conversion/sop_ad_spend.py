from odoo import api, fields, models
from odoo.tools import SQL, float_round

DAYS = 28  # an order is an ad's when its customer came by the ad within so many days before
ORDERS = """
    SELECT o.id, touch.ad_ref, date_trunc('month', o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS month
      FROM sale_order o
      JOIN LATERAL (
               SELECT t.ad_ref FROM sop_ad_touch t
                WHERE t.conversation_id = o.sop_conversation_id AND t.ad_ref <> ''
                  AND t.at <= o.date_order AND t.at >= o.date_order - %(days)s * INTERVAL '1 day'
             ORDER BY t.at DESC, t.id DESC LIMIT 1
           ) touch ON TRUE
     WHERE o.company_id = %(company)s AND o.state = 'sale' AND %(which)s
  ORDER BY o.date_order, o.id
"""
MONTHS = """
    o.date_order >= %(first)s::timestamp AT TIME ZONE %(zone)s AT TIME ZONE 'UTC'
    AND o.date_order < (%(last)s::timestamp + INTERVAL '1 month') AT TIME ZONE %(zone)s AT TIME ZONE 'UTC'
    AND touch.ad_ref = ANY(%(ads)s)
"""


class SopAdSpend(models.Model):
    """What an ad cost on a day, as the ad's platform reports it: imported from its file, or typed in."""

    _name = "sop.ad.spend"
    _description = "Ad Spend"
    _inherit = ["sop.guard.mixin"]
    _order = "date desc, ad_ref, id desc"
    _rec_name = "ad_ref"

    date = fields.Date("Day", required=True, index=True)
    ad_ref = fields.Char("Ad ID", required=True)
    amount = fields.Monetary("Amount Spent", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, readonly=False, precompute=True, required=True)

    _once = models.UniqueIndex("(company_id, ad_ref, date)", "What this ad cost on this day is there already.")
    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "An ad costs nothing or more.")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for spend in self:
            spend.currency_id = spend.company_id.currency_id

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"company_id": "read", "currency_id": "read"}

    @api.model
    def get_import_templates(self):
        """Return the file to fill in, for who may import; see core for the contract."""
        self.check_access("create")
        return [{"label": self.env._("Import Template for Ad Spend"), "template": "/sop_inbox/static/import/ad_spend.csv"}]

    def _load_records_create(self, vals_list):
        """Import an ad and day that are known already as their update, and the last of the same in a file; see core for the contract."""
        days = [(vals.get("company_id") or self.env.company.id, vals.get("ad_ref"), fields.Date.to_date(vals.get("date"))) for vals in vals_list]
        domain = [("ad_ref", "in", [ad for _company, ad, _day in days]), ("date", "in", [day for _company, _ad, day in days])]
        rows = {(row.company_id.id, row.ad_ref, row.date): row for row in self.search(domain)}
        wanted = dict(zip(days, vals_list, strict=True))
        for day in wanted.keys() & rows.keys():
            rows[day].write(wanted.pop(day))
        rows.update(zip(wanted, super()._load_records_create(list(wanted.values())), strict=True))
        return self.browse([rows[day].id for day in days])

    # === SHARES ===

    @api.model
    def _shares(self, orders):
        """Return what the ads that brought orders cost each of them: dict id -> amount in the company's currency.

        What an ad cost in a calendar month of the company's time zone is spread evenly over the confirmed orders it brought in that
        month; the last of them has what rounding leaves, so that the shares are what was spent.
        """
        shares = {}
        for company, own in orders.grouped("company_id").items():
            found = self._orders_of_ads(company, SQL("o.id = ANY(%s)", own.ids))
            if not found:
                continue
            months, ads = sorted({month for _order, _ad, month in found}), sorted({ad for _order, ad, _month in found})
            span = {"first": months[0], "last": months[-1], "zone": company._sop_zone()}
            brought = {}
            for order, ad, month in self._orders_of_ads(company, SQL(MONTHS, ads=ads, **span)):
                brought.setdefault((ad, month), []).append(order)
            for key, spent in self._spent(company, ads, months).items():
                shares |= _split(spent, brought.get(key, []), company.currency_id.rounding)
        return shares

    def _orders_of_ads(self, company, which):
        """Return the confirmed orders ads brought: list of (id, ad, first day of its month), oldest first."""
        self.env["sale.order"].flush_model(["company_id", "state", "date_order", "sop_conversation_id"])
        self.env["sop.ad.touch"].flush_model()
        return self.env.execute_query(SQL(ORDERS, company=company.id, days=DAYS, zone=company._sop_zone(), which=which))

    def _spent(self, company, ads, months):
        """Return what ads cost: dict (ad, first day of the month) -> amount in the company's currency."""
        last = fields.Date.end_of(months[-1], "month")
        domain = [("company_id", "=", company.id), ("ad_ref", "in", ads), ("date", ">=", months[0]), ("date", "<=", last)]
        spent = {}
        # sudo: sums, for who may see what an order leaves
        for ad, month, currency, amount in self.sudo()._read_group(domain, ["ad_ref", "date:month", "currency_id"], ["amount:sum"]):
            spent[ad, month] = spent.get((ad, month), 0) + currency._convert(amount, company.currency_id, company, month)
        return spent


def _split(amount, orders, rounding):
    """Return equal shares of an amount, what rounding leaves in the last: dict order -> share."""
    if not orders:
        return {}
    share = float_round(amount / len(orders), precision_rounding=rounding, rounding_method="DOWN")
    rest = float_round(amount - share * (len(orders) - 1), precision_rounding=rounding)
    return {**dict.fromkeys(orders, share), orders[-1]: rest}
