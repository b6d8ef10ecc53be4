import dataclasses
import hashlib

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.sop_pipeline.tools.signals import received

from ...tools.carrier_base import Address, CarrierError, Config, Parcel
from ...tools.http_out import Broken, read_url
from ...tools.transport import ask_all

CARRIER_TYPES = ("ghn", "ghtk", "viettelpost", "jt")
QUOTE_BUDGET = 2.0  # seconds for the prices of all carriers together: a person waits for them
ASSUMED_WEIGHT = 500  # grams of an order whose products have no weight


def _plain_province(name):
    """A province as the decree and the carriers write it."""
    return "Huế" if name == "Thừa Thiên - Huế" else name.replace("TP ", "Thành phố ", 1) if name.startswith("TP ") else name


class DeliveryCarrier(models.Model):
    """GHN, GHTK, Viettel Post and J&T as delivery methods: account and price. Parcels: delivery_carrier_parcel.py."""

    _name = "delivery.carrier"
    _inherit = ["delivery.carrier", "sop.hidden.mixin"]

    delivery_type = fields.Selection(
        selection_add=[("ghn", "GHN"), ("ghtk", "GHTK"), ("viettelpost", "Viettel Post"), ("jt", "J&T")],
        ondelete=dict.fromkeys(CARRIER_TYPES, "set default"),
    )
    sop_api_url = fields.Char("Address of the Interface", groups="base.group_system", help="Empty: the carrier's own.")
    sop_token = fields.Char("Token", groups="base.group_system", copy=False, help="J&T: private key of the application.")
    sop_session = fields.Char(
        compute="_compute_sop_session",
        store=True,
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What a log-in gave us: kept until the carrier takes it no more, or the account changes.",
    )
    sop_username = fields.Char("User", groups="base.group_system", copy=False, help="J&T: customer code.")
    sop_password = fields.Char("Password", groups="base.group_system", copy=False)
    sop_shop = fields.Char("Shop", groups="base.group_system", help="GHN: ShopId. GHTK: partner code (X-Client-Source). J&T: apiAccount.")
    sop_service = fields.Char(
        "Service", help="GHN: none, it goes by the weight. GHTK: road or fly. Viettel Post: code of the service. J&T: EXPRESS, FAST or SUPER."
    )
    sop_days = fields.Float("Days on the Way", help="Shown beside the price; a carrier that says so itself comes first.")

    @api.constrains("sop_api_url")
    def _check_sop_api_url(self):
        for carrier in self.sudo().filtered("sop_api_url"):  # sudo: the field is the system's; this only reads it
            try:
                read_url(carrier.sop_api_url)
            except Broken:
                raise ValidationError(
                    self.env._("This is no address of a server, such as https://example.com: %(address)s", address=carrier.sop_api_url)
                )

    @api.depends("sop_username", "sop_password", "sop_api_url")
    def _compute_sop_session(self):
        """Another account logs in anew."""
        self.sop_session = False

    # === RATE ===

    @api.private
    def ghn_rate_shipment(self, order):
        """See ``rate_shipment``."""
        return self._sop_rate_shipment(order)

    @api.private
    def ghtk_rate_shipment(self, order):
        """See ``rate_shipment``."""
        return self._sop_rate_shipment(order)

    @api.private
    def viettelpost_rate_shipment(self, order):
        """See ``rate_shipment``."""
        return self._sop_rate_shipment(order)

    @api.private
    def jt_rate_shipment(self, order):
        """See ``rate_shipment``."""
        return self._sop_rate_shipment(order)

    def _sop_rate_shipment(self, order):
        """Return core's dict of a rate, with ``sop_cost`` and ``sop_days``; a failure is in ``error_message``, never raised."""
        rates = received(self.env, "sop_rates")
        answer = (rates if rates is not None else self._sop_fetch_rates(order)).get(self.id)
        if answer is None or isinstance(answer, CarrierError):
            message = self._sop_error(answer or CarrierError("config"))
            return {"success": False, "price": 0.0, "error_message": message, "warning_message": False}
        vnd = self.env.ref("base.VND")
        company = self.company_id or order.company_id
        price = vnd._convert(answer["price"], order.currency_id, company, order.date_order or fields.Date.today())
        return {
            "success": True,
            "price": price,
            "error_message": False,
            "warning_message": False,
            "sop_cost": price,
            "sop_days": answer["days"],
        }

    def _sop_error(self, error):
        """Return a CarrierError as a sentence for the person who quotes."""
        name = self.name
        sentences = {
            "timeout": self.env._("%(carrier)s took too long to answer.", carrier=name),
            "network": self.env._("%(carrier)s cannot be reached now.", carrier=name),
            "rubbish": self.env._("%(carrier)s gave an answer that cannot be read.", carrier=name),
            "address": self.env._("%(carrier)s does not know the address: ward and province are needed.", carrier=name),
            "config": self.env._("%(carrier)s did not accept the shop's account.", carrier=name),
            "weight": self.env._("%(carrier)s takes no parcel heavier than %(limit)s.", carrier=name, limit=error.detail),
            "size": self.env._("%(carrier)s takes no parcel with a side longer than %(limit)s.", carrier=name, limit=error.detail),
            "unserved": self.env._("%(carrier)s does not deliver to %(ward)s now.", carrier=name, ward=error.detail),
            "cod": self.env._("%(carrier)s collects no more than %(limit)s.", carrier=name, limit=error.detail),
        }
        if error.code == "network" and error.in_doubt:
            return self.env._("%(carrier)s broke off before it had answered.", carrier=name)
        sentence = sentences.get(error.code) or self.env._("%(carrier)s refused:", carrier=name)
        return f"{sentence} {error.detail}".strip() if error.code in ("refused", "config") else sentence

    # === PARCEL ===

    def _sop_service(self):
        """Return the model that speaks with this carrier."""
        return self.env[f"sop.carrier.{self.delivery_type}"]

    def _sop_config(self):
        """Return the account at the carrier; for the service only, never for a client."""
        carrier = self.sudo()  # sudo: the token is the system's, for any user who quotes
        return Config(
            url=(carrier.sop_api_url or carrier._sop_service()._url).rstrip("/"),
            token=carrier.sop_token or "",
            shop=carrier.sop_shop or "",
            username=carrier.sop_username or "",
            password=carrier.sop_password or "",
            service=carrier.sop_service or "",
            trusted=carrier.sop_api_url or "",
            secret=carrier.sop_hook_secret or "",
            session={"token": carrier.sop_session} if carrier.sop_session else {},
        )

    def _sop_keep_session(self, session):
        """Keep what a carrier's module left in the session of a Config: the next call need not log in."""
        carrier = self.sudo()  # sudo: the account is the system's, for any user who asks
        if session.get("token", False) != carrier.sop_session:
            carrier.sop_session = session.get("token", False)

    def _sop_place(self, partner):
        """Return an address as the carrier's Address."""
        partner = partner.sudo()  # sudo: the warehouse's address
        place = self.env["sop.carrier.place"]._find(self.delivery_type, partner)
        own = place.fetched_at and place.city_id
        return Address(
            name=partner.name or "",
            phone=partner.phone or partner.commercial_partner_id.phone or "",
            street=", ".join(filter(None, [partner.street, partner.street2])),
            ward=place.ward or partner.city or "",
            district=place.district or "",
            province=own and place.province or _plain_province(partner.state_id.name or ""),
            ward_id=own and place.ward_code or "",
            district_id=own and place.district_code or "",
            province_id=own and place.province_code or "",
            closed=bool(own and place.closed),
            district_code=not own and place.district_code or "",
            ward_code=not own and place.ward_code or "",
        )

    def _sop_grams(self, weight):
        """Return a weight of the database's unit in grams; what weighs nothing is assumed to be a small parcel."""
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        return round(unit._compute_quantity(weight, self.env.ref("uom.product_uom_gram"))) or ASSUMED_WEIGHT

    def _sop_parcel(self, order):
        """Return the parcel of an order that need not be confirmed yet."""
        total = order._sop_dong(order._compute_amount_total_without_delivery())
        warehouse = order.warehouse_id.sudo()  # sudo: where a parcel comes from, for any user who quotes
        return Parcel(
            sender=self._sop_place(warehouse.partner_id or order.company_id.partner_id),
            receiver=self._sop_place(order.partner_shipping_id),
            weight=self._sop_grams(order._get_estimated_weight()),
            value=max(0, total),
            cod=max(0, total) if order.sop_payment == "cod" else 0,
        )

    def _sop_fetch_rates(self, order, budget=None):
        """Ask every carrier of ``self`` with an interface at once, those not asked lately.

        :return: dict carrier id -> dict ``price``, ``days``, or the CarrierError
        """
        ours = self.filtered(lambda carrier: carrier.delivery_type in CARRIER_TYPES)
        parcels = {carrier.id: carrier._sop_parcel(order) for carrier in ours}
        configs = {carrier.id: carrier._sop_config() for carrier in ours}
        keys = {id_: self._sop_rate_key(configs[id_], parcel) for id_, parcel in parcels.items()}
        fresh = self.env["sop.carrier.rate"]._fresh(keys)
        jobs = {
            carrier.id: carrier._sop_service()._quote_job(configs[carrier.id], parcels[carrier.id]) for carrier in ours if carrier.id not in fresh
        }
        answers = {id_: {"price": rate.price, "days": rate.days} for id_, rate in fresh.items()}
        for id_, result in ask_all(jobs, budget or QUOTE_BUDGET).items():
            if isinstance(result, CarrierError):
                answers[id_] = result
            else:
                answers[id_] = {"price": result.price, "days": result.days, "keep": (keys[id_], result), "session": configs[id_].session}
        return answers

    def _sop_rate_key(self, config, parcel):
        """What two questions with the same answer have in common: whose parcel it is does not decide its price."""
        sender, receiver = (dataclasses.replace(place, name="", phone="") for place in (parcel.sender, parcel.receiver))
        parcel = dataclasses.replace(parcel, sender=sender, receiver=receiver)
        return hashlib.sha256(repr((config.facts(), dataclasses.astuple(parcel))).encode()).hexdigest()
