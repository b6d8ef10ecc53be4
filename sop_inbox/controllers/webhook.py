from odoo import http
from odoo.http import request

from odoo.addons.sop_pipeline.controllers import signed_dispatcher  # noqa: F401  # the kind of route below

BODY_LIMIT = 5 * 1024 * 1024
ROUTE = "/sop/webhook/<string:provider>/<string:key>"


class SopWebhook(http.Controller):
    """The webhook of platforms: verified over the bytes, stored once, answered at once."""

    @http.route(ROUTE, type="http", auth="public", methods=["GET"], csrf=False, save_session=False)
    def handshake(self, provider, key, **params):
        """Answer the platform's question whether this address is ours. 404 unknown key, 403 wrong word."""
        # sudo: the platform has no user here; the key in the address is looked up, nothing is revealed
        app = request.env["sop.channel.app"].sudo()._find_by_key(provider, key)
        if not app:
            return request.make_response("", status=404)
        challenge = app._handshake(params)
        status = 403 if challenge is None else 200
        return request.make_response(challenge or "", headers=[("Content-Type", "text/plain; charset=utf-8")], status=status)

    @http.route(ROUTE, type="sop_signed", auth="public", methods=["POST"], save_session=False, max_content_length=BODY_LIMIT)
    def receive(self, provider, key, **_params):
        """Store what a platform reports. 404 unknown key, 413 too large, 403 bad signature, else 200 once committed."""
        # sudo: see handshake; what is written are events of the app whose secret signed them
        app = request.env["sop.channel.app"].sudo()._find_by_key(provider, key)
        if not app:
            return request.make_response("", status=404)
        stored = app._receive(request.httprequest.get_data(), request.httprequest.headers)
        return request.make_response("" if stored is None else "ok", status=403 if stored is None else 200)
