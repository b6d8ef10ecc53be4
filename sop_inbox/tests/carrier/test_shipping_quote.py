from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestShippingQuote(OrderCommon):
    """The lorry: fees of all carriers from an address alone; what was quoted is what the order charges."""

    def setUp(self):
        super().setUp()
        self.desk = self.env["sop.shipping.desk"].with_user(self.agent).browse(self.conversation.id)
        self.address = {"state_id": self.saigon.id, "city": "Phường Bến Thành", "street": ""}

    def test_without_order_and_customer(self):
        people = self.env["res.partner"].search_count([])
        products = self.env["product.product"].with_context(active_test=False).search_count([])
        rows = {row["id"]: row for row in self.desk.get_quotes(self.address)}
        self.assertEqual((rows[self.slow.id]["price"], rows[self.fast.id]["price"]), (25_000, 45_000))
        self.assertTrue(rows[self.slow.id]["cheapest"] and rows[self.fast.id]["fastest"])
        self.assertFalse(self.conversation.partner_id or self.conversation.order_ids)
        self.assertEqual(self.env["res.partner"].search_count([]), people)
        self.assertEqual(self.env["product.product"].with_context(active_test=False).search_count([]), products)

    def test_a_heavier_parcel(self):
        self.slow.write({"delivery_type": "base_on_rule"})
        self.env["delivery.price.rule"].create(
            [
                {"carrier_id": self.slow.id, "variable": "weight", "operator": "<=", "max_value": 1, "list_base_price": 20_000},
                {"carrier_id": self.slow.id, "variable": "weight", "operator": ">", "max_value": 1, "list_base_price": 60_000},
            ]
        )
        prices = [next(row["price"] for row in self.desk.get_quotes(self.address, grams) if row["id"] == self.slow.id) for grams in (300, 3000)]
        self.assertEqual(prices, [20_000, 60_000])

    def test_quoted_is_charged(self):
        text = self.desk.action_quote(self.fast.id, self.address)
        self.assertIn("45.000", text.replace(",", "."))
        self.assertIn("Phường Bến Thành", text)
        self.fast.fixed_price = 80_000
        self.fast.product_id.list_price = 80_000
        values = self.conversation.with_user(self.agent).action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})["order"]
        self.assertEqual((values["carrier"]["id"], values["totals"]["shipping"]), (self.fast.id, 45_000))
        talk = self.conversation.with_user(self.agent)
        values = talk.action_update_order({"carrier_id": False})["order"]
        values = talk.action_update_order({"add": {"product_id": self.cap.id, "qty": 1}})["order"]
        self.assertFalse(values["carrier"], "what was taken off stays off")

    def test_not_for_another_province(self):
        self.desk.action_quote(self.fast.id, self.address)
        self.conversation.partner_id = self.partner
        self.partner.state_id = self.env.ref("base.state_vn_VN-HN")
        values = self.conversation.with_user(self.agent).action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})["order"]
        self.assertFalse(values["carrier"])

    def test_it_begins_with_the_customer_s_address(self):
        self.conversation.partner_id = self.partner
        start = self.desk.get_start()
        self.assertEqual(start["address"], {"state_id": self.saigon.id, "city": "Phường Bến Nghé", "street": "12 Lê Lợi"})

    def test_rights_and_rubbish(self):
        with self.assertRaises(AccessError):
            self.desk.with_user(self.foreign).get_quotes(self.address)
        with self.assertRaises(UserError):
            self.desk.get_quotes("Sài Gòn")
        with self.assertRaises(UserError):
            self.desk.action_quote(self.fast.id + 1000, self.address)
