from datetime import timedelta
from random import Random

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open, mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from ..order_common import OrderCommon

NOON = fields.Datetime.to_datetime("2026-11-15 05:00:00")


@tagged("post_install", "-at_install", "sop_orders")
class TestAdSpend(OrderCommon):
    """What an ad cost is spread over the orders it brought in the month."""

    def setUp(self):
        super().setUp()
        self.company.partner_id.tz = "Asia/Ho_Chi_Minh"
        self.spend = self.env["sop.ad.spend"].with_user(self.manager)

    def chat(self, *touches):
        """A conversation whose customer came by ads: (ad, when)."""
        conversation = self.make(f"Khách {self.env['sop.conversation'].search_count([])}")
        rows = [{"conversation_id": conversation.id, "at": at, "ad_ref": ad, "title": "Ad"} for ad, at in touches]
        self.env["sop.ad.touch"].create(rows)
        return conversation

    def sold(self, conversation, at=NOON, state="sale"):
        """A plain order of that day."""
        line = {"product_id": self.advice.id, "product_uom_qty": 1, "price_unit": 100_000}
        values = {"partner_id": self.partner.id, "sop_conversation_id": conversation.id, "order_line": [(0, 0, line)]}
        order = self.env["sale.order"].create(values)
        order.write({"state": state, "date_order": at})
        return order

    def cost(self, ad, amount, day="2026-11-10", **values):
        return self.spend.create({"ad_ref": ad, "date": day, "amount": amount, **values})

    def shares(self, *orders):
        return [order.sop_ad_cost for order in self.env["sale.order"].union(*orders)]

    # === SHARES ===

    def test_even_shares_and_the_rest_on_the_last(self):
        orders = [self.sold(self.chat(("A", NOON - timedelta(days=1))), NOON + timedelta(minutes=minute)) for minute in range(3)]
        self.cost("A", 60_001)
        self.cost("A", 40_000, "2026-11-30")
        self.cost("A", 999, "2026-12-01")
        self.cost("A", 999, "2026-10-31")
        self.cost("B", 999)
        self.env.invalidate_all()
        self.assertEqual(self.shares(*orders), [33_333, 33_333, 33_335])
        self.assertEqual(orders[2].sop_left, orders[2].amount_untaxed - 33_335)
        self.assertEqual(self.shares(orders[1]), [33_333], "alone, too")

    def test_which_ad_an_order_is_of(self):
        day = timedelta(days=1)
        self.cost("A", 1_000)
        self.cost("B", 5_000)
        for touches, share in (
            ([("A", NOON - day)], 1_000),
            ([("A", NOON)], 1_000),
            ([("A", NOON + timedelta(seconds=1))], 0),
            ([("A", NOON - 28 * day)], 1_000),
            ([("A", NOON - 28 * day - timedelta(seconds=1))], 0),
            ([("A", NOON - 2 * day), ("B", NOON - day)], 5_000),
            ([("B", NOON - 2 * day), ("A", NOON - day), ("B", NOON + day)], 1_000),
            ([("A", NOON - 2 * day), ("", NOON - day)], 1_000),
            ([("C", NOON - day)], 0),
            ([], 0),
        ):
            order = self.sold(self.chat(*touches))
            self.env.invalidate_all()
            self.assertEqual(self.shares(order), [share], touches)
            order.state = "cancel"

    def test_only_confirmed_orders_share(self):
        sold, cancelled, draft = (self.sold(self.chat(("A", NOON)), state=state) for state in ("sale", "cancel", "draft"))
        self.cost("A", 1_000)
        self.env.invalidate_all()
        self.assertEqual(self.shares(sold, cancelled, draft), [1_000, 0, 0])

    def test_the_month_is_the_shop_s(self):
        """Half past midnight on 1 November in Saigon is still October in UTC."""
        first = self.sold(self.chat(("A", NOON - timedelta(days=30))), fields.Datetime.to_datetime("2026-10-31 17:30:00"))
        before = self.sold(self.chat(("A", NOON - timedelta(days=30))), fields.Datetime.to_datetime("2026-10-31 16:59:59"))
        self.cost("A", 1_000, "2026-11-30")
        self.cost("A", 70, "2026-10-01")
        self.env.invalidate_all()
        self.assertEqual(self.shares(first, before), [1_000, 70])

    def test_shares_are_what_was_spent(self):
        dice, orders, spent = Random(8), self.env["sale.order"], {}
        for _time in range(40):
            at = NOON + timedelta(days=dice.randrange(-40, 40))
            orders += self.sold(self.chat((dice.choice("ABC"), at - timedelta(days=dice.randrange(29)))), at)
        for ad in "ABCD":
            for month in ("2026-10", "2026-11", "2026-12"):
                spent[ad, month] = sum(self.cost(ad, dice.randrange(500_000), f"{month}-{day:02}").amount for day in (1, 9, 28))
        self.env.invalidate_all()
        with_orders = {(order.sop_conversation_id.ad_touch_ids.ad_ref, str(order.date_order + timedelta(hours=7))[:7]) for order in orders}
        self.assertEqual(sum(self.shares(*orders)), sum(amount for key, amount in spent.items() if key in with_orders))
        self.assertTrue(all(share >= 0 for share in self.shares(*orders)))

    def test_another_currency(self):
        """What was spent in dollars counts in the company's money."""
        dollar = self.env.ref("base.USD")
        dollar.active = True
        rate = {"name": "2026-11-01", "rate": 1 / 25_000, "currency_id": dollar.id, "company_id": self.company.id}
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        self.env["res.currency.rate"].create(rate)
        order = self.sold(self.chat(("A", NOON)))
        self.cost("A", 2, currency_id=dollar.id)
        self.env.invalidate_all()
        self.assertEqual(self.shares(order), [50_000])

    def test_the_currency_is_that_of_the_row_s_company(self):
        """Also where somebody who works in another company imports without a currency."""
        other = self.env["res.company"].create({"name": "Dollar", "currency_id": self.env.ref("base.USD").id})
        row = self.env["sop.ad.spend"].create({"ad_ref": "A", "date": "2026-11-10", "amount": 1, "company_id": other.id})
        self.assertEqual(row.currency_id.name, "USD")

    def test_as_many_queries_for_many_orders(self):
        orders = self.env["sale.order"].union(*(self.sold(self.chat(("AB"[number % 2], NOON))) for number in range(20)))
        self.cost("A", 1_000)
        self.cost("B", 1_000)
        self.env.flush_all()
        for some in (orders[:1], orders):
            self.env.invalidate_all()
            some.mapped("company_id.currency_id.rounding"), self.company._sop_zone()
            with self.assertQueryCount(3):
                self.spend._shares(some)

    # === IMPORT ===

    def test_importing_again_updates(self):
        names = ["date", "ad_ref", "amount"]
        first = self.spend.load(names, [["2026-11-01", "1", "500"], ["2026-11-02", "1", "600"], ["2026-11-01", "2", "700"]])
        self.assertFalse(first["messages"])
        again = self.spend.load(names, [["2026-11-01", "2", "800"], ["2026-11-03", "1", "5"], ["2026-11-03", "1", "6"], ["2026-11-01", "1", "500"]])
        self.assertFalse(again["messages"])
        rows = self.spend.search([("ad_ref", "in", ["1", "2"])], order="ad_ref, date")
        self.assertEqual(rows.mapped("amount"), [500, 600, 6, 800])
        self.assertEqual((first["ids"][2], first["ids"][0]), (again["ids"][0], again["ids"][3]))
        self.assertTrue(self.spend.load(names, [["2026-11-01", "", "800"]])["messages"], "the row of totals")

    def test_the_template_is_understood(self):
        [template] = self.spend.get_import_templates()
        with file_open(template["template"].strip("/"), "rb") as file:
            content = file.read()
        values = {"res_model": "sop.ad.spend", "file": content, "file_type": "text/csv"}
        wizard = self.env["base_import.import"].with_user(self.manager).create(values)
        options = {"has_headers": True, "quoting": '"', "separator": ",", "date_format": "%Y-%m-%d", "float_decimal_separator": "."}
        preview = wizard.parse_preview(options)
        self.assertEqual(preview["matches"], {0: ["date"], 1: ["ad_ref"], 2: ["amount"]})
        result = wizard.execute_import(["date", "ad_ref", "amount"], preview["headers"], options)
        self.assertFalse(result["messages"])
        self.assertEqual(sorted(self.spend.browse(result["ids"]).mapped("amount")), [150_000, 162_500])

    # === RIGHTS ===

    def test_who_may(self):
        row = self.cost("A", 1_000)
        for user in (self.agent, self.portal, self.env.ref("base.public_user")):
            for act in (lambda own: own.read(["amount"]), lambda own: own.write({"amount": 1}), lambda own: own.unlink()):
                with self.assertRaises(AccessError, msg=user.login):
                    act(row.with_user(user))
            with self.assertRaises(AccessError, msg=user.login):
                row.with_user(user).create({"ad_ref": "B", "date": "2026-11-01", "amount": 1})
        boss = new_test_user(
            self.env, "ads_foreign", "sop_inbox.sop_inbox_group_manager", company_id=self.company_b.id, company_ids=[(6, 0, self.company_b.ids)]
        )
        self.assertFalse(self.spend.with_user(boss).search([]))
        with self.assertRaises(AccessError):
            row.with_user(boss).read(["amount"])
        order = self.sold(self.conversation)
        with self.assertRaises(AccessError):
            order.with_user(self.agent).read(["sop_ad_cost"])

    def test_of_another_company(self):
        order = self.sold(self.chat(("A", NOON)))
        self.env["sop.ad.spend"].create({"ad_ref": "A", "date": "2026-11-10", "amount": 900, "company_id": self.company_b.id})
        self.env.invalidate_all()
        self.assertEqual(self.shares(order), [0])

    @mute_logger("odoo.sql_db")
    def test_once_and_not_below_nothing(self):
        self.cost("A", 1_000)
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.cost("A", 2_000)
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.cost("B", -1)
