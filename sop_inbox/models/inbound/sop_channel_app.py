import hmac

from odoo import api, models
from odoo.exceptions import UserError

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
        """Return the service of this app's vendor; UserError when none is installed."""
        service = self.env.get(f"sop.provider.{self.provider}")
        if service is None:
            raise UserError(self.env._("Nothing here can talk to %(provider)s yet.", provider=self.provider))
        return service

    def _handshake(self, params):
        """Return the challenge when the vendor knows our word, "" for a plain look, None when it does not.

        :param params: dict of the query, from anybody
        """
        if params.get("hub.mode") != "subscribe":
            return ""
        known, given = self.verify_token or "", params.get("hub.verify_token") or ""
        if not known or not hmac.compare_digest(known.encode(), given.encode()):
            return None
        return params.get("hub.challenge") or ""

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
            self.env["sop.channel.event"]._wake()
        return stored
