from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderMoney(OrderCommon):
    """Money of an order as it changes: typed amounts, promotions, free shipping, cash on delivery, currencies."""

    def program(self, **values):
        rule = {"minimum_amount": 0, **values.pop("rule", {})}
        reward = {
            "reward_type": "discount",
            "discount_mode": "percent",
            "discount_applicability": "order",
            "discount": 50,
            **values.pop("reward", {}),
        }
        return self.env["loyalty.program"].create(
            {"name": "KM", "program_type": "promotion", "trigger": "auto", "rule_ids": [(0, 0, rule)], "reward_ids": [(0, 0, reward)], **values}
        )

    def test_amounts_as_people_type_them(self):
        self.change(add={"product_id": self.shirt.id, "qty": 4})
        self.assertEqual(self.change(carrier_id=self.slow.id, fee="30k")["totals"]["shipping"], 30_000)
        self.assertEqual(self.change(discount="0,1tr")["totals"]["discount"], -100_000)
        self.assertEqual(self.change(discount="50%")["totals"]["discount"], -300_000, "half of the goods, not of the fee")
        line = self.change(discount="0")["lines"][0]
        self.assertEqual(self.change(line={"id": line["id"], "discount": "12,5%"})["lines"][0]["discount"], 12.5)

    def test_the_sign_of_the_currency_stands_in_the_box(self):
        self.change(add={"product_id": self.shirt.id, "qty": 4})
        self.conversation.order_ids.currency_id.symbol = "$"
        self.assertEqual(self.change(carrier_id=self.slow.id, fee="$ 30.000")["totals"]["shipping"], 30_000)

    def test_rubbish_changes_nothing(self):
        line = self.change(add={"product_id": self.shirt.id, "qty": 4})["lines"][0]["id"]
        total = self.change(carrier_id=self.slow.id, fee="20.000")["totals"]["total"]
        for text in ("", "30", "30x", "abc", "-5k", "1.2.3"):
            for vals in ({"carrier_id": self.slow.id, "fee": text}, {"discount": text}, {"line": {"id": line, "discount": f"{text}k"}}):
                with self.subTest(text=text, vals=list(vals)), self.assertRaises(UserError), self.env.cr.savepoint():
                    self.talk.action_update_order(vals)
        self.assertEqual(self.conversation.order_ids.amount_total, total)

    def test_free_shipping_lost_by_a_code_or_a_discount(self):
        """Field case 15: what brings the order below the threshold makes the fee stale, or asks it anew."""
        self.slow.write({"free_over": True, "amount": 500_000})
        self.program(trigger="with_code", program_type="promo_code", rule={"mode": "with_code", "code": "NUA"})
        for number, vals in enumerate(({"promo_code": "NUA"}, {"discount": 200_000}, {"discount": "50%"})):
            with self.subTest(vals):
                self.talk = self.make(f"Khách {number}", partner_id=self.partner.id).with_user(self.agent)
                self.change(add={"product_id": self.shirt.id, "qty": 4})
                order = self.change(carrier_id=self.slow.id)
                self.assertEqual((order["totals"]["shipping"], order["fee_stale"]), (0, False))
                order = self.change(**vals)
                self.assertTrue(order["fee_stale"])
                self.assertEqual(self.change(carrier_id=self.slow.id)["totals"]["shipping"], 25_000)

    def test_promotions_follow_every_change(self):
        """Whatever is changed, what the screen then shows is what a count from nothing gives, and what confirms."""
        self.program(rule={"minimum_amount": 400_000}, reward={"discount": 10})
        self.program(name="Ship", reward={"reward_type": "shipping"}, rule={"minimum_amount": 250_000})
        line = self.change(add={"product_id": self.shirt.id, "qty": 1})["lines"][0]["id"]
        steps = [
            {"line": {"id": line, "qty": 3}}, {"carrier_id": self.slow.id}, {"discount": 30_000}, {"add": {"product_id": self.cap.id, "qty": 1}},
            {"line": {"id": line, "discount": 60}}, {"carrier_id": self.slow.id, "fee": "40k"}, {"discount": "0"},
            {"line": {"id": line, "discount": 0}}, {"carrier_id": False}, {"line": {"id": line, "qty": 2}},
        ]  # fmt: skip
        for vals in steps:
            with self.subTest(vals):
                shown = self.change(**vals)["totals"]
                self.assertEqual(self.change(promotions=True)["totals"], shown)
        self.assertEqual(self.talk._order_form.action_confirm_order(self.conversation.order_ids.id, shown["total"]), self.conversation.order_ids.id)

    def test_cash_on_delivery_needs_phone_and_address(self):
        cases = (
            ("phone", {"phone": False}),
            ("0912 34", {"phone": "0912 34"}),
            ("street", {"street": False}),
            ("province", {"city": False, "state_id": False}),
            ("", {}),
        )
        for number, (missing, values) in enumerate(cases):
            with self.subTest(missing or "nothing"):
                talk = self.make(f"Khách {number}", partner_id=self.partner.copy(values).id).with_user(self.agent)
                order = self.order(talk, carrier_id=self.slow.id, fee=20_000)
                if not missing:
                    self.assertTrue(talk._order_form.action_confirm_order(order.id))
                    continue
                with self.assertRaisesRegex(UserError, missing), self.env.cr.savepoint():
                    talk._order_form.action_confirm_order(order.id)
                order.sop_payment = "transfer"
                self.assertTrue(talk._order_form.action_confirm_order(order.id), "nobody collects anything there")

    def test_currencies_are_not_added_up(self):
        """Field case 19: 110 of a currency at 25 000 are 2 750 000 đồng, on every screen and at the carrier."""
        foreign = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "USD")])
        foreign.active = True
        self.env["res.currency.rate"].create({"currency_id": foreign.id, "name": "2020-01-01", "rate": 1 / 25_000})
        self.conversation.partner_id = self.partner
        order = self.order(product=self.advice, payment="cod")
        order.sudo().write({"currency_id": foreign.id, "date_order": fields.Datetime.now()})
        order.sudo().order_line.write({"price_unit": 110, "tax_ids": False})
        order.sudo().action_confirm()
        self.assertEqual((order.currency_id, order.amount_total), (foreign, 110))
        self.assertIn("2.750.000", self.talk.get_panel()["orders"]["total"].replace(",", "."))
        self.assertEqual(self.talk.get_order_form()["history"]["total"], 2_750_000)
        parcel = self.slow.sudo()._sop_parcel(order.sudo())
        self.assertEqual((parcel.value, parcel.cod), (2_750_000, 2_750_000))

    def test_products_of_core_itself_are_offered_nowhere(self):
        self.change(add={"product_id": self.shirt.id, "qty": 2})
        self.change(discount=20_000)
        top_up, gift = self.env.ref("loyalty.ewallet_product_50"), self.env.ref("loyalty.gift_card_product_50")
        own = self.company.sale_discount_product_id | top_up | gift
        own.sale_ok = True
        gift.list_price = 50
        self.assertEqual(len(own), 3)
        for product in own:
            for found in (self.talk.search_order_products(product.name), self.talk._replies.search_products(product.name, 40, self.talk.id)):
                self.assertNotIn(product.id, [row["id"] for row in found])
        gift.list_price = 100_000
        found = self.talk.search_order_products(gift.name)
        self.assertIn(gift.id, [row["id"] for row in found], "a gift card with a price of the shop's own is sold")
