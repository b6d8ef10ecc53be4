from odoo import api, models


class ResPartner(models.Model):
    """A contact's ward: the text core keeps as city, and the ward of the country's list, say the same."""

    _inherit = "res.partner"

    @api.model
    def _sop_fit_ward(self, partners, chosen=None):
        """A ward that was chosen fills the text; a text that was written finds its ward, or has none."""
        wards, known = self.env["res.city"], {}
        for partner in partners:
            city = partner.city_id
            if city.sop_code and (chosen or chosen is None and not partner.city):
                values = city._sop_address()
            elif city.sop_code and (partner.city, partner.state_id) == (city.name, city.state_id) or city and not city.sop_code:
                continue
            elif partner.country_id.code not in (False, "VN") or partner.state_id.country_id.code != "VN":
                values = {"city_id": False} if city.sop_code else {}
            else:
                key = partner.city, partner.state_id
                found = known[key] if key in known else known.setdefault(key, wards._sop_find(*key))
                values = found._sop_address() if found else {"city_id": False}
            changed = {name: value for name, value in values.items() if (partner[name].id if name.endswith("_id") else partner[name]) != value}
            if changed:
                partner.write(changed)  # says the same of both, so nothing is left to fit
