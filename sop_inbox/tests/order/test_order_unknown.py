from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.sop_pipeline.tools.person import Person

from ..order_common import OrderCommon


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderUnknown(OrderCommon):
    """Choosing a product makes no contact and no event until something of the customer is entered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = cls.env["res.partner"].with_context(active_test=False)
        cls.unknown = cls.everybody._sop_unknown(cls.company)

    def begin(self, talk=None, product=None):
        """The agent chooses a product; returns the draft."""
        (talk or self.talk).action_update_order({"add": {"product_id": (product or self.shirt).id, "qty": 1}})
        return (talk or self.talk)._order_form._draft_order().sudo()

    def facts(self):
        """What a draft of nobody must not touch."""
        talk = self.conversation
        return {
            "contacts": self.everybody.search_count([]),
            "leads": self.env["crm.lead"].search_count([]),
            "interactions": self.env["sop.interaction"].search_count([]),
            "events": self.env["sop.conversion.event"].search_count([]),
            "orders": (talk.order_count, talk.sold_count),
            "customer": (talk.partner_id, talk.identity_id.partner_id, talk.priority),
            "chips": {name: self.env["sop.inbox.screen"].get_counters([])[name] for name in ("order", "draft", "priority", "call")},
        }

    def test_choosing_makes_nothing(self):
        self.company.sop_call_amount = 1
        self.say(self.conversation, "lấy áo này, sđt 0912 345 678")
        before = self.facts()
        draft = self.begin()
        self.assertEqual(draft.partner_id, self.unknown)
        form = self.talk.get_order_form()
        self.assertEqual((form["order"]["partner"], form["order"]["call_first"], form["customer"]["id"]), (self.conversation.name, False, False))
        self.env.flush_all()
        self.assertEqual(self.facts(), before)
        self.assertFalse(self.env["sop.conversation.recount"]._find_drift(self.conversation.ids))
        self.assertFalse(draft.message_partner_ids & self.unknown)

    def test_what_is_entered_makes_the_customer(self):
        for number, typed in enumerate(({"name": "Chị Hoa"}, {"phone": "0987654321"}, {"street": "5 Hai Bà Trưng"})):
            with self.subTest(typed):
                talk = self.make(f"Khách {number}").with_user(self.agent)
                draft = self.begin(talk)
                talk.action_update_order({"customer": typed})
                self.assertTrue(talk.partner_id)
                self.assertEqual((draft.partner_id, draft.partner_shipping_id, draft.partner_invoice_id), (talk.partner_id,) * 3)
                self.assertEqual((talk.order_count, draft.amount_total), (1, 150_000))
                self.assertTrue(draft.partner_id.active)
                event = self.env["sop.conversion.event"].search([("order_id", "=", draft.id)])
                self.assertEqual((event.kind, event.value), ("add_to_cart", 150_000))

    def test_an_address_of_the_chat_makes_the_customer(self):
        message = self.say(self.conversation, "12 Lê Lợi, Phường Sài Gòn, TP. Hồ Chí Minh")
        draft = self.begin()
        self.talk._order_form.action_use_address(message.id)
        self.assertEqual(draft.partner_id, self.conversation.partner_id)
        self.assertEqual(draft.partner_shipping_id.street, "12 Lê Lợi")

    def test_confirmed_for_a_customer(self):
        draft = self.begin()
        self.talk.action_update_order({"payment": "later"})
        self.talk._order_form.action_confirm_order(draft.id, draft.amount_total)
        self.assertEqual((draft.state, draft.partner_id.name, draft.partner_id), ("sale", "Nguyễn Văn An", self.conversation.partner_id))
        self.assertEqual((self.conversation.order_count, self.conversation.sold_count), (1, 1))
        event = self.env["sop.conversion.event"].search([("order_id", "=", draft.id), ("kind", "=", "purchase")])
        self.assertEqual(event.conversation_id, self.conversation)

    def test_a_quotation_goes_to_a_customer(self):
        for number, send in enumerate(("action_send_quotation", "action_quotation_sent")):
            with self.subTest(send):
                talk = self.make(f"Khách {number}").with_user(self.agent)
                draft = self.begin(talk)
                talk._order_form.action_send_quotation(draft.id) if number == 0 else draft.with_user(self.agent).action_quotation_sent()
                self.assertEqual((draft.state, draft.partner_id), ("sent", talk.partner_id))
                self.assertFalse(draft.message_partner_ids & self.unknown)

    def test_with_the_customer_s_prices_and_the_agent_s_discount(self):
        self.agent.group_ids += self.env.ref("product.group_product_pricelist") + self.env.ref("sale.group_discount_per_so_line")
        percent = {"compute_price": "percentage", "percent_price": 40, "applied_on": "3_global"}
        wholesale = self.env["product.pricelist"].create({"name": "Sỉ", "company_id": self.company.id, "item_ids": [(0, 0, percent)]})
        self.partner.with_company(self.company).property_product_pricelist = wholesale
        draft = self.begin()
        self.begin(product=self.cap)
        lines = {line["product_id"]: line["id"] for line in self.talk.get_order_form()["order"]["lines"]}
        self.talk.action_update_order({"line": {"id": lines[self.cap.id], "discount": 10}})
        self.talk.action_update_order({"note": "gói quà giúp em"})
        self.assertEqual(draft.amount_total, 150_000 + 81_000)
        self.talk.action_update_order({"customer": {"phone": "0901234567"}})
        self.assertEqual((draft.partner_id, draft.pricelist_id), (self.partner, wholesale))
        self.assertEqual({line.product_id: line.price_total for line in draft.order_line}[self.shirt], 90_000)
        self.assertEqual(draft.order_line.filtered(lambda line: line.product_id == self.cap).discount, 10)
        self.assertIn("gói quà giúp em", draft.note)

    def test_one_who_has_the_number_is_no_new_contact(self):
        self.conversation.sudo()._sop_keeping().phone = "+84901234567"
        before = self.everybody.search_count([])
        self.assertEqual(self.begin().partner_id, self.partner)
        self.assertEqual((self.everybody.search_count([]), self.conversation.partner_id), (before, self.partner))

    def test_a_colleague_links_the_customer(self):
        draft = self.begin()
        self.conversation.with_user(self.manager).partner_id = self.partner
        self.assertEqual((draft.partner_id, draft.user_id), (self.partner, self.agent))

    def test_a_message_with_a_known_number_links_the_customer(self):
        draft = self.begin()
        self.say(self.conversation, "sđt mình 0901234567")
        self.assertEqual((self.conversation.partner_id, draft.partner_id), (self.partner, self.partner))

    def test_told_is_charged_before_and_after(self):
        tax = self.env["account.tax"].create({"name": "VAT", "amount": 10, "price_include_override": "tax_excluded", "company_id": self.company.id})
        self.shirt.taxes_id = tax
        [told] = self.talk.search_order_products("AO-M")
        draft = self.begin()
        [again] = self.talk.search_order_products("AO-M")
        self.talk.action_update_order({"customer": {"name": "Chị Hoa"}})
        self.assertEqual({told["price"], again["price"], draft.amount_total}, {165_000})

    def test_two_strangers_share_nothing(self):
        """Neither the panel nor the past of one shows the draft of the other, and no points are kept for both."""
        program = self.env["loyalty.program"].create({"name": "Điểm", "program_type": "loyalty", "trigger": "auto", "applies_on": "both"})
        program.rule_ids = [(0, 0, {"reward_point_amount": 1, "reward_point_mode": "order"})]
        first, second = self.begin(), self.begin(self.make("Bình").with_user(self.agent))
        rows = self.env["sop.conversation.panel"].with_user(self.agent).browse(self.conversation.id).get_panel()["orders"]["rows"]
        self.assertEqual([row["id"] for row in rows], first.ids)
        self.assertFalse((first | second).coupon_point_ids)
        self.assertFalse(self.env["loyalty.card"].search([("partner_id", "=", self.unknown.id)]))
        self.assertEqual(self.talk.get_order_form()["history"]["orders"], 0)

    def test_outsiders_see_no_draft(self):
        draft = self.begin()
        public = self.env.ref("base.public_user")
        for user in (self.portal, public):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    draft.with_user(user).read(["name"])
                with self.assertRaises(AccessError):
                    self.unknown.with_user(user).read(["name"])
        self.assertFalse(self.unknown.user_ids)
        self.assertNotIn(self.unknown, self.everybody.with_user(self.foreign).search(Domain("sop_is_unknown", "=", True)))

    def test_it_stays_nobody(self):
        with self.assertRaises(AccessError):
            self.partner.with_user(self.manager).write({"sop_is_unknown": True})
        with self.assertRaises(UserError):
            self.env["base.partner.merge.automatic.wizard"]._merge([self.unknown.id, self.partner.id], self.partner)
        self.assertEqual(self.everybody._sop_unknown(self.company), self.unknown)
        self.assertNotEqual(self.everybody._sop_unknown(self.company_b), self.unknown)

    def test_a_draft_without_a_conversation_waits_for_a_customer(self):
        draft = self.begin()
        draft.sop_conversation_id = False
        with self.assertRaises(UserError):
            draft.with_user(self.agent).action_confirm()
        draft.partner_id = self.partner
        draft.with_user(self.agent).action_confirm()
        self.assertEqual(draft.state, "sale")

    def test_cancelled_is_named_and_not_charged_anew(self):
        draft = self.begin()
        self.talk._order_form.action_cancel_order(draft.id)
        self.conversation.partner_id = self.partner
        self.assertEqual((draft.state, draft.partner_id, self.conversation.order_count), ("cancel", self.partner, 0))

    def test_it_goes_with_the_person(self):
        draft, other = self.begin(), self.begin(self.make("Bình").with_user(self.agent))
        identity = self.conversation.identity_id
        self.assertIn(draft.name, str(self.env["sop.privacy"]._export(Person(identity))))
        self.env["sop.privacy"]._erase(Person(identity))
        self.assertEqual((draft.exists(), other.exists(), self.unknown.exists()), (draft.browse(), other, self.unknown))
