from odoo import http
from odoo.http import request
from werkzeug.exceptions import RequestEntityTooLarge

from ..models.sop_exchange import LONGEST_EVENT


class CallEventController(http.Controller):
    """Where telephone exchanges report calls (row P11)."""

    @http.route(
        "/sop/call-event/<string:key>", type="sop_signed", auth="public", methods=["POST"], save_session=False, max_content_length=LONGEST_EVENT
    )
    def call_event(self, key, **_parameters):
        """Take one event as JSON; see ``sop.exchange._sop_receive`` for the statuses."""
        try:
            raw = request.httprequest.get_data()
        except RequestEntityTooLarge:  # by the limit above
            raw = None
        # sudo: the exchange has no user; its signature is checked first
        status = request.env["sop.exchange"].sudo()._sop_receive(key, raw, request.httprequest.headers)
        return request.make_json_response({"ok": status == 200}, status=status)
