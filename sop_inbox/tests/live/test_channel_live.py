import json
import threading
import time

from odoo import api, fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from odoo.addons.sop_pipeline.tests.queries import cold_queries

from ...tools.livestream import Claim, allocate, choose_variant, read_wishes
from ..channel_common import PAGE, POST, ChannelCommon


@tagged("post_install", "-at_install")
class TestLivestreamWords(BaseCase):
    """Comments of a livestream, as people write them."""

    def wish(self, text, codes=("A1", "A12", "VH-2")):
        wishes = read_wishes(text, codes)
        return [(w.code, w.quantity, w.phone) for w in wishes]

    def test_any_case_order_and_accents(self):
        phone = "+84901234567"
        for text, wanted in (
            ("A1 xanh M 0901234567", [("A1", 1, phone)]),
            ("0901234567 a1 XANH m", [("A1", 1, phone)]),
            ("chốt a-1 x2 xanh 0901.234.567", [("A1", 2, phone)]),
            ("lấy 3 cái A 1 đỏ", [("A1", 3, "")]),
            ("A12 sl 2", [("A12", 2, "")]),
            ("vh2 hồng x3, a1 xanh x2 0901234567", [("VH-2", 3, phone), ("A1", 2, phone)]),
            ("A1x2 xanh", [("A1", 2, "")]),
            ("a1x 2, vh2x3", [("A1", 2, ""), ("VH-2", 3, "")]),
            ("A1xl", []),
            ("đẹp quá shop ơi", []),
            ("A13 xanh", []),
            ("giá 0901234567", []),
        ):
            found = self.wish(text)
            self.assertEqual(sorted(found), sorted(wanted), text)

    def test_codes_of_digits_alone(self):
        for text, wanted in (
            ("lấy 2 cái mã 5", [("5", 2)]),
            ("5 x 2", [("5", 2)]),
            ("2x5 đỏ", [("2", 5)]),
            ("chốt 5", [("5", 1)]),
            ("5, 2 cái", [("5", 2)]),
            ("mã 5 và mã 2", [("2", 1), ("5", 1)]),
            ("5 cái", [("5", 1)]),
        ):
            found = [(wish.code, wish.quantity) for wish in read_wishes(text, ("2", "5", "A1"))]
            self.assertEqual(sorted(found), sorted(wanted), text)

    def test_variants(self):
        variants = {1: ["Xanh", "M"], 2: ["Xanh", "L"], 3: ["Đỏ", "M"]}
        self.assertEqual(choose_variant(("xanh", "m"), variants), 1)
        self.assertEqual(choose_variant(("m", "do"), variants), 3)
        self.assertIsNone(choose_variant(("xanh",), variants))
        self.assertEqual(choose_variant((), {9: []}), 9)

    def test_first_come_first_served_whatever_is_heard_first(self):
        claims = [Claim(1, (10, "a"), 2), Claim(2, (5, "b"), 2), Claim(3, (7, "c"), 1), Claim(4, (1, "d"), 9)]
        self.assertEqual(allocate(claims, 3), {2, 3})
        self.assertEqual(allocate(claims[::-1], 3), {2, 3})
        self.assertEqual(allocate(claims, None), {1, 2, 3, 4})
        self.assertEqual(allocate([Claim(1, (9, ""), 2, True), Claim(2, (1, ""), 2)], 3), {1}, "confirmed goods are not taken back")


@tagged("post_install", "-at_install")
class TestLivestream(ChannelCommon):
    """Comments below a running livestream become draft orders, first come first served."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        attribute = cls.env["product.attribute"].create({"name": "Size", "value_ids": [(0, 0, {"name": "M"}), (0, 0, {"name": "L"})]})
        cls.shirt = cls.env["product.template"].create(
            {
                "name": "Áo",
                "list_price": 100000,
                "attribute_line_ids": [(0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]})],
            }
        )
        cls.post = cls.env["sop.channel.post"]._get_or_create(cls.page, POST)
        cls.session = cls.env["sop.live.session"].create(
            {"post_id": cls.post.id, "item_ids": [(0, 0, {"code": "A1", "product_tmpl_id": cls.shirt.id, "quantity": 2, "price": 90000})]}
        )
        cls.session.action_start()

    def ask(self, person, text, seconds=0, ref=None):
        return self.hear_comment(ref=ref or f"{POST}_{person}", text=text, seconds=seconds, sender=person)

    def states(self):
        return {c.identity_id.external_id: (c.state, c.quantity, c.order_id.state) for c in self.session.claim_ids}

    def test_orders_and_waiting_list(self):
        self.ask("11", "a1 size m 0901234567", -30)
        self.ask("12", "A1 L", -20)
        self.ask("13", "A1 m x2 0912345678", -10)
        self.ask("14", "hàng đẹp", -5)
        self.assertEqual(self.states(), {"11": ("won", 1, "draft"), "12": ("won", 1, "draft"), "13": ("waiting", 2, False)})
        order = self.session.claim_ids.filtered(lambda c: c.identity_id.external_id == "11").order_id
        self.assertEqual((order.order_line.price_total, order.partner_id.phone_sanitized), (90000, "+84901234567"))
        self.assertTrue(order.sop_conversation_id)
        self.session.claim_ids.filtered(lambda c: c.identity_id.external_id == "11").action_drop()
        self.assertEqual(self.states()["13"], ("won", 2, "draft"), "the next one moves up")
        self.assertEqual((self.session.won_count, self.session.waiting_count), (3, 0))

    def test_the_price_called_out_is_what_the_customer_pays(self):
        """Whatever taxes the product has; a code without a price tells what somebody new pays."""
        for include, amount in (("tax_excluded", 10), ("tax_included", 10), ("tax_excluded", 0)):
            tax = self.env["account.tax"].create({"name": f"{include} {amount}", "amount": amount, "price_include_override": include})
            self.shirt.taxes_id = tax
            for price, told in ((90000, 90000), (0, 110000 if include == "tax_excluded" and amount else 100000)):
                with self.subTest(include=include, amount=amount, price=price):
                    self.session.item_ids.price = price
                    [code] = self.session.get_board()["items"]
                    self.assertEqual(code["price"], told)
                    person = f"{include}{amount}{price}"
                    self.session.item_ids.quantity += 2
                    self.ask(person, "A1 M x2", -1)
                    self.assertEqual(self.claim(person).order_line_id.price_total, 2 * told)

    def test_repeats_count_once(self):
        for index in range(3):
            self.ask("11", "A1 M 0901234567", -30 + index, ref=f"{POST}_r{index}")
        self.assertEqual(self.states(), {"11": ("won", 1, "draft")})
        self.ask("11", "A1 L", -5, ref=f"{POST}_l")
        orders = self.session.claim_ids.order_id
        self.assertEqual((len(orders), len(orders.order_line)), (1, 2), "another wish extends the same order")

    def test_the_earlier_comment_heard_later_wins(self):
        self.ask("12", "A1 M x2", -10)
        self.assertEqual(self.states()["12"][0], "won")
        self.ask("11", "A1 M", -30)
        self.assertEqual(self.states(), {"11": ("won", 1, "draft"), "12": ("waiting", 2, False)})
        self.session.claim_ids.order_id.filtered(lambda o: o.order_line).action_confirm()
        self.ask("10", "A1 M x2", -40)
        self.assertEqual(self.states()["11"], ("won", 1, "sale"), "a confirmed order keeps its goods")

    def test_closed_session_reads_nothing(self):
        """What was said before it ended counts, whenever it is heard; what was said later does not."""
        self.session.action_close()
        self.session.ended_at = fields.Datetime.subtract(self.now, seconds=20)
        self.ask("11", "A1 M", -10)
        self.assertFalse(self.session.claim_ids)
        self.ask("12", "A1 M", -30)
        self.assertEqual(self.states(), {"12": ("won", 1, "draft")})

    def test_an_edited_comment_says_what_it_says_now(self):
        """The same whichever is heard of first, the comment or its edit."""
        for person, verbs in (("11", ("add", "edit")), ("12", ("edit", "add"))):
            for verb in verbs:
                text = {"add": "A1 M", "edit": "A1 L x2"}[verb]
                self.hear_comment(verb, f"{POST}_{person}", text, -30 if verb == "add" else -20, person)
        states = {(c.identity_id.external_id, c.product_id): (c.state, c.quantity) for c in self.session.claim_ids if c.state != "dropped"}
        self.assertEqual(states, {("11", self.variant("L")): ("won", 2), ("12", self.variant("L")): ("waiting", 2)})
        self.hear_comment("edit", f"{POST}_11", "A1 L", -10, "11")
        self.assertEqual(self.claim("11").filtered(lambda c: c.state == "won").mapped("quantity"), [1])
        self.hear_comment("edit", f"{POST}_11", "thôi ạ", -5, "11")
        self.assertEqual((set(self.claim("11").mapped("state")), self.claim("12").filtered("product_id").state), ({"dropped"}, "won"))
        self.session.action_close()
        self.session.ended_at = fields.Datetime.subtract(self.now, seconds=2)
        self.hear_comment("edit", f"{POST}_12", "A1 L", -1, "12")
        self.assertEqual(self.claim("12").quantity, 2, "it is over")

    def test_more_pieces_go_to_who_waits(self):
        self.ask("11", "A1 M x2", -30)
        self.ask("12", "A1 M", -20)
        self.assertEqual(self.states()["12"][0], "waiting")
        self.session.item_ids.quantity = 3
        self.assertEqual(self.states()["12"], ("won", 1, "draft"))

    def test_the_same_stock_under_two_codes_and_two_pages(self):
        """No piece is promised twice; given up under one code, it can be given out under the other."""
        polo = self.env["product.product"].create({"name": "Polo", "is_storable": True, "list_price": 1000})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.env["stock.quant"]._update_available_quantity(polo, warehouse.lot_stock_id, 2)
        code = {"product_tmpl_id": polo.product_tmpl_id.id}
        self.session.item_ids = [(0, 0, {"code": "P1", **code}), (0, 0, {"code": "P2", **code})]
        other_post = self.env["sop.channel.post"]._get_or_create(self.page, f"{PAGE}_other")
        other = self.env["sop.live.session"].create({"post_id": other_post.id, "item_ids": [(0, 0, {"code": "P1", **code})]})
        other.action_start()
        self.ask("11", "P1", -40)
        self.hear_comment(ref=f"{PAGE}_other_1", text="P1", seconds=-30, sender="12", post_id=f"{PAGE}_other", parent_id=f"{PAGE}_other")
        self.ask("13", "P2", -20)
        self.assertEqual((self.states()["11"][0], other.claim_ids.state, self.states()["13"][0]), ("won", "won", "waiting"))
        self.assertEqual([v["left"] for item in self.board()["items"][1:] for v in item["variants"]], [0, 0])
        self.claim("11").action_drop()
        self.session.action_give_out()
        self.assertEqual(self.states()["13"], ("won", 1, "draft"))

    def test_sold_without_stock_has_no_end(self):
        polo = self.env["product.product"].create({"name": "Polo", "is_storable": True, "list_price": 1000, "sop_sell_without_stock": True})
        self.session.item_ids = [(0, 0, {"code": "P9", "product_tmpl_id": polo.product_tmpl_id.id})]
        self.ask("11", "P9 x3", -30)
        self.assertEqual(self.states()["11"], ("won", 3, "draft"))

    # === THE BOARD ===

    def board(self, user=None, **kwargs):
        self.env.flush_all()
        return self.session.with_user(user or self.agent).get_board(**kwargs)

    def variant(self, size):
        return self.shirt.product_variant_ids.filtered(lambda v: v.product_template_attribute_value_ids.name == size)

    def claim(self, person):
        return self.session.claim_ids.filtered(lambda claim: claim.identity_id.external_id == person)

    def test_board_counts(self):
        self.ask("11", "A1 M 0901234567", -30)
        self.ask("12", "A1 M x2", -20)
        self.ask("13", "A1", -10)
        board = self.board()
        counters = board["counters"]
        amount = self.claim("11").order_id.amount_total
        self.assertEqual((counters["customers"], counters["orders"], counters["confirmed"], counters["amount"]), (3, 1, 0, amount))
        self.assertEqual((counters["pieces"], counters["wishes"]), ({"won": 1, "waiting": 2, "asked": 1}, {"won": 1, "waiting": 1, "asked": 1}))
        [item] = board["items"]
        self.assertEqual([(v["name"], v["won"], v["waiting"], v["left"]) for v in item["variants"]], [("M", 1, 2, 1), ("L", 0, 0, 2)])
        self.assertEqual([(c["state"], c["variant"]) for c in board["claims"]], [("asked", ""), ("waiting", "M"), ("won", "M")], "the latest first")
        self.assertEqual([c["state"] for c in self.board(state="waiting")["claims"]], ["waiting"])
        self.assertEqual((board["state"], board["claims"][2]["phone"], board["claims"][2]["order"]["state"]), ("running", "+84901234567", "draft"))

    def test_left_of_a_stored_product_is_what_nobody_has(self):
        """Pieces are neither lost nor doubled when an order is confirmed: they leave the free stock, and stay this livestream's."""
        polo = self.env["product.product"].create({"name": "Polo", "is_storable": True, "list_price": 1000})
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.env["stock.quant"]._update_available_quantity(polo, warehouse.lot_stock_id, 3)
        self.session.item_ids = [(0, 0, {"code": "P9", "product_tmpl_id": polo.product_tmpl_id.id})]
        self.ask("11", "P9", -30)
        self.ask("12", "P9 x2", -20)
        self.ask("13", "P9", -10)
        left = [(v["won"], v["waiting"], v["left"]) for v in self.board()["items"][1]["variants"]]
        self.assertEqual(left, [(3, 1, 0)])
        self.claim("11").order_id.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(self.board()["items"][1]["variants"][0]["left"], 0)
        self.ask("14", "P9", -5)
        self.assertEqual(self.states()["14"], ("waiting", 1, False))
        self.claim("12").order_id.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual([self.states()[person][0] for person in ("11", "12", "13", "14")], ["won", "dropped", "won", "won"])

    def test_board_costs_the_same_for_many(self):
        """The number of queries grows neither with wishes nor with codes."""
        counts = []
        for codes, people in ((("B1",), range(20, 22)), (("C1", "C2", "C3"), range(30, 42))):
            self.session.item_ids = [(0, 0, {"code": code, "product_tmpl_id": self.shirt.copy().id, "quantity": 5}) for code in codes]
            for person in people:
                self.ask(str(person), " ".join(f"{code} M" for code in codes), person - 60)
            counts.append(min(cold_queries(self.env, self.board) for _turn in range(3)))  # with what the registry keeps
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(counts[1], 37, "eleven of them are prices with their taxes, as an order charges them")

    def test_asked_and_named_meet_in_any_order(self):
        """Whichever comment is heard of first, the customer has one wish, with the variant they named."""
        for person, texts in (("11", ("A1", "A1 M")), ("12", ("A1 L", "A1"))):
            for index, text in enumerate(texts):
                self.ask(person, text, -30 + index, ref=f"{POST}_{person}_{index}")
        self.assertEqual(self.states(), {"11": ("won", 1, "draft"), "12": ("won", 1, "draft")})

    def test_choosing_for_the_customer(self):
        self.ask("11", "A1 x2 0901234567", -30)
        self.ask("12", "A1 M", -20)
        claim = self.claim("11")
        self.assertEqual(claim.state, "asked")
        stranger = self.env["product.product"].create({"name": "Khác"})
        for wrong in (stranger.id, 0, False, "x"):
            with self.assertRaises(UserError):
                claim.with_user(self.agent).action_choose(wrong)
        self.assertEqual(claim.state, "asked")
        for _again in range(2):
            claim.with_user(self.agent).action_choose(self.variant("M").id)
            self.assertEqual(self.states(), {"11": ("won", 2, "draft"), "12": ("waiting", 1, False)}, "their comment was the earlier one")
        with self.assertRaises(UserError):
            claim.with_user(self.agent).action_choose(self.variant("L").id)
        self.assertEqual(claim.order_id.order_line.mapped(lambda line: (line.product_id, line.product_uom_qty)), [(self.variant("M"), 2)])

    def test_a_cancelled_order_gives_its_pieces_on(self):
        self.ask("11", "A1 M x2", -30)
        self.ask("12", "A1 M", -20)
        self.claim("11").order_id.with_context(disable_cancel_warning=True).action_cancel()
        self.assertEqual((self.claim("11").state, self.claim("12").state), ("dropped", "won"))
        self.assertEqual(self.board()["counters"]["orders"], 1)

    def order_of(self, person):
        return self.claim(person).order_id

    def cancel(self, order):
        order.with_context(disable_cancel_warning=True).action_cancel()

    def test_asking_again_after_dropping_out(self):
        self.ask("11", "A1 M x2", -60)
        self.ask("12", "A1 M", -50)
        self.claim("11").action_drop()
        self.claim("11").dropped_at = fields.Datetime.subtract(self.now, seconds=40)
        self.ask("11", "A1 M", -55, ref=f"{POST}_late")
        self.assertEqual(self.states()["11"][0], "dropped", "said before they dropped out, heard after it")
        self.ask("11", "A1 M", -30, ref=f"{POST}_again")
        self.assertEqual(self.states(), {"11": ("won", 1, "draft"), "12": ("won", 1, "draft")})
        self.claim("11").action_drop()
        self.claim("11").dropped_at = fields.Datetime.subtract(self.now, seconds=20)
        self.ask("11", "A1", -10, ref=f"{POST}_which")
        asked = self.claim("11").filtered(lambda claim: claim.state == "asked")
        asked.action_choose(self.variant("M").id)
        self.assertEqual((self.claim("11"), asked.state), (asked, "won"), "chosen for them although they had dropped out of it")

    # === THE RECEIPT ===

    def told(self, order):
        """Rows that carry an order to its customer."""
        self.env.flush_all()
        messages = self.env["mail.message"].search([("sop_payload", "!=", False), ("model", "=", "discuss.channel")])
        mine = messages.filtered(lambda message: message.sop_payload.get("order_id") == order.id)
        return self.env["sop.channel.message"].search([("mail_message_id", "in", mine.ids)], order="id")

    def test_an_order_is_never_told_below_the_post(self):
        """It has the address and opens the order's page: it goes as the private answer, then in the chat that begins with it."""
        self.ask("11", "A1 M 0901234567", -30)
        order = self.order_of("11")
        order.action_confirm()
        [row] = self.told(order)
        self.assertEqual((row.part, row.target_ref, row.attachment_id.id), ("private", f"{POST}_11", False))
        self.assertIn(order.access_token, row.text)
        calls = self.deliver(lambda call: {"message_id": "m_private", "recipient_id": "77"})
        self.assertFalse([call for call in calls if call.url.endswith("/comments")], "nothing in public")
        self.assertEqual(row.state, "sent")
        self.assertTrue(row.mail_message_id._sop_delivery()[row.mail_message_id.id]["privately"])
        chat = order.sop_conversation_id.related_conversation_id
        self.assertEqual((chat.kind, chat.identity_id.external_id), ("message", "77"))
        self.hear(self.fb_app, self.messenger(0, "77", message={"mid": "m_77", "text": "ok shop"}))
        order.sop_conversation_id._order_form.action_send_receipt(order.id)
        again = self.told(order) - row
        self.assertEqual((again.conversation_id, again.part), (chat, "receipt"))

    def test_an_order_without_a_private_way_is_not_told(self):
        """Nothing in public: the order's own log says so, and who asks for it is told what to do."""
        self.ask("11", "A1 M 0901234567", -30)
        order = self.order_of("11")
        self.row(f"{POST}_11").at = fields.Datetime.subtract(self.now, days=8)
        order.action_confirm()
        self.assertEqual((order.state, order.sop_receipt_at, bool(self.told(order))), ("sale", False, False))
        self.assertIn("No receipt was sent", order.message_ids[0].body)
        with self.assertRaises(UserError):
            order.sop_conversation_id.with_user(self.agent)._order_form.action_send_receipt(order.id)
        self.ask("11", "shop ơi", -5, ref=f"{POST}_new")
        order.sop_conversation_id.with_user(self.agent)._order_form.action_send_receipt(order.id)
        self.assertEqual((self.told(order).part, self.told(order).target_ref), ("private", f"{POST}_new"))

    def test_deleted_orders_and_lines_give_their_pieces_on(self):
        self.ask("11", "A1 M x2", -30)
        self.ask("12", "A1 M", -20)
        self.ask("13", "A1 M", -10)
        self.order_of("11").unlink()
        self.assertEqual([self.states()[person][0] for person in ("11", "12", "13")], ["dropped", "won", "won"])
        self.ask("14", "A1 M", -5)
        self.order_of("12").write({"order_line": [(2, self.claim("12").order_line_id.id)]})
        self.assertEqual([self.states()[person][0] for person in ("12", "13", "14")], ["dropped", "won", "won"])

    def test_lines_of_others_stay(self):
        """The same variant under two codes, what staff added, and its notes: a wish touches its own line alone."""
        self.session.item_ids = [(0, 0, {"code": "B1", "product_tmpl_id": self.shirt.id, "quantity": 1})]
        self.ask("11", "A1 M", -40)
        order = self.order_of("11")
        order.order_line = [(0, 0, {"display_type": "line_note", "name": "Gói quà"}), (0, 0, {"product_id": self.variant("M").id})]
        self.ask("12", "B1 M", -30)
        self.ask("11", "B1 M", -20, ref=f"{POST}_b1")
        self.ask("11", "A1", -15, ref=f"{POST}_a")
        self.assertEqual(len(order.order_line), 3)
        self.claim("12").action_drop()
        self.assertEqual(sorted(order.order_line.mapped("product_uom_qty")), [0, 1, 1, 1])
        self.claim("11").filtered(lambda claim: claim.item_id.code == "A1").action_drop()
        self.assertEqual(len(order.order_line), 3, "B1, the note, and what staff added")

    def test_cancelled_and_taken_up_again(self):
        """A piece is not sold twice: who was cancelled gets it back only when nobody has it."""
        self.ask("11", "A1 M x2", -30)
        self.ask("12", "A1 M x2", -20)
        order = self.order_of("11")
        self.cancel(order)
        self.assertEqual([self.states()[person][0] for person in ("11", "12")], ["dropped", "won"])
        self.order_of("12").action_confirm()
        order.action_draft()
        self.assertEqual(self.states()["11"], ("waiting", 2, False))
        self.assertFalse(order.order_line)
        self.cancel(self.order_of("12"))
        self.assertEqual(self.states()["11"], ("won", 2, "draft"))

    def test_after_the_livestream_a_person_gives_out(self):
        self.ask("11", "A1 M x2", -30)
        self.ask("12", "A1 M x2", -20)
        self.session.action_close()
        self.cancel(self.order_of("11"))
        self.assertEqual([self.states()[person][0] for person in ("11", "12")], ["dropped", "waiting"])
        self.assertEqual(self.board()["items"][0]["variants"][0]["left"], 2)
        with self.assertRaises(AccessError):
            self.session.with_user(self.foreign).action_give_out()
        for _again in range(2):
            self.session.with_user(self.agent).action_give_out()
            self.assertEqual(self.states()["12"], ("won", 2, "draft"))

    def test_another_company_s_stock_is_not_sold(self):
        """A helper has both companies ticked: what is sold is the livestream's company's."""
        polo = self.env["product.product"].create({"name": "Polo", "is_storable": True, "list_price": 1000})
        for company, pieces in ((self.company, 1), (self.company_b, 50)):
            warehouse = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
            self.env["stock.quant"].with_company(company)._update_available_quantity(polo, warehouse.lot_stock_id, pieces)
        self.session.item_ids = [(0, 0, {"code": "P9", "product_tmpl_id": polo.product_tmpl_id.id})]
        both = self.session.with_context(allowed_company_ids=(self.company | self.company_b).ids)
        self.assertEqual(both.get_board()["items"][1]["variants"][0]["left"], 1)

    def test_boards_are_told(self):
        """Every fact that changes the board tells the company's open boards, by the session's id alone."""

        def told(act):
            self.env.cr.precommit.run()
            self.env["bus.bus"].search([]).unlink()
            act()
            self.env.cr.precommit.run()
            mine = self.env["bus.bus"].search([("message", "like", "sop_inbox/live")])
            self.assertEqual({json.loads(row.message)["payload"]["id"] for row in mine}, {self.session.id} if mine else set())
            return bool(mine)

        self.assertTrue(told(lambda: self.ask("11", "A1 0901234567", -30)))
        self.assertFalse(told(lambda: self.ask("12", "đẹp quá", -20)))
        self.assertTrue(told(lambda: self.claim("11").action_choose(self.variant("M").id)))
        self.assertTrue(told(lambda: self.claim("11").order_id.action_confirm()))
        self.ask("13", "A1 M", -10)
        self.assertTrue(told(lambda: self.claim("13").action_drop()))
        self.assertTrue(told(self.session.action_close))

    def test_board_is_its_team_s(self):
        self.ask("11", "A1 0901234567", -30)
        claim = self.claim("11")
        self.assertEqual(self.board(self.mate)["counters"]["customers"], 1, "the team's people help in the livestream")
        public = self.env.ref("base.public_user")
        for user in (self.other, self.foreign, self.portal, public):
            for call in (
                lambda user=user: self.board(user),
                lambda user=user: claim.with_user(user).action_choose(self.variant("M").id),
                lambda user=user: claim.with_user(user).action_drop(),
                lambda user=user: self.session.with_user(user).action_close(),
            ):
                with self.assertRaises(AccessError):
                    call()
        self.assertEqual((claim.state, self.session.state), ("asked", "running"))


@tagged("post_install", "-at_install", "concurrency")
class TestLivestreamRace(BaseCase):
    """Two customers ask for the last piece, and two workers hear them at once: one gets it, the other waits for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            app = env["sop.channel.app"].create({"provider": "facebook", "app_ref": "race-live", "app_secret": "s", "webhook_key": "klive"})
            page = env["sop.channel.account"].create({"name": "Trang", "app_id": app.id, "external_id": "race-live", "access_token": "T"})
            post = env["sop.channel.post"]._get_or_create(page, "race-live_1")
            shirt = env["product.template"].create({"name": "Áo", "list_price": 1000})
            session = env["sop.live.session"].create(
                {"post_id": post.id, "item_ids": [(0, 0, {"code": "A1", "product_tmpl_id": shirt.id, "quantity": 1})]}
            )
            session.action_start()
            cls.ids = {"app": app.id, "page": page.id, "session": session.id, "shirt": shirt.id}
        cls.addClassCleanup(cls.clean)

    @classmethod
    def clean(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            session = env["sop.live.session"].browse(cls.ids["session"])
            orders = session.claim_ids.order_id
            partners = orders.partner_id
            session.unlink()
            orders.unlink()
            conversations = env["sop.conversation"].search([("account_id", "=", cls.ids["page"])])
            guests = conversations.identity_id.guest_id
            conversations.channel_id.unlink()
            env["sop.channel.event"].search([("app_id", "=", cls.ids["app"])]).unlink()
            env["sop.channel.account"].browse(cls.ids["page"]).unlink()
            env["sop.channel.app"].browse(cls.ids["app"]).unlink()
            env["product.template"].browse(cls.ids["shirt"]).unlink()
            guests.unlink()
            partners.unlink()

    def test_the_last_piece_is_sold_once(self):
        """Not doubled, by a race of two workers."""
        lanes = []
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            app = env["sop.channel.app"].browse(self.ids["app"])
            at = int(fields.Datetime.now().timestamp())
            for person in ("r1", "r2"):
                value = {
                    "item": "comment", "verb": "add", "comment_id": f"race-live_1_{person}", "post_id": "race-live_1", "parent_id": "race-live_1",
                    "message": "A1", "created_time": at, "from": {"id": person, "name": person},
                }  # fmt: skip
                body = {"object": "page", "entry": [{"id": "race-live", "time": at, "changes": [{"field": "feed", "value": value}]}]}
                env["sop.channel.event"]._store(app, app._get_service().split(json.dumps(body).encode()))
                lanes.append(env["sop.channel.event"].search([("person_ref", "=", person), ("app_id", "=", app.id)]).ids)
        barrier = threading.Barrier(2)
        tries = []

        def work(event_ids):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                cr.execute("SELECT 1")  # both snapshots are from before either sale
                barrier.wait(60)

                def apply():
                    tries.append(event_ids)
                    env["sop.channel.event"].browse(event_ids)._apply()
                    env.flush_all()
                    time.sleep(0.2)

                retrying(apply, env)
                cr.commit()  # pylint: disable=invalid-commit

        threads = [threading.Thread(target=work, args=(lane,), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        with self.registry.cursor() as cr:
            session = api.Environment(cr, api.SUPERUSER_ID, {})["sop.live.session"].browse(self.ids["session"])
            self.assertEqual(sorted(session.claim_ids.mapped("state")), ["waiting", "won"])
            self.assertEqual(sum(session.claim_ids.order_id.order_line.mapped("product_uom_qty")), 1)
        self.assertGreater(len(tries), 2, "the two never met: this shows nothing")
