import secrets

from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.arguments import is_clean

from .delivery_carrier import CARRIER_TYPES

CONFIG = ["sop_api_url", "sop_token", "sop_shop", "sop_username", "sop_password", "sop_service", "sop_hook_secret", "sop_session"]
READ_AT_THE_DOOR = ["delivery_type", "company_id", *CONFIG]


class DeliveryCarrier(models.Model):
    """The webhook of a carrier: where it calls us, and what proves that it is the carrier."""

    _inherit = "delivery.carrier"

    sop_hook_key = fields.Char(
        "Webhook Key",
        groups="base.group_system",
        copy=False,
        compute="_compute_sop_hook_key",
        store=True,
        readonly=False,
        help="Last part of the webhook's address.",
    )
    sop_hook_secret = fields.Char(
        "Webhook Secret",
        groups="base.group_system",
        copy=False,
        compute="_compute_sop_hook_secret",
        store=True,
        readonly=False,
        help="GHN: header X-Sop-Secret. Viettel Post: header Authorization. GHTK: part of the address. J&T: none, it signs with the private key.",
    )
    sop_hook_url = fields.Char("Webhook Address", compute="_compute_sop_hook_url", groups="base.group_system")

    _sop_hook_key_unique = models.UniqueIndex("(sop_hook_key) WHERE sop_hook_key IS NOT NULL", "This webhook key is used already.")

    @api.depends("delivery_type")
    def _compute_sop_hook_key(self):
        """Each has an address of its own from its first day on, whatever secret it is made with."""
        for carrier in self:
            carrier.sop_hook_key = carrier.sop_hook_key or secrets.token_urlsafe(24)

    @api.depends("delivery_type")
    def _compute_sop_hook_secret(self):
        for carrier in self:
            carrier.sop_hook_secret = carrier.sop_hook_secret or secrets.token_urlsafe(24)

    @api.depends("delivery_type", "sop_hook_key", "sop_hook_secret")
    def _compute_sop_hook_url(self):
        for carrier in self:
            known = carrier.delivery_type in CARRIER_TYPES and carrier.sop_hook_key
            tail = f"?hash={carrier.sop_hook_secret}" if carrier.delivery_type == "ghtk" else ""
            carrier.sop_hook_url = f"{carrier.get_base_url()}/sop/parcel/{carrier.delivery_type}/{carrier.sop_hook_key}{tail}" if known else False

    def action_sop_new_hook_key(self):
        """Give carriers a new address and secret for their webhooks; the old ones are taken no more. Right: the system's."""
        self.check_access("write")
        for carrier in self:
            carrier.write({name: secrets.token_urlsafe(24) for name in ("sop_hook_key", "sop_hook_secret")})

    @api.model
    def _sop_find_by_hook(self, delivery_type, key):
        """Return the carrier whose webhook address this is, or none. Archived ones do not answer."""
        if delivery_type not in CARRIER_TYPES or not is_clean(key):
            return self.browse()
        return self.search_fetch([("sop_hook_key", "=", key), ("delivery_type", "=", delivery_type)], READ_AT_THE_DOOR, limit=1)

    def _sop_receive(self, raw, headers, query):
        """Verify and store a carrier's body and wake the worker; nothing else happens in the carrier's request.

        :return: number of new rows, None when it is not from the carrier
        """
        config = self._sop_config()
        signed = self._sop_service()._is_signed(headers, query, raw, config) if config.secret else False
        if signed is False:
            return None
        stored = self.env["sop.parcel.news"]._store(self, raw, bool(signed))
        if stored:
            self.env["sop.parcel.news"]._queue_wake_together()
        return stored

    def _sop_can_be_followed(self):
        """Whether this carrier reports where a parcel is."""
        return self._sop_can("follow")

    def _sop_can(self, operation):
        """Whether this carrier's interface has an operation on parcels that are on their way (see tools/parcel_life.py)."""
        return self.delivery_type in CARRIER_TYPES and hasattr(self._sop_service()._life, operation)
