import logging

from odoo import api, fields, models

from ..tools.wards import fold, search_phrases, search_words, version, wards

_logger = logging.getLogger(__name__)
LOADED = "sop_pipeline.wards_loaded"


class ResCity(models.Model):
    """Wards of Vietnam: what core calls the cities of a country, here with their official code.

    Since 1 July 2025 there are 34 provinces with 3,321 wards, and no districts.
    """

    _inherit = "res.city"

    active = fields.Boolean(default=True)
    sop_code = fields.Char("Official Code", index="btree_not_null", readonly=True, copy=False)
    sop_search = fields.Char(readonly=True, copy=False, help="The names it is found by, today's and old ones, without accents.")

    _sop_code_once = models.UniqueIndex("(country_id, sop_code) WHERE sop_code IS NOT NULL", "There is a ward with this code already.")

    # === LOADING ===

    @api.model
    def _sop_load_wards(self):
        """Bring the wards to what the installed data says: new ones are added, renamed ones take their new name by their code.

        One that is no more is archived: people live in it. Nothing is done when this version of the data is here already.
        """
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: what was loaded is no user's setting
        if parameters.get_param(LOADED) == version():
            return
        country = self.env.ref("base.vn")
        states = self._sop_states(country)
        cities = self.sudo().with_context(active_test=False, lang=None)  # sudo: the country's list is the system's
        known = {city.sop_code: city for city in cities.search([("country_id", "=", country.id), ("sop_code", "!=", False)])}
        new = []
        for ward in wards():
            state = states.get(_province_key(ward.province))
            if not state:
                _logger.warning("wards: no province in this database for code %s", ward.province_code)
                continue
            values = {"name": ward.name, "state_id": state.id, "active": True, "sop_search": search_words(ward)}
            city = known.pop(ward.code, None)
            if not city:
                new.append({**values, "country_id": country.id, "sop_code": ward.code})
            elif changed := {name: value for name, value in values.items() if (city[name].id if name == "state_id" else city[name]) != value}:
                city.write(changed)
        cities.create(new)
        cities.concat(*known.values()).filtered("active").active = False
        if not country.enforce_cities:
            country.enforce_cities = True
        parameters.set_param(LOADED, version())

    @api.model
    def _sop_states(self, country):
        """Return dict key of a name -> province."""
        return {_province_key(state.name): state for state in self.env["res.country.state"].search([("country_id", "=", country.id)])}

    @api.model
    def _sop_province_key(self, name):
        """Return a province's name as ``_sop_states`` has it."""
        return _province_key(name)

    # === SEARCH ===

    @api.model
    def _search_display_name(self, operator, value):
        """Find a ward without accents, by its kind or without, by an old name too: "p. tan binh", "thanh xu", "F15 Q.1"."""
        domain = super()._search_display_name(operator, value)
        if operator not in ("ilike", "=ilike") or not isinstance(value, str) or not (phrases := search_phrases(value)):
            return domain
        return fields.Domain.OR([domain, fields.Domain.AND([[("sop_search", "like", phrase)] for phrase in phrases])])

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Those whose own name begins with what was typed come first, those of an old name last."""
        found = super().name_search(name, domain, operator, None if name else limit)
        phrases = search_phrases(name) if isinstance(name, str) else []
        if phrases and len(found) > 1:
            words = {city.id: city.sop_search or "" for city in self.browse([id_ for id_, _name in found])}
            found.sort(key=lambda pair: _rank(words[pair[0]], phrases[0]))
        return found[:limit] if limit else found

    @api.depends("name", "zipcode", "state_id", "sop_code")
    @api.depends_context("show_state")
    def _compute_display_name(self):
        super()._compute_display_name()
        for city in self.filtered("sop_code"):
            city.display_name = f"{city.name}, {city.state_id.name}" if self.env.context.get("show_state", True) and city.state_id else city.name

    def _sop_address(self):
        """Return the values of an address in this ward."""
        return {"city_id": self.id, "city": self.name, "state_id": self.state_id.id, "country_id": self.country_id.id}

    @api.model
    def _sop_find(self, ward, state):
        """Return the ward of a name in a province, when there is exactly one.

        :param ward: as written, with its kind or without
        """
        key = fold(ward or "")
        if not key or not state:
            return self.browse()
        found = self.sudo().search([("state_id", "=", state.id), ("sop_search", "like", f" {key} ")])  # sudo: the list of wards is no secret
        for city in found:
            own = city.sop_search.partition("|")[0].strip()
            if own == key or any(own == f"{kind} {key}" for kind in ("phuong", "xa", "dac khu")):
                same = found.filtered(lambda other: _bare(other) == _bare(city))  # noqa: B023
                return city if len(same) == 1 or own == key and len(same.filtered(lambda other: other.name == ward)) == 1 else self.browse()
        return self.browse()


def _bare(city):
    """The own name of a ward without its kind and accents."""
    own = city.sop_search.partition("|")[0].strip()
    return own.removeprefix("phuong ").removeprefix("xa ").removeprefix("dac khu ")


def _rank(words, phrase):
    own, bare = words.partition("|")[0], phrase.strip()
    return not own.strip().removeprefix("phuong ").removeprefix("xa ").startswith(bare), f" {bare}" not in own


def _province_key(name):
    """A province's name without kind and accents: "TP Hồ Chí Minh", "Thành phố Hồ Chí Minh"; Huế has two names."""
    key = fold(name)
    for kind in ("thanh pho ", "tinh ", "tp "):
        key = key.removeprefix(kind)
    return "hue" if key == "thua thien hue" else key
