import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.sop_pipeline.tools.transactions import replayed
from odoo.addons.sop_pipeline.tools.wards import fold as fold_name

from ...tools.carrier_base import CarrierError
from ...tools.words import fold
from .delivery_carrier import CARRIER_TYPES

_logger = logging.getLogger(__name__)
FRESH = timedelta(days=7)  # a carrier's list is fetched again when it is older


class SopCarrierPlace(models.Model):
    """What a carrier calls a ward.

    A carrier's own list is fetched by a job where it has one (``places`` of its module): the wards of today in its own spelling, and those
    it does not go to. Once it is here there are no rows by hand: these are for carriers without a list, and for its older codes before it.
    An address that is not here is reported to the person who quotes, and the other carriers go on.
    """

    _name = "sop.carrier.place"
    _description = "Place of a Carrier"
    _inherit = ["sop.guard.mixin"]
    _order = "delivery_type, state_id, ward"
    _rec_name = "ward"

    delivery_type = fields.Selection([("ghn", "GHN"), ("ghtk", "GHTK"), ("viettelpost", "Viettel Post"), ("jt", "J&T")], required=True)
    state_id = fields.Many2one("res.country.state", "Province", required=True, index=True, ondelete="cascade")
    city_id = fields.Many2one("res.city", "Ward of Today", index="btree_not_null", ondelete="cascade")
    ward = fields.Char(required=True)
    ward_key = fields.Char(compute="_compute_ward_key", store=True, precompute=True)
    province = fields.Char("Province at the Carrier", readonly=True)
    district = fields.Char("Old District")
    district_code = fields.Char()
    ward_code = fields.Char()
    province_code = fields.Char(readonly=True)
    closed = fields.Boolean("Not Served", readonly=True)
    fetched_at = fields.Datetime("As of", readonly=True, help="When the carrier's own list said so; empty for a row by hand.")

    _once = models.UniqueIndex("(delivery_type, state_id, ward_key) WHERE fetched_at IS NULL", "This ward has its codes already.")
    _once_fetched = models.UniqueIndex("(delivery_type, city_id) WHERE fetched_at IS NOT NULL", "This ward is in the carrier's list already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"state_id": "read", "city_id": "read"}

    @api.constrains("delivery_type", "fetched_at")
    def _check_by_hand(self):
        """A list that is fetched is not kept by hand beside."""
        for delivery_type in {place.delivery_type for place in self if not place.fetched_at}:
            if self._newest(delivery_type):
                carrier = dict(self._fields["delivery_type"]._description_selection(self.env))[delivery_type]
                raise ValidationError(
                    self.env._("%(carrier)s has a list of its own, which is fetched every week: nothing is entered by hand there.", carrier=carrier)
                )

    @api.model
    def _newest(self, delivery_type):
        """Return when a carrier's own list was fetched last; False when it never was."""
        domain = [("delivery_type", "=", delivery_type), ("fetched_at", "!=", False)]
        return self.sudo().search(domain, order="fetched_at desc", limit=1).fetched_at  # sudo: a date

    @api.depends("ward")
    def _compute_ward_key(self):
        for place in self:
            place.ward_key = place._key(place.ward)

    @api.model
    def _key(self, ward):
        """Return a ward's name without accents, capitals and its kind: "P. Bến Nghé" and "phường ben nghe" are one."""
        words = fold(ward or "").replace(".", " ").split()
        kinds = (["phuong"], ["p"], ["xa"], ["x"], ["thi", "tran"], ["tt"], ["dac", "khu"])
        for kind in kinds:
            if len(words) > len(kind) and words[: len(kind)] == kind:
                return " ".join(words[len(kind) :])
        return " ".join(words)

    @api.model
    def _find(self, delivery_type, partner):
        """Return the carrier's place of an address: by its ward of today in the carrier's list, else by hand; or none."""
        places = self.sudo()  # sudo: a list of places is no secret, a seller may not read it all
        if partner.city_id:
            domain = [("delivery_type", "=", delivery_type), ("city_id", "=", partner.city_id.id), ("fetched_at", "!=", False)]
            if found := places.search(domain, limit=1):
                return found
        if not partner.state_id or not partner.city:
            return self.browse()
        domain = [
            ("delivery_type", "=", delivery_type),
            ("state_id", "=", partner.state_id.id),
            ("ward_key", "=", self._key(partner.city)),
            ("fetched_at", "=", False),
        ]
        return places.search(domain, limit=1)

    # === THE CARRIER'S LIST ===

    @api.model
    @replayed
    def _cron_fetch(self):
        """Fetch the lists that are older than a week, one account of each carrier; what fails is tried again the next day."""
        carriers = self.env["delivery.carrier"].search([("delivery_type", "in", CARRIER_TYPES)], order="id")
        for delivery_type, same in carriers.grouped("delivery_type").items():
            newest, config = self._newest(delivery_type), same[0]._sop_config()
            if newest and newest > fields.Datetime.now() - FRESH:
                continue
            try:
                listed = same[0]._sop_service()._places(config)
            except CarrierError as error:
                _logger.warning("carrier %s: its list of wards could not be fetched (%s)", same[0].id, error.code)
                continue
            same[0]._sop_keep_session(config.session)
            self._take_over(delivery_type, listed)

    @api.model
    def _take_over(self, delivery_type, listed):
        """Keep a carrier's list: names as it spells them, wards it does not serve, wards of its provinces it does not know (closed as well)."""
        wards = self.env["res.city"].search([("country_id.code", "=", "VN"), ("sop_code", "!=", False)])
        found = self._match(wards, listed)
        if not found:
            return
        known = {place.city_id: place for place in self.search([("delivery_type", "=", delivery_type), ("fetched_at", "!=", False)])}
        now, new = fields.Datetime.now(), []
        provinces = {ward.state_id for ward in found}
        for ward in wards.filtered(lambda ward: ward in known or ward.state_id in provinces):
            if row := found.get(ward):
                values = {"ward": row.ward, "province": row.province, "ward_code": row.ward_id, "closed": not row.served, "fetched_at": now}
                values |= {"district_code": row.district_id, "province_code": row.province_id}
            else:
                values = {"closed": True, "fetched_at": now}
            if ward in known:
                known[ward].write(values)
            else:
                new.append({"ward": ward.name, **values, "delivery_type": delivery_type, "state_id": ward.state_id.id, "city_id": ward.id})
        self.create(new)
        self.search([("delivery_type", "=", delivery_type), ("fetched_at", "=", False)]).unlink()

    @api.model
    def _match(self, wards, listed):
        """Return dict ward of today -> the Place a carrier lists for it: by the name as written, else by its letters where these are one ward's."""
        exact, folded, found = {}, {}, {}
        for ward in wards:
            province = ward._sop_province_key(ward.state_id.name)
            exact[province, ward.name.lower()] = ward
            folded.setdefault((province, _letters(ward.name)), []).append(ward)
        for row in listed:
            province = wards._sop_province_key(row.province)
            same = folded.get((province, _letters(row.ward)), ())
            ward = exact.get((province, row.ward.lower())) or (same[0] if len(same) == 1 else None)
            if ward:
                found.setdefault(ward, row)
        return found


def _letters(name):
    """What two spellings of a ward share: no accents, "Quy Nhơn" as "Qui Nhơn"."""
    return fold_name(name).replace("y", "i")
