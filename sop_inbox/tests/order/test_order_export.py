import base64
import io
import os
import tempfile
import tracemalloc
from datetime import datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from openpyxl import load_workbook

from odoo.addons.sop_pipeline.tests.queries import cold_queries

from ...tools.order_sheet import COLUMNS, OrderSheet, clean
from ..order_common import OrderCommon

NAMES = [name for name, _kind in COLUMNS]


def read(content):
    """Return the rows of a file as openpyxl sees them: list of dict column -> cell."""
    [header, *rows] = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()
    return [cell.value for cell in header], [dict(zip(NAMES, row, strict=True)) for row in rows]


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderExport(OrderCommon):
    """Orders as .xlsx for other stock systems (row H12), read back by openpyxl."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids |= cls.env.ref("base.group_allow_export")
        cls.agent.tz = "Asia/Ho_Chi_Minh"
        cls.conversation.partner_id = cls.partner

    def export(self, domain=None, user=None):
        progress = self.env["sop.order.export"].with_user(user or self.agent).action_export(domain)
        export = self.env["sop.order.export"].browse(progress["id"])
        self.assertEqual((progress["state"], export.done), ("done", export.total))
        return read(base64.b64decode(export.file))

    def test_lines_amounts_dates_and_phones(self):
        order = self.order(qty=2, carrier_id=self.slow.id, confirm=True)
        order.date_order = datetime(2026, 3, 1, 18, 30)
        titles, rows = self.export()
        self.assertEqual(len(titles), len(NAMES))
        self.assertEqual([row["line_total"].value for row in rows], [300_000, 25_000])
        self.assertEqual(sum(row["line_total"].value for row in rows), order.amount_total)
        first = rows[0]
        self.assertEqual(first["date"].value, datetime(2026, 3, 2, 1, 30), "the time of the shop")
        self.assertTrue(first["date"].is_date)
        self.assertEqual((first["phone"].value, first["phone"].data_type), (self.partner.phone, "s"))
        self.assertEqual(
            [first[name].value for name in ("order", "product_code", "quantity", "order_total", "cod", "ward", "currency")],
            [order.name, "AO-M", 2, 325_000, 325_000, "Phường Bến Nghé", order.currency_id.name],
        )

    def test_prices_have_their_tax_and_notes_no_terms(self):
        """Unit price, discount and total of a line belong together; what core writes on every order is no note of this one."""
        self.company.invoice_terms = "<p>Hàng bán không đổi trả</p>"
        taxes = self.env["account.tax"].create(
            [
                {"name": include, "amount": 10, "price_include_override": include, "company_id": self.company.id}
                for include in ("tax_excluded", "tax_included")
            ]
        )
        for tax, unit in zip(taxes, (165_000, 150_000), strict=True):
            with self.subTest(tax.name):
                self.shirt.taxes_id = tax
                order = self.order(self.make(tax.name, partner_id=self.partner.id), qty=3)
                order.note = "<p>Hàng bán không đổi trả</p><p>Giao giờ hành chính</p>"
                order.order_line.discount = 20
                [row] = self.export([("id", "=", order.id)])[1]
                self.assertEqual((row["unit_price"].value, row["discount_percent"].value), (unit, 20))
                self.assertEqual((row["line_total"].value, row["order_total"].value), (unit * 3 * 0.8, order.amount_total))
                self.assertEqual(row["line_total"].value, order.amount_total)
                self.assertEqual(row["note"].value, "Giao giờ hành chính")

    def test_no_formula_rides_in(self):
        evil = ('=HYPERLINK("http://x.example","a")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "http://x.example")
        for number, name in enumerate(evil):
            conversation = self.make(f"Khách {number}")
            conversation.partner_id = self.env["res.partner"].create({"name": name, "street": name, "phone": "0901234500"})
            self.order(conversation)
        _titles, rows = self.export()
        self.assertEqual({row["customer"].value.strip() for row in rows}, {name.strip() for name in evil})
        for row in rows:
            for name in NAMES:
                self.assertNotEqual(row[name].data_type, "f", name)
                self.assertIsNone(row[name].hyperlink)

    def test_only_what_one_may_see(self):
        self.order()
        hidden = self.make("Khách Nam", team_id=self.south.id)
        hidden.team_id = self.south
        self.order(hidden, user=self.other, partner_id=self.partner.id)
        self.assertEqual(len(self.export()[1]), 1)
        export = self.env["sop.order.export"].search([], limit=1)
        self.mate.group_ids |= self.env.ref("base.group_allow_export")
        for user in (self.mate, self.portal):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                export.with_user(user).get_progress()

    def test_an_export_is_its_owner_s(self):
        """A colleague neither sees nor deletes it; whose it is may."""
        self.order()
        export = self.env["sop.order.export"].browse(self.env["sop.order.export"].with_user(self.agent).action_export()["id"])
        for user in (self.mate, self.foreign, self.portal):
            with self.subTest(user.login), self.assertRaises(UserError), self.env.cr.savepoint():
                export.with_user(user).unlink()
        self.assertTrue(export.exists())
        with self.assertRaises(AccessError):
            export.with_user(self.agent).write({"user_id": self.mate.id})

    def test_rubbish_exports_nothing(self):
        exports = self.env["sop.order.export"].with_user(self.agent)
        before = exports.sudo().search_count([])
        domains = ("x", [("no_such_field", "=", 1)], [("partner_id.no_such_field", "=", 1)])
        for arguments in (*([domain] for domain in domains), [None, "KiotViet"], [None, 1, "sale"], [None, 1, [5]]):
            with self.subTest(arguments), self.assertRaises(UserError), self.env.cr.savepoint():
                exports.action_export(*arguments)
        self.assertEqual(exports.sudo().search_count([]), before)

    def test_needs_the_right_to_export(self):
        self.agent.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self.env["sop.order.export"].with_user(self.agent).action_export()

    def test_orders_of_no_conversation_and_the_chosen_ones(self):
        one, other = self.order(), self.order(qty=2)
        self.env["sale.order"].create({"partner_id": self.partner.id, "user_id": self.agent.id, "order_line": [(0, 0, {"product_id": self.cap.id})]})
        self.assertEqual({row["order"].value for row in self.export()[1]}, {one.name, other.name})
        self.assertEqual({row["order"].value for row in self.export([("id", "=", other.id)])[1]}, {other.name})

    def test_empty(self):
        self.assertEqual(self.export([("id", "=", 0)])[1], [])

    def test_many_orders_wait_for_a_worker(self):
        self.order()
        from ...models.order import sop_order_export

        self.patch(sop_order_export, "AT_ONCE", 0)
        progress = self.env["sop.order.export"].with_user(self.agent).action_export()
        self.assertEqual((progress["state"], progress["url"]), ("waiting", ""))
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        told = []
        original = self.env.registry["sop.order.export"]._note_progress
        self.patch(self.env.registry["sop.order.export"], "_note_progress", lambda record, done: (told.append(done), original(record, done)))
        self.env["sop.order.export"]._cron_export()
        progress = self.env["sop.order.export"].with_user(self.agent).browse(progress["id"]).get_progress()
        self.assertEqual((progress["state"], progress["rows"], told), ("done", 1, [1]))

    def test_queries_do_not_grow_with_the_orders(self):
        def queries():
            return cold_queries(self.env, self.env["sop.order.export"].with_user(self.agent).action_export)

        self.order()
        queries()
        few = queries()
        for number in range(12):
            conversation = self.make(f"Khách {number}")
            self.order(conversation, partner_id=self.partner.id)
        self.assertLessEqual(queries(), few + 3)


@tagged("post_install", "-at_install", "sop_orders")
class TestOrderSheet(OrderCommon):
    """The file itself."""

    def make_file(self, rows, **kwargs):
        handle, path = tempfile.mkstemp(suffix=".xlsx")
        os.close(handle)
        self.addCleanup(os.unlink, path)
        sheet = OrderSheet(path, {}, **kwargs)
        for row in rows:
            sheet.append(row)
        sheet.close()
        return path

    def test_constant_memory(self):
        row = {name: "Áo thun" if kind == "text" else 5 if kind != "datetime" else datetime(2026, 1, 1) for name, kind in COLUMNS}

        def peak(count):
            tracemalloc.start()
            self.make_file(row for _number in range(count))
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return size

        peak(10)
        self.assertLess(peak(3000), peak(300) + 2_000_000)

    def test_more_rows_than_a_sheet_holds(self):
        path = self.make_file(({"order": str(number)} for number in range(7)), max_rows=3)
        sheets = load_workbook(path).worksheets
        self.assertEqual([sheet.max_row for sheet in sheets], [4, 4, 2])
        self.assertEqual(sheets[2]["A2"].value, "6")

    def test_odd_values(self):
        path = self.make_file([{"order": "a\x00\x1fb\ud800", "quantity": float("nan"), "date": "no date", "note": "x" * 40_000, "cod": "=1"}])
        row = next(load_workbook(path).worksheets[0].iter_rows(min_row=2))
        self.assertEqual(row[0].value, "ab")
        self.assertEqual({cell.data_type for cell in row} - {"n", "s"}, set())
        self.assertEqual(len(clean("x" * 40_000)), 32_767)
