from odoo import http
from odoo.http import request

from odoo.addons.sop_pipeline.controllers import signed_dispatcher  # noqa: F401  # the kind of route below

BODY_LIMIT = 256 * 1024


class SopParcelWebhook(http.Controller):
    """The webhook of carriers: let in, stored once, answered at once."""

    @http.route(
        "/sop/parcel/<string:carrier>/<string:key>",
        type="sop_signed",
        auth="public",
        methods=["POST"],
        save_session=False,
        max_content_length=BODY_LIMIT,
    )
    def receive(self, carrier, key, **_params):
        """Store what a carrier reports. 404 unknown key, 413 too large, 403 not the carrier, else 200 once committed."""
        # sudo: a carrier has no user here; its key is looked up, and what is written is its own words
        method = request.env["delivery.carrier"].sudo()._sop_find_by_hook(carrier, key)
        if not method:
            return request.make_response("", status=404)
        stored = method._sop_receive(request.httprequest.get_data(), request.httprequest.headers, request.httprequest.args)
        if stored is None:
            return request.make_response("", status=403)
        # what J&T asks for; the others look at the status alone
        return request.make_json_response({"code": "1", "msg": "success"})
