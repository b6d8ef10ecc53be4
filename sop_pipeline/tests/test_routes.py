import hashlib
import hmac

from odoo.tests import HttpCase, tagged

from .routes import Route, RoutesCase


@tagged("post_install", "-at_install", "sop_pipeline")
class TestRoutes(RoutesCase, HttpCase):
    """Rubbish for the address of telephone exchanges, signed."""

    addon = "sop_pipeline"

    def setUp(self):
        super().setUp()
        exchange = self.env["sop.exchange"].create({"name": "Tổng đài"})
        self.routes = {
            ("/sop/call-event/<string:key>", "sop_signed"): Route(
                {"key": exchange.key},
                headers=lambda body: {"X-Sop-Signature": "sha256=" + hmac.new(exchange.secret.encode(), body, hashlib.sha256).hexdigest()},
            )
        }
