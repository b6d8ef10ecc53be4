from odoo import http
from odoo.http import request


class CallEventController(http.Controller):
    """Where telephone exchanges report calls (row P11)."""

    @http.route("/sop/call-event/<string:key>", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def call_event(self, key, **_parameters):
        """Take one event as JSON; see ``sop.exchange._sop_receive`` for the statuses.

        No CSRF token: the caller is a machine, and the signature over the raw body is what proves who it is.
        """
        raw = request.httprequest.get_data()
        # sudo: the exchange has no user; its signature is checked first
        status = request.env["sop.exchange"].sudo()._sop_receive(key, raw, request.httprequest.headers)
        return request.make_json_response({"ok": status == 200}, status=status)
