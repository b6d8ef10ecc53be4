from odoo import http
from odoo.http import request
from odoo.tools import consteq
from werkzeug.exceptions import RequestEntityTooLarge

from ..tools.arguments import is_clean
from ..tools.bank_feeds import LONGEST


class BankController(http.Controller):
    """Where services report money, and where a customer goes on after choosing to transfer it."""

    @http.route(
        "/sop/bank/<string:provider>/<string:key>", type="sop_signed", auth="public", methods=["POST"], save_session=False, max_content_length=LONGEST
    )
    def receive(self, provider, key, **_parameters):
        """Take movements of a bank account; see ``sop.bank.feed._sop_receive`` for the statuses. Answered after the commit."""
        try:
            raw = request.httprequest.get_data()
        except RequestEntityTooLarge:  # by the limit above
            raw = None
        # sudo: the service has no user; its signature is checked first
        status = request.env["sop.bank.feed"].sudo()._sop_receive(provider, key, raw, request.httprequest.headers)
        return request.make_json_response({"success": status == 200}, status=status)

    @http.route("/sop/bank/chosen", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def chosen(self, **post):
        """The customer has chosen the transfer: it waits for the bank. Says nothing of the money. Idempotent."""
        reference = post.get("reference")
        # sudo: customers may not touch transactions; all that can happen is that a draft one waits
        request.env["payment.transaction"].sudo()._process(
            "sop_bank", {"reference": reference if isinstance(reference, str) and is_clean(reference) else ""}
        )
        return request.redirect("/payment/status")

    @http.route("/sop/bank/state/<int:order_id>", type="http", auth="public", methods=["GET"], save_session=False, readonly=True)
    def state(self, order_id, access_token="", **_parameters):
        """Answer a page that waits for a transfer with what came. 404 without the order's own key."""
        # sudo: a visitor has no rights on orders; the key of this one is checked
        order = request.env["sale.order"].sudo().browse(order_id if order_id < 2**31 else 0).exists()
        if not order or not order.access_token or not consteq(order.access_token.encode(), access_token.encode(errors="replace")):
            return request.make_json_response({}, status=404)
        return request.make_json_response(order._sop_transfer_state(), headers=[("Cache-Control", "no-store")])
