import importlib.util
from pathlib import Path

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestCallToConfirm(OrderCommon):
    """Rules as data say which orders are confirmed by a call; outcome, who and when are kept; goods may wait for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sop_call_amount = 400_000
        cls.conversation.partner_id = cls.partner

    def rule(self, kind):
        return self.env["sop.call.rule"].search([("kind", "=", kind)])

    def chip(self):
        return self.env["sop.inbox.screen"].with_user(self.agent).get_counters()["call"]

    def test_draft_and_confirmed(self):
        before = self.chip()
        order = self.order(qty=3, payment="later")
        self.assertEqual(order.sop_call_rule_ids, self.rule("first"))
        self.assertEqual(self.chip() - before, 1)
        order.with_user(self.agent).action_confirm()
        self.assertTrue(order.sop_call_first, "a confirmed one is called, too")
        self.assertEqual(self.chip() - before, 1)
        found = self.env["sop.conversation"].search([("order_ids", "any", [("sop_call_first", "=", True)])])
        self.assertEqual(found, self.conversation)
        order.with_user(self.agent).action_sop_call_outcome("confirmed")
        self.assertEqual(self.chip() - before, 0)
        self.assertEqual((order.sop_call_outcome, order.sop_called_by_id), ("confirmed", self.agent))
        self.assertTrue(order.sop_called_at)

    def test_an_order_made_in_odoo_s_own_form_is_marked_when_confirmed(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "sop_conversation_id": self.conversation.id,
                "order_line": [(0, 0, {"product_id": self.shirt.id, "product_uom_qty": 3})],
            }
        )
        self.assertFalse(order.sop_call_first)
        order.action_confirm()
        self.assertTrue(order.sop_call_first)

    def test_the_call_is_the_pipeline_s(self):
        order = self.order(qty=3).with_user(self.agent)
        action = order.action_sop_call_to_confirm()
        call = self.env["sop.call"].browse(action["params"]["call_id"])
        self.assertEqual((call.partner_id, call.user_id, call.number), (self.partner, self.agent, "+84901234567"))
        self.assertEqual(order.action_sop_call_to_confirm()["params"]["call_id"], call.id, "pressed twice it is one call")
        self.partner.phone = False
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            order.action_sop_call_to_confirm()

    def test_no_answer_is_called_again(self):
        order = self.order(qty=3).with_user(self.agent)
        order.action_sop_call_no_answer()
        self.assertTrue(order.sop_call_first)
        form = self.conversation.with_user(self.agent).get_order_form()["order"]["call"]
        self.assertEqual((form["first"], form["by"]), (True, "Lan"))
        self.assertEqual(len(form["why"]), 1)

    def test_an_outcome_is_kept_for_all_orders_or_none(self):
        """A cancelled one among them: nothing is noted on the others."""
        order, cancelled = self.order(qty=3), self.order(self.make("Trần B", partner_id=self.partner.id), qty=3)
        cancelled._action_cancel()
        with self.assertRaisesRegex(UserError, f"{cancelled.name} was cancelled"), self.env.cr.savepoint():
            (order | cancelled).with_user(self.agent).action_sop_call_outcome("confirmed")
        self.assertRecordValues(order | cancelled, [{"sop_call_outcome": False, "sop_called_by_id": False}] * 2)
        for outcome in ("", "maybe", None, True, ["confirmed"]):
            with self.subTest(outcome), self.assertRaises(UserError):
                order.with_user(self.agent).action_sop_call_outcome(outcome)
        for user in (self.other, self.foreign, self.portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).action_sop_call_outcome("confirmed")

    def test_a_rule_orders_fall_under_is_archived_not_deleted(self):
        rule = self.rule("first")
        self.order(qty=3)
        with self.assertRaisesRegex(UserError, "archive it"), self.env.cr.savepoint():
            rule.unlink()
        rule.active = False
        newcomer = self.partner.copy({"name": "Lê C", "phone": "0907654321"})
        self.assertFalse(self.order(self.make("Lê C"), qty=3, partner_id=newcomer.id).sop_call_first)

    def test_what_was_confirmed_is_asked_again_for_another_reason_only(self):
        order = self.order(qty=3).with_user(self.agent)
        order.action_sop_call_confirmed()
        talk = self.conversation.with_user(self.agent)
        talk.action_update_order({"add": {"product_id": self.shirt.id, "qty": 1}})
        self.assertFalse(order.sop_call_first)
        self.env["res.partner"].create({"name": "Lê Thị Bình", "phone": "0901 234 567"})
        self.assertTrue(talk.get_order_form()["order"]["call"]["first"], "the number is somebody else's, too")
        self.assertFalse(order.sop_call_outcome)

    def test_another_address_than_last_time(self):
        first = self.order(qty=1, payment="later", confirm=True)
        self.assertFalse(first.sop_call_first)
        self.assertFalse(self.order(qty=1).sop_call_first)
        self.partner.street = "99 Trần Hưng Đạo"
        self.assertEqual(self.order(qty=2).sop_call_rule_ids, self.rule("moved"))

    def test_cash_to_an_unknown_ward_where_the_shop_wants_it(self):
        self.partner.write({"city": "Không đâu cả"})
        order = self.order(qty=1, payment="cod")
        self.assertFalse(order.sop_call_first)
        self.env["sop.call.rule"].with_context(active_test=False).search([("kind", "=", "address")]).active = True
        self.assertTrue(self.conversation.get_order_form()["order"]["call"]["first"])

    def test_from_an_amount_and_for_one_company(self):
        rule = self.rule("first")
        rule.amount_least = 160_000
        self.assertFalse(self.order(qty=1).sop_call_first)
        self.assertTrue(self.order(qty=2).sop_call_first)
        rule.company_id = self.company_b
        self.assertFalse(self.order(qty=3).sop_call_first)

    def test_goods_wait_where_the_shop_wants_it(self):
        self.company.sop_call_holds = True
        order = self.order(qty=3, payment="later", confirm=True)
        picking = order.picking_ids
        picking.move_ids.quantity = 3
        with self.assertRaisesRegex(UserError, order.name):
            picking.button_validate()
        order.action_sop_call_outcome("changed")
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_they_never_go_to_who_does_not_want_them(self):
        self.company.sop_call_holds = True
        order = self.order(qty=3, payment="later", confirm=True)
        order.action_sop_call_outcome("declined")
        order.picking_ids.move_ids.quantity = 3
        with self.assertRaisesRegex(UserError, f"does not want {order.name}"):
            order.picking_ids.button_validate()
        self.assertTrue(order._sop_call_values()["declined"], "the chat offers to enter another outcome")
        with self.assertRaises(UserError):
            order.action_sop_call_outcome("confirmed")  # of one who did not know that they do not want it
        order.action_sop_call_outcome("confirmed", "declined")
        order.picking_ids.button_validate()
        self.assertEqual(order.picking_ids.state, "done", "they changed their mind")
        order.write({"partner_shipping_id": self.env["res.partner"].create({"name": "Kế toán", "street": "1 Đường Khác"}).id})
        self.assertFalse(order.sop_call_first, "what has arrived is not called for")

    def test_they_wait_on_every_way_out(self):
        """In part, with what is missing given up, among other deliveries, by a worker of the warehouse."""
        self.company.sop_call_holds = True
        order = self.order(qty=3, payment="later", confirm=True)
        free = self.order(self.make("Khác"), qty=1, product=self.cap, payment="later", confirm=True)
        self.assertFalse(free.sop_call_first)
        keeper = new_test_user(self.env, "call_keeper", "stock.group_stock_user")
        picking = order.picking_ids.with_user(keeper)
        picking.move_ids.quantity = 1
        free.picking_ids.move_ids.quantity = 1
        for ways_out in (
            lambda: picking.with_context(skip_backorder=True).button_validate(),
            lambda: picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=picking.ids).button_validate(),
            lambda: (picking | free.picking_ids.with_user(keeper)).with_context(skip_backorder=True).button_validate(),
        ):
            with self.assertRaisesRegex(UserError, order.name):
                ways_out()
            self.assertNotEqual(picking.state, "done")
        order.action_sop_call_confirmed()
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")

    def test_they_do_not_wait_by_default(self):
        order = self.order(qty=3, payment="later", confirm=True)
        order.picking_ids.move_ids.quantity = 3
        order.picking_ids.button_validate()
        self.assertEqual(order.picking_ids.state, "done")

    def test_not_reached_after_a_colleague_reached_them(self):
        """Two agents ring at once, or an old screen is pressed: what the customer said stays."""
        order = self.order(qty=3)
        order.with_user(self.agent).action_sop_call_confirmed()
        order.with_user(self.mate).action_sop_call_no_answer()
        self.assertEqual((order.sop_call_first, order.sop_call_outcome, order.sop_called_by_id), (False, "confirmed", self.agent))

    def test_amounts_are_of_the_company_s_currency(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create({"currency_id": dollar.id, "company_id": self.company.id, "rate": 1 / 25_000, "name": "2026-01-01"})
        prices = self.env["product.pricelist"].create({"name": "USD", "currency_id": dollar.id})
        for unit, called in ((10, True), (1, False)):
            line = {"product_id": self.shirt.id, "product_uom_qty": 2, "price_unit": unit}
            order = self.env["sale.order"].create(
                {"partner_id": self.partner.id, "pricelist_id": prices.id, "sop_conversation_id": self.conversation.id, "order_line": [(0, 0, line)]}
            )
            order._sop_mark_call()
            self.assertEqual(order.sop_call_first, called)

    def test_a_rule_that_is_archived_stays_the_reason_and_is_not_deleted(self):
        order = self.order(qty=3, payment="later", confirm=True)
        rule = self.rule("first")
        with self.assertRaises(UserError):
            rule.unlink()
        rule.active = False
        self.env.invalidate_all()
        self.assertEqual(order._sop_call_values()["why"], [rule.name])
        self.rule("returns").unlink()

    def test_a_confirmed_order_that_goes_elsewhere_is_judged_again(self):
        self.rule("first").active = False
        self.order(qty=1, payment="later", confirm=True)
        order = self.order(qty=2, payment="later", confirm=True)
        self.assertFalse(order.sop_call_first)
        order.with_user(self.agent).partner_shipping_id = self.env["res.partner"].create(
            {"name": "Nguyễn Văn An", "phone": "0901234567", "street": "5 Hai Bà Trưng", "city": "Hà Nội"}
        )
        self.assertEqual(order.sop_call_rule_ids, self.rule("moved"))

    def test_amounts_that_are_none(self):
        for amount in (-1, float("nan"), float("inf")):
            with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.rule("first").amount_least = amount
                self.env.flush_all()

    def test_rights(self):
        order = self.order(qty=3)
        for stranger in (self.foreign, self.portal, self.env.ref("base.public_user")):
            for press in ("action_sop_call_confirmed", "action_sop_call_no_answer", "action_sop_call_declined", "action_sop_call_to_confirm"):
                with self.assertRaises(AccessError):
                    getattr(order.with_user(stranger), press)()
        theirs = self.env["sop.call.rule"].create({"name": "B", "kind": "names", "company_id": self.company_b.id})
        self.assertNotIn(theirs, theirs.with_user(self.manager).search([]))
        with self.assertRaises(UserError):
            order.with_user(self.agent).action_sop_call_outcome("perhaps")
        with self.assertRaises(AccessError):
            order.with_user(self.agent).write({"sop_call_outcome": "confirmed"})
        with self.assertRaises(AccessError):
            self.rule("first").with_user(self.agent).write({"active": False})
        self.rule("first").with_user(self.manager).write({"active": False})

    def test_orders_of_an_earlier_release_say_why(self):
        """What the upgrade does with orders that wait for a call since before there were rules."""
        order = self.order(qty=3, payment="later")
        order._sop_keeping().sop_call_rule_ids = False
        self.assertTrue(order.sop_call_first)
        path = Path(__file__).parents[2] / "migrations" / "19.0.2.0.0" / "post-inbox.py"
        spec = importlib.util.spec_from_file_location("post_inbox", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.env.flush_all()
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(order.sop_call_rule_ids, self.rule("first"))
