import hashlib
import hmac
import time

from odoo.tests import HttpCase, tagged

from ..tools.bank_feeds import sepay_signature
from .routes import Route, RoutesCase


@tagged("post_install", "-at_install", "sop_pipeline")
class TestRoutes(RoutesCase, HttpCase):
    """Rubbish for the address of telephone exchanges, signed."""

    addon = "sop_pipeline"

    def setUp(self):
        super().setUp()
        exchange = self.env["sop.exchange"].create({"name": "Tổng đài"})
        feed = self.env["sop.bank.feed"].create({"name": "VCB", "account_number": "0123499999", "secret": "s"})
        order = self.env["sale.order"].create({"partner_id": self.env.user.partner_id.id})
        moved = {"id": 1, "transactionDate": "2026-11-29 09:00:00", "accountNumber": "0123499999", "transferType": "in", "transferAmount": 1000}
        called = {"id": "c", "direction": "in", "from": "0912345678", "started_at": "2026-11-29T10:00:00Z", "ended_at": "2026-11-29T10:01:00Z"}
        self.routes = {
            ("/sop/bank/<string:provider>/<string:key>", "sop_signed"): Route(
                {"provider": "sepay", "key": feed.key},
                headers=lambda body: {"X-SePay-Timestamp": (now := str(int(time.time()))), "X-SePay-Signature": sepay_signature("s", now, body)},
                said=moved | {"content": "SOP", "referenceCode": "FT1"},
            ),
            ("/sop/bank/chosen", "http"): Route(form={"reference": "S00001"}),
            ("/sop/bank/state/<int:order_id>", "http"): Route({"order_id": order.id}, query={"access_token": order._portal_ensure_token()}),
            ("/sop/wards", "http"): Route(query={"q": "thanh xu", "state_id": "1"}),
            ("/sop/call-event/<string:key>", "sop_signed"): Route(
                {"key": exchange.key},
                headers=lambda body: {"X-Sop-Signature": "sha256=" + hmac.new(exchange.secret.encode(), body, hashlib.sha256).hexdigest()},
                said=called,
            ),
        }
