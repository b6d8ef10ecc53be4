import json

from odoo.tests import HttpCase, tagged

from odoo.addons.sop_pipeline.tests.queries import statements

from ..tools.facebook import sign as sign_facebook
from ..tools.zalo import sign as sign_zalo


@tagged("post_install", "-at_install")
class TestDoorCost(HttpCase):
    """What a webhook of a platform or a carrier costs, whatever else the machine does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apps = cls.env["sop.channel.app"].create(
            [
                {"provider": "facebook", "app_ref": "cf", "app_secret": "s1", "webhook_key": "cost-f"},
                {"provider": "zalo", "app_ref": "cz", "oa_secret": "s2", "webhook_key": "cost-z"},
            ]
        )
        fee = cls.env["product.product"].create({"name": "Phí", "type": "service"})
        cls.env["delivery.carrier"].create(
            {"name": "GHN", "delivery_type": "ghn", "product_id": fee.id, "sop_hook_key": "cost-c", "sop_hook_secret": "s3"}
        )

    def assert_cost(self, address, said, sign, expected):
        """One request of a door that was used before asks the database exactly this; so does a repetition."""
        for warm, number in ((False, 1), (True, 2), (True, 2)):
            raw = json.dumps(said(number)).encode()
            with statements() as asked:
                answer = self.url_open(address, data=raw, headers={"Content-Type": "application/json"} | sign(raw))
            self.assertEqual(answer.status_code, 200)
            self.assertTrue(not warm or asked == expected, asked)

    def test_facebook(self):
        def said(number):
            messages = [{"message": {"mid": f"c{number}.{each}", "text": "Chào"}, "sender": {"id": "5"}} for each in range(3)]
            return {"object": "page", "entry": [{"id": "1", "time": 1, "messaging": messages}]}

        expected = ["SELECT sop_channel_app", "SAVEPOINT", "INSERT sop_channel_event", "RELEASE"]
        self.assert_cost("/sop/webhook/facebook/cost-f", said, lambda raw: {"X-Hub-Signature-256": sign_facebook("s1", raw)}, expected)
        self.assertEqual(self.env["sop.channel.event"].search_count([("app_id", "=", self.apps[0].id)]), 6)

    def test_zalo(self):
        def said(number):
            return {
                "app_id": "cz",
                "event_name": "user_send_text",
                "timestamp": "1",
                "sender": {"id": "5"},
                "recipient": {"id": "1"},
                "message": {"msg_id": f"c{number}", "text": "Chào"},
            }

        expected = ["SELECT sop_channel_app", "SAVEPOINT", "INSERT sop_channel_event", "RELEASE"]
        self.assert_cost("/sop/webhook/zalo/cost-z", said, lambda raw: {"X-ZEvent-Signature": sign_zalo("cz", raw, "1", "s2")}, expected)
        self.assertEqual(self.env["sop.channel.event"].search_count([("app_id", "=", self.apps[1].id)]), 2)

    def test_a_carrier(self):
        expected = ["SELECT delivery_carrier", "SAVEPOINT", "INSERT sop_parcel_news", "RELEASE"]
        self.assert_cost(
            "/sop/parcel/ghn/cost-c", lambda number: {"OrderCode": f"C{number}", "Status": "delivered"}, lambda raw: {"X-Sop-Secret": "s3"}, expected
        )
        self.assertEqual(self.env["sop.parcel.news"].search_count([("carrier_id.sop_hook_key", "=", "cost-c")]), 2)
