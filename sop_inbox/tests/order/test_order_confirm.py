from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..order_common import OrderCommon
from . import vietqr


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderConfirm(OrderCommon):
    """Confirmation, receipt, cancellation (rows H8, H10, H12, H22, V1 through the conversation)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.conversation.partner_id = cls.partner

    # === STOCK ===

    def test_what_is_not_there_is_refused_and_told(self):
        order = self.order(product=self.cap, qty=2)
        with self.assertRaisesRegex(UserError, r"Mũ lưỡi trai.*1.*2"):
            self.talk._order_form.action_confirm_order(order.id)
        self.assertEqual(order.state, "draft")
        self.assertFalse(self.messages(), "no receipt of what was refused")

    def test_the_second_of_two_orders_for_the_last_piece(self):
        self.order(product=self.cap, confirm=True)
        with self.assertRaisesRegex(UserError, "Mũ lưỡi trai"):
            self.order(self.make("Trần B"), product=self.cap, confirm=True, partner_id=self.partner.id)

    def test_refused_in_odoos_own_form_too(self):
        order = self.order(product=self.cap, qty=2)
        with self.assertRaises(UserError):
            order.with_user(self.manager).action_confirm()

    def test_lines_of_one_product_count_together(self):
        lines = [{"product_id": self.cap.id, "qty": 1}, {"product_id": self.cap.id, "qty": 1, "discount": 5}]
        with self.assertRaises(UserError):
            self.order(lines=lines, confirm=True)

    def test_sold_without_stock(self):
        self.cap.sop_sell_without_stock = True
        self.assertEqual(self.order(product=self.cap, qty=3, confirm=True).state, "sale")

    def test_services_and_uncounted_goods_need_none(self):
        loose = self.env["product.product"].create({"name": "Tem dán", "type": "consu", "taxes_id": False})
        lines = [{"product_id": self.advice.id, "qty": 9}, {"product_id": loose.id, "qty": 9}]
        self.assertEqual(self.order(lines=lines, confirm=True).state, "sale")

    def test_stock_of_the_orders_own_warehouse(self):
        north = self.env["stock.warehouse"].create({"name": "Kho Bắc", "code": "BAC", "company_id": self.company.id})
        self.stock(self.cap, 5, north)
        order = self.order(product=self.cap, qty=3, warehouse_id=north.id, confirm=True)
        self.assertEqual(order.picking_ids.picking_type_id.warehouse_id, north)
        with self.assertRaises(UserError):
            self.order(product=self.cap, qty=2, confirm=True)
        rows = self.cap._sop_stock(self.warehouse | north)[self.cap.id]
        self.assertEqual([(row["name"], row["free"]) for row in rows], [(self.warehouse.name, 1), ("Kho Bắc", 2)])

    def test_goods_promised_but_not_reserved(self):
        self.warehouse.out_type_id.reservation_method = "manual"
        self.order(product=self.cap, confirm=True)
        self.assertEqual(self.cap.free_qty, 1, "the warehouse reserves by hand")
        with self.assertRaises(UserError):
            self.order(self.make("Trần B"), product=self.cap, confirm=True, partner_id=self.partner.id)

    def test_an_order_of_no_conversation_is_odoos_alone(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "order_line": [(0, 0, {"product_id": self.cap.id, "product_uom_qty": 9})]}
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self.env["sop.conversion.event"].search([("order_id", "=", order.id)]))

    # === ONCE ===

    def test_confirming_again_changes_nothing(self):
        order = self.order()
        for _click in range(2):
            self.assertEqual(self.talk._order_form.action_confirm_order(order.id), order.id)
        self.assertEqual(len(self.messages()), 1)
        self.assertEqual(len(order.picking_ids), 1)

    def test_changed_by_a_colleague_meanwhile(self):
        order = self.order()
        self.conversation.with_user(self.mate).action_update_order({"add": {"product_id": self.cap.id, "qty": 1}})
        with self.assertRaisesRegex(UserError, "240"):
            self.talk._order_form.action_confirm_order(order.id, 150_000)
        self.talk._order_form.action_confirm_order(order.id, 240_000)
        self.assertEqual(order.state, "sale")

    def test_empty_draft(self):
        self.talk.action_update_order({"payment": "transfer"})
        with self.assertRaises(UserError):
            self.talk._order_form.action_confirm_order(self.conversation.order_ids.id)

    # === WHAT CHANGED SINCE THE DRAFT ===

    def assertRefused(self, order, pattern):
        with self.assertRaisesRegex(UserError, pattern), self.env.cr.savepoint():
            self.talk._order_form.action_confirm_order(order.id)
        self.env.invalidate_all()
        self.assertEqual((order.state, order.picking_ids.ids), ("draft", []))
        self.assertFalse(self.messages())

    def test_product_archived_since(self):
        order = self.order()
        self.shirt.active = False
        self.assertRefused(order, "Áo thun đen M.*not sold")

    def test_code_expired_since(self):
        """The customer is told no total that is not charged: a code that ran out meanwhile stops the order."""
        program = self.env["loyalty.program"].create(
            {
                "name": "TET10",
                "program_type": "promo_code",
                "trigger": "with_code",
                "rule_ids": [(0, 0, {"mode": "with_code", "code": "TET10"})],
                "reward_ids": [(0, 0, {"reward_type": "discount", "discount": 10, "discount_mode": "percent", "discount_applicability": "order"})],
            }
        )
        order = self.order(promo_code="TET10")
        self.assertEqual(order.amount_total, 135_000)
        program.date_to = fields.Date.subtract(fields.Date.today(), days=1)
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "150"), self.env.cr.savepoint():
            self.talk._order_form.action_confirm_order(order.id, 135_000)
        self.env.invalidate_all()
        self.assertEqual((order.state, order.amount_total), ("draft", 135_000))
        self.assertFalse(self.messages(), "no receipt of a total nobody agreed to")
        shown = self.talk.action_update_order({"promotions": True})["order"]["totals"]["total"]
        self.assertEqual(shown, 150_000)
        self.talk._order_form.action_confirm_order(order.id, shown)
        self.assertEqual((order.state, self.messages().sop_payload["total"]), ("sale", 150_000))

    # === RECEIPT ===

    def test_receipt_sums_equal_the_order(self):
        tax = self.env["account.tax"].create(
            {"name": "VAT 8", "amount": 8, "company_id": self.company.id, "country_id": self.company.account_fiscal_country_id.id}
        )
        self.shirt.write({"taxes_id": [(6, 0, tax.ids)], "list_price": 149_999})
        self.talk.action_update_order({"add": {"product_id": self.shirt.id, "qty": 3}})
        order = self.conversation.order_ids
        self.talk.action_update_order({"add": {"product_id": self.advice.id, "qty": 1}})
        self.talk.action_update_order({"discount": 12_345})
        self.talk.action_update_order({"carrier_id": self.slow.id, "fee": 33_000})
        self.talk._order_form.action_confirm_order(order.id)
        message = self.messages()[-1]
        receipt = message.sop_payload
        self.assertEqual(receipt["total"], order.amount_total)
        parts = sum(line["total"] for line in receipt["lines"]) + receipt["shipping"] + receipt["discount"] + receipt["rounding"]
        self.assertEqual(parts, order.amount_total)
        self.assertEqual(receipt["untaxed"] + receipt["tax"], order.amount_total)
        self.assertEqual(receipt["shipping"], 33_000)
        self.assertEqual(receipt["discount"], -12_345)
        self.assertEqual(receipt["cod"], order.amount_total)
        self.assertTrue(receipt["tax"])
        self.assertIn("12 Lê Lợi, Phường Bến Nghé, TP Hồ Chí Minh", receipt["address"])
        self.assertEqual((receipt["order"], receipt["type"]), (order.name, "receipt"))
        self.assertIn(order.access_token, receipt["url"])
        self.assertEqual(message.sop_side, "out")
        self.assertEqual(message.author_id, self.agent.partner_id)
        words = message.body
        self.assertIn(order.name, words)
        self.assertIn("access_token", words)

    def test_receipt_again_from_the_list_of_orders(self):
        """All of those that are ticked, or none."""
        sold = self.order(qty=1, confirm=True)
        self.order(qty=2)
        draft = self.conversation.order_ids - sold
        before = len(self.messages())
        with self.assertRaisesRegex(UserError, "confirmed order"), self.env.cr.savepoint():
            (sold | draft).with_user(self.agent).action_sop_send_receipt()
        self.assertEqual(len(self.messages()), before)
        sold.with_user(self.mate).action_sop_send_receipt()
        self.assertEqual([message.sop_payload["order_id"] for message in self.messages()[before:]], sold.ids)
        plain = self.env["sale.order"].create({"partner_id": self.partner.id, "order_line": [(0, 0, {"product_id": self.cap.id})]})
        plain.action_confirm()
        with self.assertRaisesRegex(UserError, "of a conversation"):
            plain.action_sop_send_receipt()
        for user in (self.other, self.foreign, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                sold.with_user(user).action_sop_send_receipt()

    def test_receipt_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.partner.lang = "vi_VN"
        order = self.order(confirm=True)
        self.assertEqual(
            self.messages()[-1].sop_payload["payment_label"],
            dict(order.with_context(lang="vi_VN")._fields["sop_payment"]._description_selection(order.with_context(lang="vi_VN").env))["cod"],
        )

    def test_receipt_again(self):
        order = self.order(confirm=True)
        self.talk._order_form.action_send_receipt(order.id)
        first, second = self.messages()
        self.assertEqual(first.sop_payload["total"], second.sop_payload["total"])
        with self.assertRaises(UserError):
            self.talk._order_form.action_send_receipt(self.order(qty=2).id)

    def test_confirmed_by_the_customers_payment(self):
        """Whoever confirms (a payment, the portal, Odoo's own form), the receipt comes by itself."""
        order = self.order()
        order.with_user(self.env.ref("base.public_user")).sudo().action_confirm()
        self.assertEqual(self.messages().sop_payload["order"], order.name)
        self.assertEqual(self.messages().author_id, self.agent.partner_id)

    def test_words_of_strangers_stay_words(self):
        self.shirt.name = "<script>alert(1)</script>{{customer}}"
        self.partner.street = "<img src=x onerror=alert(1)>"
        self.order(confirm=True)
        self.assertNotIn("<script", self.messages()[-1].body)
        self.assertNotIn("<img", self.messages()[-1].body)

    def test_quotation_then_order(self):
        order = self.order()
        self.talk._order_form.action_send_quotation(order.id)
        self.assertEqual((order.state, self.messages()[-1].sop_payload["type"]), ("sent", "quotation"))
        self.talk._order_form.action_confirm_order(order.id)
        self.assertEqual([message.sop_payload["type"] for message in self.messages()], ["quotation", "receipt"])

    # === PAYMENT ===

    def bank(self, **values):
        bank = self.env["res.bank"].create({"name": "VietinBank", "bic": "970415"})
        self.company.partner_id.write({"country_id": self.vietnam.id, "city": "Quận 1", "name": "Cửa hàng Đẹp"})
        return self.env["res.partner.bank"].create(
            {
                "acc_number": "998877665544", "bank_id": bank.id, "partner_id": self.company.partner_id.id,
                "proxy_type": "bank_acc", "proxy_value": "998877665544", **values,
            }
        )  # fmt: skip

    def test_vietqr_for_the_exact_amount_and_order(self):
        self.company.partner_id.bank_ids.active = False
        self.bank()
        self.company.currency_id = self.env.ref("base.VND")
        order = self.order(qty=3, carrier_id=self.slow.id, payment="transfer", confirm=True)
        message = self.messages()[-1]
        read = vietqr.decode(message.sop_payload["bank"]["qr"])
        self.assertEqual(
            read,
            {"bank": "970415", "account": "998877665544", "service": "QRIBFTTA", "amount": 475_000, "reference": order.sop_payment_ref},
        )
        self.assertEqual(message.attachment_ids.mimetype, "image/png")
        self.assertGreater(message.attachment_ids.file_size, 300)
        self.assertEqual(message.sop_payload["cod"], 0)
        codes = self.env["sop.picture"].search([("checksum", "=", message.attachment_ids.checksum)])
        self.assertFalse(codes, "one customer's code to pay with is never offered for another")

    def test_decoder_knows_a_real_code(self):
        """A code printed by a bank; one digit changed and it is refused."""
        code = "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C"
        self.assertEqual(vietqr.decode(code)["amount"], 120_000)
        with self.assertRaises(ValueError):
            vietqr.decode(code.replace("120000", "120001"))

    def test_transfer_without_an_account(self):
        self.company.partner_id.bank_ids.active = False
        self.order(payment="transfer", confirm=True)
        self.assertIsNone(self.messages()[-1].sop_payload["bank"])

    def test_payment_link(self):
        order = self.order(payment="link", confirm=True)
        link = self.messages()[-1].sop_payload["pay_url"]
        self.assertIn(f"/my/orders/{order.id}", link)
        self.assertIn("payment_amount=150000", link)

    # === LEAD, EVENTS ===

    def test_lead_moves_with_the_order(self):
        team = self.env["crm.team"].create({"name": "Đội SOP", "company_id": self.company.id, "sop_process": True})
        self.conversation.team_id = team
        lead = self.env["crm.lead"].browse(self.conversation.with_user(self.manager).action_create_lead())
        talk = self.conversation.with_user(self.manager)
        order = self.env["sale.order"].browse(talk.action_create_order({"lines": [{"product_id": self.shirt.id, "qty": 1}]}))
        self.assertEqual(order.opportunity_id, lead)
        talk._order_form.action_send_quotation(order.id)
        self.assertEqual(lead.sop_code, "convert")
        talk._order_form.action_confirm_order(order.id)
        self.assertEqual((lead.sop_code, lead.won_status), ("close", "won"))
        self.assertTrue(self.env["sop.interaction"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)]))

    def test_lead_made_after_the_order(self):
        order = self.order()
        team = self.env["crm.team"].create({"name": "Đội SOP", "company_id": self.company.id, "sop_process": True})
        self.conversation.team_id = team
        lead = self.conversation.with_user(self.manager).action_create_lead()
        order.action_confirm()
        self.assertEqual(order.opportunity_id.id, lead)

    def test_events_once_and_taken_back(self):
        order = self.order(qty=2)
        events = self.env["sop.conversion.event"].search([("order_id", "=", order.id)])
        self.assertEqual(events.mapped("kind"), ["add_to_cart"])
        self.talk.action_update_order({"add": {"product_id": self.cap.id, "qty": 1}})
        self.talk._order_form.action_confirm_order(order.id)
        events = self.env["sop.conversion.event"].search([("order_id", "=", order.id)])
        self.assertEqual(events.mapped("kind"), ["add_to_cart", "purchase"])
        self.assertEqual((events[1].value, events[1].currency, events[1].state), (order.amount_total, order.currency_id.name, "queued"))
        self.assertEqual(sum(item["quantity"] * item["item_price"] for item in events[1].contents), 390_000)
        events[0].state = "sent"
        self.talk._order_form.action_cancel_order(order.id)
        self.assertEqual(events.mapped("state"), ["sent", "cancelled"])

    # === CANCEL ===

    def test_cancel_frees_the_stock_and_tells(self):
        order = self.order(product=self.cap, confirm=True)
        self.assertEqual(self.cap.free_qty, 0)
        self.talk._order_form.action_cancel_order(order.id, notify=True)
        self.assertEqual(order.state, "cancel")
        self.cap.invalidate_recordset()
        self.assertEqual(self.cap.free_qty, 1)
        self.assertEqual(self.messages()[-1].sop_payload["type"], "order_cancelled")
        self.assertEqual(self.conversation.order_count, 0)
        self.talk._order_form.action_cancel_order(order.id, notify=True)
        self.assertEqual(len(self.messages()), 2, "cancelling again tells nobody again")
        with self.assertRaises(UserError):
            self.talk._order_form.action_confirm_order(order.id)

    def test_cancel_silently(self):
        order = self.order()
        self.talk._order_form.action_cancel_order(order.id)
        self.assertFalse(self.messages())

    def test_delivered_orders_are_returned_not_cancelled(self):
        order = self.order(product=self.cap, confirm=True)
        order.picking_ids.move_ids.quantity = 1
        order.picking_ids.button_validate()
        self.assertEqual(order.picking_ids.state, "done")
        with self.assertRaises(UserError):
            self.talk._order_form.action_cancel_order(order.id)

    # === CALL TO CONFIRM ===

    def test_first_big_order_is_called(self):
        self.company.sop_call_amount = 400_000
        self.assertTrue(self.order(qty=3).sop_call_first)
        self.assertFalse(self.order(qty=1).sop_call_first)
        self.company.sop_call_amount = 0
        self.assertFalse(self.order(qty=4).sop_call_first)

    def test_who_returned_goods_is_called(self):
        order = self.order(product=self.cap, confirm=True)
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.button_validate()
        wizard = self.env["stock.return.picking"].with_context(active_id=picking.id, active_model="stock.picking").create({})
        wizard.product_return_moves.quantity = 1
        back = wizard._create_return()
        back.move_ids.quantity = 1
        back.button_validate()
        history = self.conversation._order_form._order_history()
        self.assertEqual((history["orders"], history["total"], history["returns"]), (1, 90_000, 1))
        self.assertTrue(self.order(qty=1).sop_call_first)
