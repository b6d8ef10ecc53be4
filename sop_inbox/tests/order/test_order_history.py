from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestHistory(OrderCommon):
    """What a customer bought before, with products and states, and once more in one tap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.conversation.partner_id = cls.partner
        cls.desk = cls.env["sop.order.form"].with_user(cls.agent).browse(cls.conversation.id)

    def test_products_and_states(self):
        lines = [{"product_id": product.id, "qty": 1} for product in (self.shirt, self.cap)]
        order = self.order(lines=lines, payment="later", confirm=True)
        [row] = self.conversation.with_user(self.agent).get_panel()["orders"]["rows"]
        self.assertEqual((row["id"], row["goods"], row["more"]), (order.id, ["1 × Áo thun đen M", "1 × Mũ lưỡi trai"], 0))
        self.assertTrue(row["can_reorder"])

    def test_a_draft_is_not_ordered_again(self):
        self.order(payment="later")
        [row] = self.conversation.with_user(self.agent).get_panel()["orders"]["rows"]
        self.assertFalse(row["can_reorder"])

    def test_a_quotation_that_was_sent_is_not_put_on_itself(self):
        """It is the form's own, too: every quantity was doubled without a word."""
        order = self.order(qty=2, payment="later")
        order.action_quotation_sent()
        [row] = self.conversation.with_user(self.agent).get_panel()["orders"]["rows"]
        self.assertFalse(row["can_reorder"])
        with self.assertRaises(UserError):
            self.desk.action_reorder(order.id)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [2])

    def test_an_older_draft_is_ordered_again(self):
        older, newer = self.order(qty=2, payment="later"), self.order(payment="later")
        rows = self.conversation.with_user(self.agent).get_panel()["orders"]["rows"]
        self.assertEqual({row["id"]: row["can_reorder"] for row in rows}, {older.id: True, newer.id: False})

    def test_once_more_at_today_s_prices(self):
        first = self.order(qty=2, payment="later", confirm=True)
        self.shirt.list_price = 170_000
        order = self.desk.action_reorder(first.id)["order"]
        self.assertEqual([(line["product_id"], line["qty"], line["price"]) for line in order["lines"]], [(self.shirt.id, 2, 170_000)])
        self.assertNotEqual(order["id"], first.id)
        again = self.desk.action_reorder(first.id)["order"]
        self.assertEqual((again["id"], again["lines"][0]["qty"]), (order["id"], 4), "on the draft that is open")

    def test_what_is_not_sold_any_more(self):
        lines = [{"product_id": product.id, "qty": 1} for product in (self.shirt, self.cap)]
        first = self.order(lines=lines, payment="later", confirm=True)
        self.cap.sale_ok = False
        result = self.desk.action_reorder(first.id)
        self.assertEqual(len(result["order"]["lines"]), 1)
        self.assertEqual(len(result["left_out"]), 1)
        self.shirt.active = False
        with self.assertRaises(UserError):
            self.desk.action_reorder(first.id)

    def test_only_of_this_customer(self):
        other = self.make("Người khác")
        order = self.order(conversation=other, payment="later")
        with self.assertRaises(AccessError):
            self.desk.action_reorder(order.id)
        with self.assertRaises(AccessError):
            self.desk.with_user(self.foreign).action_reorder(order.id)
