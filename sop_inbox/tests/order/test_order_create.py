from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderCreate(OrderCommon):
    """``sop.conversation.action_create_order`` (rows H7, H8): a real order, or a sentence and nothing."""

    def test_draft_of_a_conversation(self):
        order = self.order(qty=2)
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.sop_conversation_id, self.conversation)
        self.assertEqual((order.user_id, order.team_id, order.company_id), (self.agent, self.north, self.company))
        self.assertEqual(order.amount_total, 300_000)
        self.assertEqual(self.conversation.order_count, 1)
        self.assertEqual(order.sop_payment, "cod")

    def test_customer_found_by_phone(self):
        self.say(self.conversation, "chốt nhé, số mình 0901 234 567")
        self.assertEqual(self.order().partner_id, self.partner)

    def test_customer_made_from_the_thread(self):
        self.say(self.conversation, "số em 0912345678 ạ")
        partner = self.order().partner_id
        self.assertEqual((partner.name, partner.phone_sanitized), ("Nguyễn Văn An", "+84912345678"))
        self.assertEqual(self.conversation.partner_id, partner)
        self.assertEqual(self.order(qty=3).partner_id, partner, "no second customer for the second order")

    def test_nothing_is_known_of_the_customer(self):
        """No phone, no e-mail, no address: one customer by the name of the chat, one order."""
        order = self.order(confirm=True)
        self.assertEqual((order.state, order.partner_id.name, order.partner_id.phone), ("sale", "Nguyễn Văn An", False))
        self.assertNotEqual(order.partner_id, self.partner, "the same name is not the same person")
        self.assertEqual(self.messages().sop_payload["address"], "")

    def test_customer_named(self):
        order = self.order(partner_id=self.partner.id)
        self.assertEqual(order.partner_id, self.partner)
        self.assertEqual(self.conversation.partner_id, self.partner)

    def test_confirmed_in_one_call(self):
        order = self.order(qty=2, carrier_id=self.slow.id, partner_id=self.partner.id, confirm=True)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.amount_total, 325_000)
        self.assertEqual(order.carrier_id, self.slow)
        self.assertEqual(self.shirt.free_qty, 3, "the goods are promised")

    def test_lines_of_one_product_are_one(self):
        lines = [{"product_id": self.shirt.id, "qty": 1}, {"product_id": self.shirt.id, "qty": 2}]
        self.assertEqual(self.order(lines=lines).order_line.product_uom_qty, 3)

    def test_discount_note_and_fee_by_hand(self):
        lines = [{"product_id": self.shirt.id, "qty": 1, "discount": 10, "note": "gói giấy đỏ"}]
        order = self.order(lines=lines, carrier_id=self.slow.id, fee=30_000, partner_id=self.partner.id)
        self.assertEqual(order.amount_total, 165_000)
        self.assertIn("gói giấy đỏ", order.order_line[0].name)
        self.assertTrue(order.sop_fee_by_hand)
        self.assertEqual(order.sop_carrier_cost, 25_000)

    def test_same_total_as_odoos_own_form(self):
        """The same lines in Odoo's own order give the same amounts, taxes included."""
        tax = self.env["account.tax"].create(
            {"name": "VAT 8", "amount": 8, "company_id": self.company.id, "country_id": self.company.account_fiscal_country_id.id}
        )
        self.shirt.taxes_id = tax
        lines = [(self.shirt, 3, 7.5), (self.advice, 1, 0)]
        ours = self.order(
            partner_id=self.partner.id,
            lines=[{"product_id": product.id, "qty": qty, "discount": discount} for product, qty, discount in lines],
        )
        theirs = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": qty, "discount": discount}) for product, qty, discount in lines],
            }
        )
        self.assertTrue(ours.amount_tax)
        self.assertEqual((ours.amount_untaxed, ours.amount_tax, ours.amount_total), (theirs.amount_untaxed, theirs.amount_tax, theirs.amount_total))

    def test_double_click(self):
        first = self.order(confirm=True)
        self.assertEqual(self.order(confirm=True), first)
        self.assertEqual(self.conversation.order_count, 1)
        self.assertEqual(len(self.messages()), 1, "one receipt")
        self.assertNotEqual(self.order(qty=2, confirm=True), first, "another order is another order")

    def test_double_click_of_half_a_minute(self):
        """A click that a slow server replays is the same click; who wants the same goods again a minute later gets them."""
        first = self.order()
        for seconds, same in ((29, True), (2, False)):
            self.env.cr.execute("UPDATE sale_order SET create_date = create_date - %s * interval '1 second' WHERE id = %s", [seconds, first.id])
            self.env.invalidate_all()
            self.assertEqual(self.order() == first, same, seconds)

    def test_two_agents_the_same_order(self):
        self.assertEqual(self.order(user=self.mate), self.order(user=self.agent))

    def test_repeated_request(self):
        first = self.order(request_ref="form-1")
        self.env.cr.execute("UPDATE sale_order SET create_date = create_date - interval '1 day' WHERE id = %s", [first.id])
        self.assertEqual(self.order(request_ref="form-1", qty=4), first)
        self.assertNotEqual(self.order(request_ref="form-2"), first)

    def test_bad_input_is_refused_and_nothing_is_written(self):
        archived = self.goods("Áo cũ", 5)
        archived.active = False
        foreign = self.env["product.product"].create({"name": "Áo của B", "company_id": self.company_b.id})
        gone = self.env["product.product"].create({"name": "Áo mất"})
        gone_id = gone.id
        gone.unlink()
        line = {"product_id": self.shirt.id, "qty": 1}
        stranger = self.env["res.partner"].create({"name": "Khách B", "company_id": self.company_b.id})
        bad = [
            {}, {"lines": []}, {"lines": None}, {"lines": "x"}, {"lines": [1]}, {"lines": [{}]}, {"lines": [{"qty": 1}]},
            {"lines": [{**line, "price": 1}]}, {"lines": [line], "state": "sale"}, [], None, "x",
            *({"lines": [{**line, "qty": qty}]} for qty in (0, -1, float("nan"), float("inf"), "2", None, True, 1e12, [1])),
            *({"lines": [{"product_id": product}]} for product in (0, -1, 2**40, "1", True, gone_id, archived.id, foreign.id)),
            {"lines": [{**line, "discount": 101}]}, {"lines": [{**line, "discount": -1}]},
            {"lines": [line], "carrier_id": 2**30}, {"lines": [line], "carrier_id": "x"}, {"lines": [line], "carrier_id": self.slow.id, "fee": -1},
            {"lines": [line], "promo_code": "KHONG-CO"}, {"lines": [line], "promo_code": ["x"]},
            {"lines": [line], "payment": "gold"}, {"lines": [line], "warehouse_id": 2**30},
            {"lines": [line], "partner_id": 2**30}, {"lines": [line], "partner_id": stranger.id}, {"lines": [line], "partner_id": "x"},
            {"lines": [line] * 201},
        ]  # fmt: skip
        conversation = self.conversation.with_user(self.agent)
        partners = self.env["res.partner"].search_count([])
        for vals in bad:
            with self.subTest(vals=str(vals)[:120]), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                conversation.action_create_order(vals)
            self.assertGreater(len(str(caught.exception)), 10, "a sentence")
        self.assertFalse(self.conversation.order_ids)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_foreign_currency(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        pricelist = self.env["product.pricelist"].create({"name": "USD", "currency_id": usd.id, "company_id": self.company.id})
        self.partner.with_company(self.company).property_product_pricelist = pricelist
        order = self.order(partner_id=self.partner.id, payment="transfer", confirm=True)
        self.assertEqual(order.currency_id, usd)
        receipt = self.messages()[-1].sop_payload
        self.assertEqual((receipt["currency"], receipt["total"]), ("USD", order.amount_total))
        self.assertFalse(receipt["bank"] and receipt["bank"]["qr"], "a VietQR is in dong or not at all")

    # === RIGHTS ===

    def test_colleague_goes_on_with_the_draft(self):
        order = self.order()
        seen = order.with_user(self.mate)
        self.assertEqual(seen.order_line.product_uom_qty, 1)
        self.conversation.with_user(self.mate).action_update_order({"line": {"id": order.order_line.id, "qty": 2}})
        self.assertEqual(order.order_line.product_uom_qty, 2)

    def test_strangers(self):
        order = self.order()
        for user in (self.other, self.foreign, self.portal):
            with self.subTest(user=user.name):
                with self.assertRaises(AccessError):
                    self.order(user=user)
                with self.assertRaises(AccessError):
                    self.conversation.with_user(user).get_order_form()
                with self.assertRaises(AccessError):
                    self.conversation.with_user(user)._order_form.action_confirm_order(order.id)
                self.assertFalse(self.env["sale.order"].with_user(user).search([("id", "=", order.id)]))

    def test_order_of_another_conversation(self):
        elsewhere = self.order(self.make("Trần B"))
        conversation = self.conversation.with_user(self.agent)
        for method in ("action_confirm_order", "action_cancel_order", "action_send_receipt", "action_send_quotation"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(conversation._order_form, method)(elsewhere.id)
        self.assertEqual(elsewhere.state, "draft")
