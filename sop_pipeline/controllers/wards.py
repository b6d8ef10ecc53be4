from odoo import http
from odoo.http import request

from ..tools.arguments import is_clean

LONGEST = 80  # letters of what is looked for
SHOWN = 8
KEPT = 3600  # seconds a browser keeps an answer


class WardController(http.Controller):
    """The wards of the country, for the address pages of customers."""

    @http.route("/sop/wards", type="http", auth="public", methods=["GET"], save_session=False, readonly=True)
    def find(self, q="", state_id="", **_parameters):
        """Return the wards a customer may mean, likeliest first: list of dict ``name, state_id, state``.

        :param q: what was typed, without accents, with the kind before it, or an old name; two letters at least
        :param state_id: id of the province, when one is chosen
        """
        found = []
        if 2 <= len(q.strip()) <= LONGEST and is_clean(q):
            # sudo: the country's list of wards is no secret, a visitor has no rights on it
            wards = request.env["res.city"].sudo()
            domain = [("sop_code", "!=", False)]
            if state_id.isascii() and state_id.isdigit() and len(state_id) < 10:
                domain.append(("state_id", "=", int(state_id)))
            rows = wards.browse([id_ for id_, _name in wards.name_search(q, domain, limit=SHOWN)])
            found = [{"name": ward.name, "state_id": ward.state_id.id, "state": ward.state_id.name} for ward in rows]
        return request.make_json_response(found, headers={"Cache-Control": f"public, max-age={KEPT}"})
