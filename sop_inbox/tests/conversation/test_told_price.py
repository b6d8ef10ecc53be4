from itertools import product as every

from odoo.tests import tagged
from odoo.tools import format_amount

from odoo.addons.sop_pipeline.tests.queries import cold_queries

from ..order_common import OrderCommon

RATE = 25_000  # đồng for one of the other currency


@tagged("post_install", "-at_install", "sop_orders")
class TestToldPrice(OrderCommon):
    """What a customer of a conversation is told is what a line of their order charges: one rule over every place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.write({"group_ids": [(4, cls.env.ref("product.group_product_pricelist").id)]})
        cls.agent.group_ids += cls.env.ref("product.group_product_pricelist") + cls.env.ref("sale.group_discount_per_so_line")
        cls.env["product.pricelist"].search([]).active = False
        own = cls.company.currency_id
        cls.foreign_currency = cls.env["res.currency"].with_context(active_test=False).search([("name", "in", ("EUR", "USD"))]) - own
        cls.foreign_currency = cls.foreign_currency[:1]
        cls.foreign_currency.active = True
        cls.env["res.currency.rate"].create({"currency_id": cls.foreign_currency.id, "name": "2020-01-01", "rate": 1 / RATE})
        cls.taxes = {
            name: cls.env["account.tax"].create({"name": name, "amount": amount, "price_include_override": include, "company_id": cls.company.id})
            for name, amount, include in (
                ("excluded", 10, "tax_excluded"),
                ("included", 10, "tax_included"),
                ("eight", 8, "tax_excluded"),
                ("none", 0, "tax_excluded"),
            )
        }
        cls.position = cls.env["account.fiscal.position"].create({"name": "Doanh nghiệp chế xuất", "company_id": cls.company.id})
        cls.taxes["none"].write({"fiscal_position_ids": [(4, cls.position.id)], "original_tax_ids": [(4, cls.taxes["excluded"].id)]})
        percent = {"compute_price": "percentage", "percent_price": 15, "applied_on": "3_global"}
        cls.lists = cls.env["product.pricelist"].create(
            [
                {"name": "Lẻ", "company_id": cls.company.id},
                {
                    "name": "Sỉ",
                    "company_id": cls.company.id,
                    "item_ids": [(0, 0, percent), (0, 0, {**percent, "percent_price": 40, "min_quantity": 3})],
                },
                {"name": "Ngoại", "company_id": cls.company.id, "currency_id": cls.foreign_currency.id},
            ]
        )
        cls.stock(cls.shirt, 1000)
        cls.shirt.list_price = 129_000

    def customer(self, pricelist, position):
        partner = self.partner.copy({"phone": False}).with_company(self.company)
        partner.property_product_pricelist = pricelist
        partner.property_account_position_id = position
        return partner

    def everywhere(self):
        """Yield (name, conversation) for every kind of tax, price list and fiscal position."""
        taxes = (self.taxes["excluded"], self.taxes["included"], self.taxes["eight"] + self.taxes["included"])
        for number, (tax, pricelist, position) in enumerate(every(taxes, self.lists, (self.env["account.fiscal.position"], self.position))):
            self.shirt.taxes_id = tax
            conversation = self.make(f"Khách {number}", partner_id=self.customer(pricelist, position).id)
            yield f"{'+'.join(tax.mapped('name'))}, {pricelist.name}, {position.name}", conversation.with_user(self.agent)

    def told(self, conversation):
        """What every place tells of the shirt: as an amount, and as words."""
        [found] = conversation.search_order_products("AO-M")
        [row] = self.env["sop.conversation.reply"].with_user(self.agent).search_products("AO-M", 5, conversation.id)
        canned = self.env["mail.canned.response"].create({"source": "gia", "substitution": "{{price}}"})
        conversation.action_send_product(self.shirt.id)
        card = str(self.messages(conversation)[-1].body).replace("&nbsp;", "\xa0")
        words = [
            row["price"],
            conversation._replies.preview_canned(canned.id, self.shirt.id)["text"],
            conversation._replies._fill_placeholders("{{price}}", self.shirt),
        ]
        return found, words, card

    def test_told_is_charged(self):
        for name, conversation in self.everywhere():
            with self.subTest(name):
                found, words, card = self.told(conversation)
                form = conversation.action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})["order"]
                line = conversation.order_ids.order_line
                money = format_amount(self.env, line.price_total, line.currency_id)
                self.assertEqual((found["price"], found["currency_id"]), (line.price_total, line.currency_id.id))
                self.assertEqual(form["lines"][0]["price"], line.price_total)
                self.assertEqual(set(words), {money})
                self.assertIn(money, card)
                self.assertEqual(conversation.order_ids.amount_total, line.price_total)

    def test_told_is_charged_while_a_draft_is_open_whose_terms_are_its_own(self):
        self.shirt.taxes_id = self.taxes["excluded"]
        talk = self.make("Khách", partner_id=self.customer(self.lists[0], self.position).id).with_user(self.agent)
        talk.action_update_order({"add": {"product_id": self.cap.id, "qty": 1}})
        draft = talk.order_ids.sudo()
        draft.write({"pricelist_id": self.lists[1].id, "fiscal_position_id": False})
        [found] = talk.search_order_products("AO-M")
        talk.action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})
        line = draft.order_line.filtered(lambda line: line.product_id == self.shirt)
        self.assertEqual((found["price"], line.price_total), (120_615, 120_615), "129.000 less 15 %, and 10 % of tax")

    def test_told_for_several_is_charged_for_several(self):
        self.shirt.taxes_id = self.taxes["excluded"]
        talk = self.make("Khách", partner_id=self.customer(self.lists[1], self.env["account.fiscal.position"]).id).with_user(self.agent)
        prices, _currency = talk._customer_prices(self.shirt, 3)
        order = self.order(talk, qty=3)
        self.assertAlmostEqual(prices[self.shirt.id] * 3, order.amount_total)
        self.assertEqual(order.amount_total, 255_420, "129.000 less 40 %, three times, and 10 % of tax")

    def test_unknown_person_is_told_what_they_pay_once_known(self):
        self.shirt.taxes_id = self.taxes["excluded"]
        self.position.write({"auto_apply": True, "country_id": self.vietnam.id})
        self.company.country_id = self.vietnam
        self.lists[1:].active = False
        [found] = self.conversation.with_user(self.agent).search_order_products("AO-M")
        self.assertFalse(self.conversation.partner_id)
        self.assertEqual((found["price"], self.order().amount_total), (129_000, 129_000))

    def test_carriers_price_is_charged(self):
        for name, conversation in self.everywhere():
            self.slow.product_id.taxes_id = self.shirt.taxes_id
            with self.subTest(name):
                conversation.action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})
                [quote] = [row for row in conversation.get_shipping_quotes() if row["id"] == self.slow.id]
                order = conversation.action_update_order({"carrier_id": self.slow.id})["order"]
                self.assertEqual(order["totals"]["shipping"], quote["price"])
                self.assertFalse(order["fee_by_hand"])
                order = conversation.action_update_order({"carrier_id": self.slow.id, "fee": 30})["order"]
                self.assertEqual(order["totals"]["shipping"], 30, "what a person typed is what the customer pays")

    def test_prices_cost_the_same_for_many(self):
        self.lists[1:].active = False
        goods = self.env["product.product"].create([{"name": f"Hàng {number}", "list_price": 1000 + number} for number in range(30)])
        talk, counts = self.make("Khách", partner_id=self.partner.id).with_user(self.agent), []
        for few in (goods[:2], goods[:2], goods):
            counts.append(cold_queries(self.env, lambda: self.assertEqual(len(talk._customer_prices(few)[0]), len(few))))  # noqa: B023
        self.assertEqual(counts[1], counts[2])
