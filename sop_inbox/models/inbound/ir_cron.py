import logging

from odoo import api, models
from psycopg2.pool import PoolError

_logger = logging.getLogger(__name__)


class IrCron(models.Model):
    """A storm of webhooks may use every connection up for a moment."""

    _inherit = "ir.cron"

    @api.model
    def _notifydb(self):
        """Wake the workers; when no connection is left for the notice, they find the committed trigger at their next look.

        Raising here would fail a request or a job whose work is committed already.
        """
        try:
            return super()._notifydb()
        except PoolError:
            _logger.info("no connection left to wake the workers: they look again within a minute")
            return None
