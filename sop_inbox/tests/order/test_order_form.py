from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged, users, warmup

from ..order_common import OrderCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderForm(OrderCommon):
    """The order form beside the chat: what it shows and what each change does (rows H7, H8)."""

    def test_opens_empty_with_what_the_thread_holds(self):
        self.say(self.conversation, "mình ở 12 Lê Lợi, sđt 0912 345 678")
        form = self.talk.get_order_form()
        self.assertFalse(form["order"])
        self.assertEqual((form["customer"]["id"], form["customer"]["name"], form["customer"]["phone"]), (False, "Nguyễn Văn An", "+84912345678"))
        self.assertEqual(len(form["provinces"]), 34)
        self.assertFalse(self.conversation.order_ids, "looking makes nothing")

    def test_half_filled_survives(self):
        """Closed, reloaded, opened by a colleague: it is a draft order, or nothing."""
        self.change(
            customer={"name": "Chị Hoa", "phone": "0987654321", "street": "5 Hai Bà Trưng", "city": "Phường Sài Gòn", "state_id": self.saigon.id}
        )
        self.change(add={"product_id": self.shirt.id, "qty": 2})
        self.change(note="giao giờ hành chính")
        form = self.conversation.with_user(self.mate).get_order_form()
        self.assertEqual(form["customer"]["street"], "5 Hai Bà Trưng")
        self.assertEqual(form["order"]["lines"][0]["qty"], 2)
        self.assertEqual(form["order"]["note"], "giao giờ hành chính")
        partner = self.conversation.partner_id
        self.assertEqual((partner.name, partner.state_id, partner.city), ("Chị Hoa", self.saigon, "Phường Sài Gòn"))
        self.assertEqual(self.conversation.order_ids.partner_id, partner)

    def test_customer_typed_is_one_we_know(self):
        self.change(customer={"name": "An", "phone": "+84 901 234 567"})
        self.assertEqual(self.conversation.partner_id, self.partner)

    def test_lines(self):
        self.change(add={"product_id": self.shirt.id, "qty": 1})
        order = self.change(add={"product_id": self.shirt.id, "qty": 1})
        [line] = order["lines"]
        self.assertEqual((line["qty"], line["free"], line["short"], line["total"]), (2, 5, False, 300_000))
        order = self.change(line={"id": line["id"], "qty": 7})
        self.assertTrue(order["short"])
        order = self.change(line={"id": line["id"], "discount": 50, "note": "màu đỏ"})
        self.assertEqual((order["lines"][0]["total"], order["lines"][0]["note"]), (525_000, "màu đỏ"))
        order = self.change(remove=line["id"])
        self.assertEqual((order["lines"], order["totals"]["total"]), ([], 0))
        with self.assertRaises(UserError):
            self.change(line={"id": line["id"], "qty": 1})

    def test_a_note_leaves_the_words_of_the_product(self):
        """What the shop sells a product with is no note of the agent's, and stays when one is written or taken off."""
        self.shirt.description_sale = "100% cotton\nGiặt tay"
        own = f"{self.shirt.display_name}\n100% cotton\nGiặt tay"
        [line] = self.change(add={"product_id": self.shirt.id, "qty": 1})["lines"]
        self.assertEqual(line["note"], "")
        row = self.conversation.order_ids.order_line
        for note, name in (("màu đỏ\ngói quà", f"{own}\nmàu đỏ\ngói quà"), ("100% cotton", f"{own}\n100% cotton"), ("", own)):
            [line] = self.change(line={"id": row.id, "note": note})["lines"]
            self.assertEqual((line["note"], row.name), (note, name))
        row.name = "Áo theo yêu cầu\ncổ tròn"  # worded anew in Odoo's own form
        self.assertEqual(self.talk.get_order_form()["order"]["lines"][0]["note"], "cổ tròn")

    def test_a_line_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.shirt.description_sale = "100% cotton"
        self.shirt.with_context(lang="vi_VN").description_sale = "Vải 100% bông"
        self.partner.lang = "vi_VN"
        lines = [{"product_id": self.shirt.id, "qty": 1, "note": "màu đỏ"}, {"product_id": self.cap.id, "qty": 1}]
        order = self.order(partner_id=self.partner.id, lines=lines)
        self.change(add={"product_id": self.shirt.id, "qty": 1, "note": "màu xanh"})
        shirts = order.order_line.filtered(lambda line: line.product_id == self.shirt)
        self.assertEqual([line.name.split("\n")[1:] for line in shirts], [["Vải 100% bông", "màu đỏ"], ["Vải 100% bông", "màu xanh"]])
        self.assertEqual([line["note"] for line in self.talk.get_order_form()["order"]["lines"]], ["màu đỏ", "", "màu xanh"])

    def test_line_of_another_order(self):
        other = self.order(self.make("Trần B"))
        self.change(add={"product_id": self.cap.id, "qty": 1})
        for vals in ({"line": {"id": other.order_line.id, "qty": 9}}, {"remove": other.order_line.id}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.change(**vals)
        self.assertEqual(other.order_line.product_uom_qty, 1)

    def test_bad_changes(self):
        self.change(add={"product_id": self.shirt.id, "qty": 1})
        line = self.conversation.order_ids.order_line.id
        bad = [
            {"add": {"product_id": self.shirt.id, "qty": 0}}, {"add": 1}, {"add": {}}, {"line": {"id": line, "qty": -1}}, {"line": 1},
            {"line": {"id": line, "discount": 200}}, {"remove": "x"}, {"discount": -1}, {"discount": 10**9}, {"payment": "gold"},
            {"warehouse_id": 2**30}, {"carrier_id": 2**30}, {"carrier_id": self.slow.id, "fee": "x"}, {"promo_code": "X"}, {"state": "sale"},
            {"customer": 1}, {"customer": {"name": ""}}, {"note": 5}, None, [],
        ]  # fmt: skip
        for vals in bad:
            with self.subTest(vals=str(vals)), self.assertRaises(UserError), self.env.cr.savepoint():
                self.talk.action_update_order(vals)
        self.assertEqual(self.conversation.order_ids.amount_total, 150_000)

    def test_fee_of_carrier_by_hand_and_off(self):
        self.change(add={"product_id": self.shirt.id, "qty": 1})
        order = self.change(carrier_id=self.slow.id)
        self.assertEqual((order["totals"]["shipping"], order["carrier_cost"], order["fee_by_hand"]), (25_000, 25_000, False))
        order = self.change(carrier_id=self.slow.id, fee=30_000)
        self.assertEqual((order["totals"]["shipping"], order["carrier_cost"], order["fee_by_hand"]), (30_000, 25_000, True))
        order = self.change(carrier_id=self.slow.id, fee=0)
        self.assertEqual(order["totals"]["shipping"], 0, "free shipping, the shop pays")
        order = self.change(carrier_id=False)
        self.assertEqual((order["carrier"], order["totals"]["total"]), (False, 150_000))

    def test_fee_may_be_another_after_new_lines(self):
        self.change(add={"product_id": self.shirt.id, "qty": 1})
        self.assertFalse(self.change(carrier_id=self.slow.id)["fee_stale"])
        self.assertTrue(self.change(add={"product_id": self.shirt.id, "qty": 1})["fee_stale"])
        self.assertFalse(self.change(carrier_id=self.slow.id)["fee_stale"])

    def test_discount_of_the_order(self):
        self.change(add={"product_id": self.shirt.id, "qty": 2})
        self.assertEqual(self.change(discount=20_000)["totals"]["discount"], -20_000)
        order = self.change(discount=35_000)
        self.assertEqual((order["totals"]["discount"], order["totals"]["total"]), (-35_000, 265_000))
        self.assertEqual(self.change(discount=0)["totals"]["total"], 300_000)

    def test_discount_over_several_taxes_is_one_row(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT 8", "amount": 8, "company_id": self.company.id, "country_id": self.company.account_fiscal_country_id.id}
        )
        self.shirt.taxes_id = tax
        self.change(add={"product_id": self.shirt.id, "qty": 2})
        self.change(add={"product_id": self.cap.id, "qty": 1})
        order = self.change(discount=20_000)
        self.assertGreater(len(self.conversation.order_ids.order_line), 3, "core makes one line a tax")
        self.assertEqual([extra["total"] for extra in order["extras"]], [-20_000])
        line = order["lines"][0]
        self.assertEqual((line["price"] * line["qty"], line["total"]), (324_000, 324_000), "price and total of a line both with tax")

    # === PROMOTIONS ===

    def program(self, **values):
        return self.env["loyalty.program"].create(
            {
                "name": "Giảm 10%",
                "program_type": "promotion",
                "trigger": "auto",
                "rule_ids": [(0, 0, {"minimum_amount": 200_000})],
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "discount_mode": "percent", "discount_applicability": "order"})],
                **values,
            }
        )

    def test_automatic_programme_comes_and_goes(self):
        self.program()
        self.assertEqual(self.change(add={"product_id": self.shirt.id, "qty": 1})["totals"]["discount"], 0)
        order = self.change(add={"product_id": self.shirt.id, "qty": 1})
        self.assertEqual((order["totals"]["discount"], order["totals"]["total"]), (-30_000, 270_000))
        self.assertTrue(order["extras"][0]["reward"])
        line = order["lines"][0]["id"]
        self.assertEqual(self.change(line={"id": line, "qty": 1})["totals"]["total"], 150_000)

    def test_programme_runs_to_the_end_of_the_companys_day(self):
        """The agent's day has begun already: core still gives what ends today, so the chat's order has it too."""
        self.company.partner_id.tz = "UTC"
        self.agent.tz = "Asia/Ho_Chi_Minh"
        today = fields.Date.today()
        self.program(date_to=today)
        with freeze_time(f"{today} 18:00:00"):
            self.assertEqual(self.order(qty=2).amount_total, 270_000)

    def test_code(self):
        self.program(trigger="with_code", program_type="promo_code", rule_ids=[(0, 0, {"mode": "with_code", "code": "TET10"})])
        order = self.order(promo_code="TET10", qty=2)
        self.assertEqual(order.amount_total, 270_000)
        with self.assertRaises(UserError):
            self.order(promo_code="TET11", qty=3)

    def test_expired_code(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        self.program(trigger="with_code", program_type="promo_code", date_to=yesterday, rule_ids=[(0, 0, {"mode": "with_code", "code": "CU"})])
        with self.assertRaises(UserError):
            self.order(promo_code="CU")
        self.assertFalse(self.conversation.order_ids)

    def test_free_shipping_reward(self):
        self.program(reward_ids=[(0, 0, {"reward_type": "shipping"})])
        self.change(add={"product_id": self.shirt.id, "qty": 2})
        order = self.change(carrier_id=self.slow.id)
        self.assertEqual((order["totals"]["shipping"], order["totals"]["discount"], order["totals"]["total"]), (25_000, -25_000, 300_000))

    # === PRODUCTS ===

    def find(self, text=""):
        return self.talk.search_order_products(text)

    def test_search_by_name_code_barcode_and_variant(self):
        self.cap.barcode = "8934563138165"
        size = self.env["product.attribute"].create({"name": "Cỡ", "value_ids": [(0, 0, {"name": "XL"}), (0, 0, {"name": "S"})]})
        template = self.env["product.template"].create(
            {"name": "Đầm hoa", "attribute_line_ids": [(0, 0, {"attribute_id": size.id, "value_ids": [(6, 0, size.value_ids.ids)]})]}
        )
        large = template.product_variant_ids.filtered(lambda product: "XL" in product.display_name)
        for text, product in (("thun đen", self.shirt), ("AO-M", self.shirt), ("8934563138165", self.cap), ("đầm xl", large)):
            with self.subTest(text=text):
                self.assertEqual([row["id"] for row in self.find(text)], [product.id])
        self.assertEqual(self.find("không có gì như thế"), [])

    def test_archived_and_unsold_are_not_found(self):
        self.cap.active = False
        self.shirt.sale_ok = False
        self.assertFalse({self.cap.id, self.shirt.id} & {row["id"] for row in self.find("áo thun") + self.find("MU-1")})

    def test_what_the_customer_asks_for_comes_first(self):
        self.say(self.conversation, "còn áo thun đen M không shop?")
        row = self.find()[0]
        self.assertEqual((row["id"], row["mentioned"]), (self.shirt.id, True))
        self.assertEqual(row["stock"][0]["free"], 5)

    def test_product_sent_as_a_card_comes_first(self):
        self.talk.action_send_product(self.cap.id)
        row = self.find()[0]
        self.assertEqual((row["id"], row["mentioned"]), (self.cap.id, True))

    def test_price_of_the_customers_list_and_stock(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Khách sỉ",
                "company_id": self.company.id,
                "item_ids": [(0, 0, {"compute_price": "percentage", "percent_price": 20, "applied_on": "3_global"})],
            }
        )
        self.partner.with_company(self.company).property_product_pricelist = pricelist
        self.conversation.partner_id = self.partner
        [row] = self.find("AO-M")
        self.assertEqual(row["price"], 120_000)
        self.assertEqual(self.order().amount_total, 120_000)

    # === SPEED ===

    @warmup
    @users("inbox_agent")
    def test_queries(self):
        """Opening the form, looking for products, adding a line: at most 40 queries each, whatever the catalogue's size.

        A warehouse more is three queries more where stock is told for each: moves in, moves out, quants. Eight of the
        search are the price as an order charges it: the open draft, the customer, their list and fiscal position, taxes, currency.
        """
        conversation = self.conversation.with_user(self.env.user)
        warehouses = len(conversation._order_form._order_warehouses())
        conversation.partner_id = self.partner
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(inbox_agent=7):
            conversation.get_order_form()
        self.env.invalidate_all()
        with self.assertQueryCount(inbox_agent=17 + 3 * warehouses):
            conversation.search_order_products("áo")
        conversation.action_update_order({"add": {"product_id": self.cap.id, "qty": 1}})
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(inbox_agent=40):
            conversation.action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})
            self.env.flush_all()
