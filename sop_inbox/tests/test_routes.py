from odoo.tests import HttpCase, tagged

from odoo.addons.sop_pipeline.tests.routes import Route, RoutesCase

from ..tools.facebook import sign as sign_facebook

RULE = "/sop/webhook/<string:provider>/<string:key>"


@tagged("post_install", "-at_install")
class TestRoutes(RoutesCase, HttpCase):
    """Rubbish for the address of platforms, signed."""

    addon = "sop_inbox"
    routes = {
        (RULE, "http"): Route(
            {"provider": "facebook", "key": "hook-r"}, query={"hub.mode": "subscribe", "hub.verify_token": "tôi", "hub.challenge": "1"}
        ),
        ("/sop/parcel/<string:carrier>/<string:key>", "sop_signed"): Route(
            {"carrier": "ghn", "key": "hook-c"}, headers=lambda body: {"X-Sop-Secret": "s2"}, said={"OrderCode": "A", "Status": "delivered"}
        ),
        (RULE, "sop_signed"): Route(
            {"provider": "facebook", "key": "hook-r"},
            headers=lambda body: {"X-Hub-Signature-256": sign_facebook("s1", body)},
            said={"object": "page", "entry": [{"id": "1", "messaging": [{"sender": {"id": "2"}, "message": {"mid": "m", "text": "x"}}]}]},
        ),
    }

    def setUp(self):
        super().setUp()
        self.env["sop.channel.app"].create(
            {"provider": "facebook", "app_ref": "r", "app_secret": "s1", "verify_token": "tôi", "webhook_key": "hook-r"}
        )
        fee = self.env["product.product"].create({"name": "Phí", "type": "service"})
        self.env["delivery.carrier"].create(
            {"name": "GHN", "delivery_type": "ghn", "product_id": fee.id, "sop_hook_key": "hook-c", "sop_hook_secret": "s2"}
        )
