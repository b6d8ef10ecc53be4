from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.vacuum import vacuum

KEPT = timedelta(minutes=10)


class SopCarrierRate(models.Model):
    """Prices carriers gave a moment ago: the same parcel is not asked for again within ten minutes.

    In the database, so that every process knows them. Only answers are kept, no failures.
    """

    _name = "sop.carrier.rate"
    _description = "Quoted Rate"
    _log_access = False

    carrier_id = fields.Many2one("delivery.carrier", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    price = fields.Float(required=True)
    days = fields.Float()
    service = fields.Char()
    quoted_at = fields.Datetime(required=True)

    _once = models.UniqueIndex("(carrier_id, key)")

    @api.model
    def _fresh(self, keys):
        """Return the rates known for ``keys`` (carrier id -> key of its parcel): dict carrier id -> row."""
        if not keys:
            return {}
        domain = [("carrier_id", "in", list(keys)), ("key", "in", list(keys.values())), ("quoted_at", ">", fields.Datetime.now() - KEPT)]
        known = self.sudo().search(domain)  # sudo: prices are kept by the system for all users
        return {rate.carrier_id.id: rate for rate in known if keys[rate.carrier_id.id] == rate.key}

    @api.model
    def _keep(self, carrier_id, key, rate):
        """Remember a rate; two who ask at once write the same row."""
        self.env.execute_query(
            SQL(
                "INSERT INTO sop_carrier_rate (carrier_id, key, price, days, service, quoted_at) VALUES (%s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (carrier_id, key) DO UPDATE SET price = EXCLUDED.price, days = EXCLUDED.days,"
                " service = EXCLUDED.service, quoted_at = EXCLUDED.quoted_at RETURNING id",
                carrier_id,
                key,
                rate.price,
                rate.days,
                rate.service,
                fields.Datetime.now(),
            )
        )

    @api.autovacuum
    def _gc_rates(self):
        return vacuum(self, [("quoted_at", "<", fields.Datetime.now() - KEPT)])
