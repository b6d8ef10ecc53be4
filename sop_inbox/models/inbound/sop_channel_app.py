from odoo import api, models

from odoo.addons.sop_pipeline.tools.arguments import is_clean


class SopChannelApp(models.Model):
    """The webhook of a vendor's app."""

    _inherit = "sop.channel.app"

    @api.model
    def _find_by_key(self, provider, key):
        """Return the app whose webhook address this is, or none. Archived apps answer nobody."""
        if not is_clean(provider + key):
            return self.browse()
        return self.search([("webhook_key", "=", key), ("provider", "=", provider)], limit=1)

    def _get_service(self):
        """Return the service of this app's platform; UserError when none is installed."""
        return self.env["sop.provider"]._get(self.provider)

    def _handshake(self, params):
        """Return the challenge when the vendor knows our word, "" for a plain look, None when it does not.

        :param params: dict of the query, from anybody
        """
        return self._get_service().handshake(self, params)

    def _receive(self, raw, headers):
        """Verify and store a vendor's body and wake the worker; nothing else happens in the vendor's request.

        A repetition stores nothing; two at once store one.

        :param raw: bytes as they came
        :param headers: case-insensitive mapping
        :return: number of new events, None when the signature is not the vendor's
        """
        service = self._get_service()
        if not service.verify(self, raw, headers):
            return None
        stored = self.env["sop.channel.event"]._store(self, service.split(raw))
        if stored:
            self.env["sop.channel.event"]._queue_wake()
        return stored
