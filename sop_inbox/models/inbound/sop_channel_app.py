from odoo import api, models

from odoo.addons.sop_pipeline.tools.arguments import is_clean

READ_AT_THE_DOOR = ["provider", "app_ref", "app_secret", "oa_secret", "verify_token"]


class SopChannelApp(models.Model):
    """The webhook of a platform's app."""

    _inherit = "sop.channel.app"

    @api.model
    def _find_by_key(self, provider, key):
        """Return the app whose webhook address this is, or none. Archived apps do not answer."""
        if not is_clean(provider + key):
            return self.browse()
        return self.search_fetch([("webhook_key", "=", key), ("provider", "=", provider)], READ_AT_THE_DOOR, limit=1)

    def _get_service(self):
        """Return the service of this app's platform; UserError when none is installed."""
        return self.env["sop.provider"]._get(self.provider)

    def _handshake(self, params):
        """Return the challenge when the platform knows our verify token, "" for a plain look, None when it does not.

        :param params: dict of the query, from anybody
        """
        return self._get_service().handshake(self, params)

    def _receive(self, raw, headers):
        """Verify and store a platform's body and wake the worker; nothing else happens in its request.

        A repetition stores nothing; two at once store one.

        :param raw: bytes as they came
        :param headers: case-insensitive mapping
        :return: number of new events, None when the signature is not the platform's
        """
        service = self._get_service()
        if not service.verify(self, raw, headers):
            return None
        stored = self.env["sop.channel.event"]._store(self, service.split(raw))
        if stored:
            self.env["sop.channel.event"]._queue_wake_together()
        return stored
