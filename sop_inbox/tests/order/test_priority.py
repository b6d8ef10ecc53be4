from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sop_pipeline.tests.queries import statements

from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestPriority(OrderCommon):
    """Customers who come first are found by facts; confirmed orders and drafts have their own numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"sop_vip_orders": 3, "sop_vip_amount": 500_000, "sop_priority_orders": 2})
        cls.conversation.partner_id = cls.partner

    def buy(self, **values):
        return self.order(payment="later", confirm=True, **values)

    def chip(self, name):
        return self.env["sop.inbox.screen"].with_user(self.agent).get_counters()[name]

    def test_who_buys_again_and_who_is_a_vip(self):
        self.buy(product=self.advice)
        self.assertFalse(self.conversation.priority)
        second = self.buy(product=self.advice, qty=2)
        self.assertEqual(self.conversation.priority, "again")
        self.buy(product=self.advice, qty=3)
        self.assertEqual(self.conversation.priority, "vip", "by the number")
        shown = self.conversation.with_user(self.agent).get_order_form()["priority"]
        self.assertEqual((second.sop_priority, shown), ("vip", "VIP"), "seen on the order")
        second.with_user(self.agent).action_cancel()
        self.assertEqual(self.conversation.priority, "again", "a cancelled order is none")

    def test_by_the_sum(self):
        self.buy(qty=4)
        self.assertEqual(self.conversation.priority, "vip")

    def test_drafts_say_nothing_and_a_confirmed_order_counts_as_it_is(self):
        order = self.order(qty=4, payment="later")
        self.assertFalse(self.conversation.priority)
        order.with_user(self.agent).action_confirm()
        self.assertEqual(self.conversation.priority, "vip")
        order.order_line.product_uom_qty = 1
        self.assertFalse(self.conversation.priority, "it became smaller")

    def test_by_a_colleague_s_tag_and_by_the_lead_s(self):
        vip = self.env.ref("sop_pipeline.crm_tag_vip")
        self.conversation.tag_ids = vip
        self.assertEqual(self.conversation.priority, "vip")
        self.conversation.tag_ids = [Command.clear()]
        self.assertFalse(self.conversation.priority)
        lead = self.conversation.lead_id = self.env["crm.lead"].create({"name": "x", "tag_ids": [Command.link(vip.id)]})
        self.assertEqual(self.conversation.priority, "vip")
        lead.tag_ids = [Command.unlink(vip.id)]
        self.assertFalse(self.conversation.priority)
        with statements() as said:
            lead.tag_ids = [Command.set(lead.tag_ids.ids)]  # as core's assignment writes with each lead it merges
        self.assertNotIn("SELECT sop_conversation", said, "tags that stay as they are ask for nothing")

    def test_other_limits(self):
        self.buy(product=self.advice)
        self.company.sop_priority_orders = 1
        self.assertEqual(self.conversation.priority, "again")
        self.company.sop_priority_orders = 0
        self.assertFalse(self.conversation.priority)

    def test_another_conversation_of_the_same_customer(self):
        self.buy(qty=4)
        other = self.make("Anh An ở Zalo")
        other.partner_id = self.partner
        self.assertEqual(other.priority, "vip")
        self.assertEqual(self.chip("priority"), 2)

    def test_they_are_given_out_first(self):
        self.north.write({"sop_distribution": "even", "sop_capacity": 1})
        self.buy(qty=4)
        first, vip = self.make("Khách đợi lâu"), self.make("Anh An ở Zalo")
        self.say(first, at="2026-01-01 00:00:00")
        self.say(vip)
        vip.partner_id = self.partner
        self.conversation.action_done()
        self.env["sop.duty"].create({"user_id": self.agent.id}).on_duty = True
        self.env["sop.conversation"]._cron_distribute()
        self.assertEqual((vip.user_id, first.user_id.id), (self.agent, False))

    def test_confirmed_and_drafts_have_their_own_numbers(self):
        before = {name: self.chip(name) for name in ("order", "draft")}
        draft = self.order(qty=1, payment="later")
        self.assertEqual((self.conversation.order_count, self.conversation.sold_count), (1, 0))
        self.assertEqual((self.chip("order") - before["order"], self.chip("draft") - before["draft"]), (0, 1))
        draft.with_user(self.agent).action_confirm()
        self.assertEqual((self.conversation.order_count, self.conversation.sold_count), (1, 1))
        self.assertEqual((self.chip("order") - before["order"], self.chip("draft") - before["draft"]), (1, 0))
        draft.with_user(self.agent)._action_cancel()
        self.assertEqual((self.conversation.order_count, self.conversation.sold_count), (0, 0))
        self.assertEqual(self.env["sop.conversation.recount"]._find_drift(self.conversation.ids), [])
        self.assertEqual(self.env["sop.conversation.tally"]._find_drift(), [])
