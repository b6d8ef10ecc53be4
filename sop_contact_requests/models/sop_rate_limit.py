import ipaddress
import logging
import random
import threading
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, hmac
from psycopg2.errors import SerializationFailure
from psycopg2.pool import PoolError

_logger = logging.getLogger(__name__)
COUNTING = threading.Lock()


class SopRateLimit(models.Model):
    """Counters of attempts per key and time window, kept outside the caller's transaction.

    Keys are stored as hashes made with the database's secret, so that neither addresses nor telephone numbers can be
    read here, nor guessed from this table alone.
    """

    _name = "sop.rate.limit"
    _inherit = ["sop.hidden.mixin"]
    _description = "Rate limit counter"
    _log_access = False

    key = fields.Char(required=True, groups=fields.NO_ACCESS)
    period = fields.Integer(required=True)
    hits = fields.Integer(required=True, default=0)
    expires_at = fields.Datetime(required=True, index=True)

    _key_window = models.UniqueIndex("(key, period)")

    @api.model
    def _hit(self, scope, value, limit, seconds):
        """Count one attempt and say whether it is still within the limit.

        Counts in a cursor of its own: a rollback of the request, or its replay after a
        serialization failure, does not undo it, and several processes count together. The
        count is atomic (one upsert), so parallel attempts cannot pass together.

        :param str scope: what is limited, e.g. ``submit:ip``
        :param str value: who (hashed before it is stored)
        :param int limit: attempts allowed per window
        :param int seconds: length of the window
        :return: True when this attempt is allowed
        """
        now = int(time.time())
        window = now // seconds
        key = self._get_key(scope, value)
        expires = fields.Datetime.now() + timedelta(seconds=seconds)
        return self._upsert(key, window, expires) <= limit

    @api.model
    def _get_network(self, address):
        """What counts as one address: with IPv6 a customer has a whole /64, and may take any address of it.

        :param address: network address, or a false value
        :return: the address itself, or its /64; a text that is no address stays as it is
        """
        try:
            version = ipaddress.ip_address(address or "").version
        except ValueError:
            return address or ""
        return str(ipaddress.ip_network(f"{address}/64", strict=False)) if version == 6 else address

    @api.model
    def _get_key(self, scope, value):
        """What is stored for a value: the same for the same one, and nothing to anybody without the database's secret."""
        # sudo: the secret, which goes nowhere; numbers are few, and a plain hash of one is found by trying them all
        return hmac(self.env(su=True), "sop.rate.limit", f"{scope}:{value}")

    @api.model
    def _upsert(self, key, window, expires):
        """Add one hit; several processes doing so at once wait for each other.

        :return: hits in this window, this one included
        """
        query = SQL(
            """INSERT INTO sop_rate_limit (key, period, hits, expires_at) VALUES (%s, %s, 1, %s)
               ON CONFLICT (key, period) DO UPDATE SET hits = sop_rate_limit.hits + 1
               RETURNING hits""",
            key,
            window,
            expires,
        )
        for attempt in range(40):
            try:
                # One second connection per process at a time: each request holds its first one
                # meanwhile, and a pool of second ones would run dry under load.
                with COUNTING, self.env.registry.cursor() as cr:  # commits when left without an error
                    cr.execute(query, log_exceptions=False)
                    return cr.fetchone()[0]
            except (SerializationFailure, PoolError):
                # Another process counted the same key since our snapshot: count again.
                time.sleep(random.uniform(0, 0.005 * (attempt + 1)))
        _logger.warning("rate limit: a key is hit too often to be counted")
        return 2**31

    @api.model
    def _serialize(self, scope, value):
        """Make transactions about the same thing follow one another, in the caller's transaction.

        Writes a row instead of taking a lock: a transaction that waited with an older snapshot fails
        to serialize and is replayed by Odoo with the facts of the one before.
        """
        key = self._get_key(scope, value)
        self.env.cr.execute(
            SQL(
                """INSERT INTO sop_rate_limit (key, period, hits, expires_at) VALUES (%s, 0, 1, %s)
               ON CONFLICT (key, period) DO UPDATE SET hits = sop_rate_limit.hits + 1, expires_at = EXCLUDED.expires_at""",
                key,
                fields.Datetime.now() + timedelta(days=1),
            ),
            log_exceptions=False,
        )

    @api.autovacuum
    def _gc_expired(self):
        self.env.cr.execute(SQL("DELETE FROM sop_rate_limit WHERE expires_at < %s", fields.Datetime.now()))
