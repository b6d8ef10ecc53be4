import base64
import io
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from unittest.mock import patch
from zipfile import ZIP_DEFLATED, ZipFile

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools import mute_logger
from openpyxl import Workbook, load_workbook
from psycopg2.errors import UniqueViolation

from ...tools.cod_statement import Known, StatementError, differences, explain, read_statement
from .test_parcel_chat import ChatCommon

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # the doubles stand beside the addons
from doubles.carriers_cod import KINDS, statement


def shop(number):
    """Parcels as the shop knows them; every fifth came back, every seventh had no cash."""
    return [
        {
            "waybill": f"W{n:05}",
            "cod": 0 if n % 7 == 0 else 100_000 + n,
            "fee": 30_000,
            "weight": 500,
            "state": "returned" if n % 5 == 0 else "delivered",
            "return_fee": 15_000,
        }
        for n in range(1, number + 1)
    ]


def known(parcels):
    return {row["waybill"]: Known(row["cod"], row["fee"], row["weight"], row["state"], return_fee=row["return_fee"]) for row in parcels}


@tagged("post_install", "-at_install", "sop_orders")
class TestStatementTools(BaseCase):
    """Files as carriers make them; the planted differences are found, and no other."""

    def test_every_planted_difference_and_no_other(self):
        parcels = shop(300)
        planted = {kind: number for number, kind in enumerate(KINDS, 1)}
        for carrier in ("viettelpost", "ghn", "ghtk"):
            for kind in ("csv", "xlsx"):
                for wanted in ({}, planted):
                    content, truth = statement(carrier, parcels, wanted, kind=kind)
                    found = differences(read_statement(content), known(parcels))
                    self.assertEqual(sorted((line.tracking, name) for line, name, *_rest in found), truth, (carrier, kind))

    def test_what_was_paid_before_is_paid_twice(self):
        parcels = shop(3)
        content, _truth = statement("ghn", parcels, {})
        facts = {**known(parcels), "W00001": Known(100_001, 30_000, 500, "delivered", paid=True)}
        self.assertEqual([(line.tracking, kind) for line, kind, *_rest in differences(read_statement(content), facts)], [("W00001", "paid_twice")])

    def test_return_fees(self):
        """Judged where it is known what the way back costs; of a parcel that did not come back it is wrong in any case."""
        [line] = read_statement("Mã vận đơn;COD;Phí hoàn\nA;0;15.001\n".encode())
        back = ("return_fee_more", 15_000, 15_001)
        for state, facts, found in (
            ("returned", {"return_fee": 15_000}, [back]),
            ("returned", {"return_fee": 15_001}, []),
            ("returned", {"return_fee": 0}, [("return_fee_more", 0, 15_001)]),
            ("returned", {}, []),
            ("failed", {"return_fee": 15_000}, [back]),
            ("failed", {}, []),
            ("delivered", {}, [("not_returned", 0, 15_001)]),
            ("lost", {"return_fee": 20_000}, [("not_returned", 0, 15_001)]),
            ("delivered", {"part": True}, []),
        ):
            facts = {"A": Known(0, state=state, **facts)}
            self.assertEqual([rest for _line, *rest in differences([line], facts)], [list(row) for row in found], (state, facts))
        [free] = read_statement("Mã vận đơn;COD;Phí hoàn\nA;0;\n".encode())
        self.assertEqual(differences([free], {"A": Known(0, return_fee=15_000)}), [])

    def test_what_became_of_a_parcel(self):
        for status, cash, back, end in (
            ("Giao hàng thành công", 0, 0, "delivered"),
            ("Đã giao", 0, 0, "delivered"),
            ("Phát thành công", 5, 0, "delivered"),
            ("Hoàn tất", 5, 0, "delivered"),
            ("Chuyển hoàn", 5, 0, "returned"),
            ("Chuyển hoàn thành công", 0, 0, "returned"),
            ("Hoàn thành công", 0, 0, "returned"),
            ("Hoàn thành", 5, 0, "delivered"),
            ("Đã giao hàng/Chưa đối soát", 5, 0, "delivered"),
            ("Đã đối soát", 5, 0, "delivered"),
            ("Đã đối soát", 0, 5, "returned"),
            ("Đã đối soát công nợ trả hàng", 0, 5, "returned"),
            ("Hoãn giao hàng", 5, 0, ""),
            ("Hoãn lấy hàng", 0, 0, ""),
            ("Bồi hoàn", 5, 0, ""),
            ("Thành công - Chuyển trả người gửi", 0, 5, "returned"),
            ("Đã ký nhận", 5, 0, "delivered"),
            ("Đã trả hàng", 0, 0, "returned"),
            ("Giao không thành công", 5, 0, ""),
            ("Chưa giao", 5, 0, ""),
            ("Đang giao", 5, 0, ""),
            ("", 5, 0, "delivered"),
            ("", 0, 5, "returned"),
            ("", 5, 5, ""),
            ("", 0, 0, ""),
        ):
            [line] = read_statement(f"Mã vận đơn;COD;Phí hoàn;Trạng thái;Trạng thái đối soát\nA;{cash};{back};{status};Đã hoàn\n".encode())
            self.assertEqual(line.end, end, (status, cash, back))

    def test_the_header_stands_within_forty_rows(self):
        lines = "Mã vận đơn,COD\nA,1000\n"
        self.assertEqual(read_statement(("x,y\n" * 39 + lines).encode())[0].tracking, "A")
        with self.assertRaises(StatementError):
            read_statement(("x,y\n" * 40 + lines).encode())

    def test_amounts(self):
        for text, amount in (
            ("150.000 đ", 150_000),
            ("1,250,000", 1_250_000),
            ("-5.500", -5_500),
            ("(5.500)", -5_500),
            ("0", 0),
            ("", 0),
            ("99000.00", 99_000),
        ):
            self.assertEqual(read_statement(f'Mã vận đơn;COD\nA;"{text}"\n'.encode())[0].cod, amount, text)
        for text in ("abc", "1.2.3", "1e9", "=1+1"):
            with self.assertRaises(StatementError, msg=text):
                read_statement(f"Mã vận đơn;COD\nA;{text}\n".encode())

    def test_rubbish(self):
        for content in (b"", b"PK", b"PK\x03\x04rubbish", b"\xff\xfe", b"a\0b", b"a,b\nc,d\n", "Mã vận đơn,COD\n".encode(), b"x" * 10_000):
            with self.assertRaises(StatementError, msg=content[:20]):
                read_statement(content)

    def test_weights(self):
        for text, grams in (("500", 500), ("12.500", 12_500), ("0,5", 500), ("1.5 kg", 1_500), ("700 (g)", 700), ("-", None), ("", None)):
            self.assertEqual(read_statement(f"Mã vận đơn;COD;Trọng lượng\nA;5;{text}\n".encode())[0].weight, grams, text)
        for text in ("abc", "-5", "1e308", "2,000.5"):
            with self.assertRaises(StatementError, msg=text):
                read_statement(f"Mã vận đơn;COD;Trọng lượng\nA;5;{text}\n".encode())

    def test_cash_is_what_is_paid_out_and_what_was_kept_of_it(self):
        [line] = read_statement("Mã vận đơn;Tổng cước;Thực nhận\nA;5000;95000\n".encode())
        self.assertEqual((line.cod, line.net), (100_000, 95_000))

    # === BROKEN BOOKS ===

    SHEET = "xl/worksheets/sheet1.xml"

    def book(self, *rows):
        book, out = Workbook(), io.BytesIO()
        for row in [("Mã vận đơn", "Tiền thu hộ", "Trọng lượng"), ("A1", 1000, 500), *rows]:
            book.active.append(row)
        book.save(out)
        return out.getvalue()

    def changed(self, change):
        """A book whose sheet was changed by hand."""
        out = io.BytesIO()
        with ZipFile(io.BytesIO(self.book())) as book, ZipFile(out, "w", ZIP_DEFLATED) as other:
            for name in book.namelist():
                content = book.read(name)
                other.writestr(name, change(content) if name == self.SHEET else content)
        return out.getvalue()

    def test_what_no_amount_can_be(self):
        for number in (b"1e308", b"1E400", b"NaN", b"9" * 30):
            for cell in (b"1000", b"500"):
                with self.assertRaises(StatementError, msg=number + cell):
                    read_statement(self.changed(lambda sheet, cell=cell, number=number: sheet.replace(b"<v>%s</v>" % cell, b"<v>%s</v>" % number)))

    def test_a_formula_is_not_worked_out(self):
        """What a spreadsheet noted as its result counts; where nothing was noted there is no amount, and the cash is short."""
        [_first, line] = read_statement(self.book(("A2", "=500+500", 500)))
        self.assertEqual(line.cod, 0)
        self.assertEqual([kind for _line, kind, *_rest in differences([line], {"A2": Known(1000)})], ["cod_short"])
        noted = self.changed(lambda sheet: sheet.replace(b"<v>1000</v>", b"<f>500+500</f><v>1000</v>"))
        self.assertEqual(read_statement(noted)[0].cod, 1000)

    def test_merged_cells_and_blank_rows(self):
        book, out = Workbook(), io.BytesIO()
        for row in (["BẢNG KÊ"], ["Mã vận đơn", None, "Tiền thu hộ"], ["A1", None, 1000]):
            book.active.append(row)
        for cells in ("A1:F1", "A2:B2", "A3:B3"):
            book.active.merge_cells(cells)
        book.active.cell(50_000, 1, "A2")
        book.active.cell(50_000, 3, 2000)
        book.save(out)
        self.assertEqual([(line.row, line.tracking, line.cod) for line in read_statement(out.getvalue())], [(3, "A1", 1000), (50_000, "A2", 2000)])

    def test_rows_and_columns_without_end(self):
        """The last row says it is number two thousand million, or its cell stands far to the right."""
        far = self.changed(lambda sheet: sheet.replace(b'<row r="2"', b'<row r="2000000000"'))
        with self.assertRaisesRegex(StatementError, "long"):
            read_statement(far)
        right = self.changed(lambda sheet: sheet.replace(b"</row></sheetData>", b'<c r="XFD2"><v>1</v></c></row></sheetData>'))
        self.assertEqual(len(read_statement(right)), 1)
        with self.assertRaisesRegex(StatementError, "long"), patch("odoo.addons.sop_inbox.tools.cod_statement.MAX_ROWS", 1000):
            read_statement("Mã vận đơn,COD\nA,5\n".encode() + b"\n" * 1000)

    def test_whatever_is_broken_in_a_book(self):
        """Bytes of a book, changed at random: a statement or a refusal in words, nothing else."""
        dice, whole, refused = Random(19), self.book(), 0
        for _time in range(300):
            content = bytearray(whole)
            for _byte in range(dice.randrange(1, 9)):
                content[dice.randrange(2, len(content))] = dice.randrange(256)
            try:
                read_statement(bytes(content))
            except StatementError:
                refused += 1
        self.assertGreater(refused, 100)

    def test_a_small_file_that_is_large_unpacked(self):
        packed = io.BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as book, book.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            for _time in range(301):
                part.write(bytes(2**20))
        self.assertLess(len(packed.getvalue()), 2**20)
        with self.assertRaisesRegex(StatementError, "long"):
            read_statement(packed.getvalue())

    def test_which_lines_differ(self):
        """The transfer is short of one line, of two, of a sum that is wrong on paper; or of nothing one can name."""
        rows = [("A", 100_001, 0), ("B", 200_030, 0), ("C", 300_500, 0), ("D", 47_000, 1)]
        for difference, lines in (
            (0, []),
            (-200_030, ["B"]),
            (-400_501, ["A", "C"]),
            (1, ["D"]),
            (200_030, ["B"]),
            (-7, []),
        ):
            self.assertEqual(sorted(explain(rows, difference)), lines, difference)
        self.assertEqual(explain([("A", 5, 0), ("B", 5, 0), ("C", 7, 0)], -5), ["A", "B"], "both would: the carrier must say")

    def test_ten_thousand_lines(self):
        content, truth = statement("ghtk", shop(10_000), {"cod_short": 3}, kind="xlsx")
        found = differences(read_statement(content), known(shop(10_000)))
        self.assertEqual(sorted((line.tracking, name) for line, name, *_rest in found), truth)


@tagged("post_install", "-at_install", "sop_orders")
class TestStatement(ChatCommon):
    """From the file to the payment."""

    def setUp(self):
        super().setUp()
        self.journal = self.env["account.journal"].create({"name": "COD VTP", "code": "CODV", "type": "bank", "company_id": self.company.id})
        self.vtp.sop_cod_journal_id = self.journal
        self.parcels = [self.shipped(self.vtp, payment="cod") for _time in range(3)]
        for parcel in self.parcels:
            self.moved(parcel, "out", "delivered")
        self.accountant = new_test_user(self.env, "cod_accountant", "account.group_account_invoice", company_id=self.company.id)

    def facts(self):
        return [
            {"waybill": p.tracking_ref, "cod": round(p.cod_amount), "fee": round(p.price), "weight": p.declared, "state": p.state}
            for p in self.parcels
        ]

    def statement(self, user=None, **planted):
        content, self.truth = statement("viettelpost", self.facts(), planted)
        model = self.env["sop.cod.statement"].with_user(user or self.accountant).with_company(self.company)
        return model.create({"name": "BangKe.csv", "carrier_id": self.vtp.id, "file": base64.b64encode(content)})

    def test_a_right_statement(self):
        found = self.statement()
        found.action_read()
        found.action_read()
        self.assertEqual((found.state, found.line_count, found.claim_count), ("read", 3, 0))
        cash = sum(parcel.cod_amount for parcel in self.parcels)
        self.assertEqual((found.total_cod, found.total_payout), (cash, cash - sum(parcel.price for parcel in self.parcels)))
        self.assertTrue(all(parcel.owed for parcel in self.parcels), "a preview settles nothing")
        found.action_accept()
        self.assertEqual([parcel.owed for parcel in self.parcels], [0, 0, 0])
        found.received = found.total_payout - 5_500
        self.assertEqual(found.difference, 0)
        found.received = found.total_payout - 6_000
        self.assertEqual(found.difference, -6_000)

    def test_what_was_decided_in_the_preview_stays(self):
        found = self.statement(cod_short=1)
        found.action_read()
        claim = found.claim_ids
        claim.write({"state": "lost", "note": "đã trao đổi"})
        found.action_accept()
        self.assertEqual((claim.state, claim.note), ("lost", "đã trao đổi"))

    def test_differences_become_claims(self):
        for number, parcel in enumerate(self.parcels):
            parcel.proof = f"https://pod/{number}"
        found = self.statement(cod_short=1, paid_twice=1, unknown_parcel=1)
        found.action_read()
        self.assertEqual(sorted(found.claim_ids.mapped(lambda claim: (claim.tracking_ref, claim.kind))), self.truth)
        found.action_accept()
        self.assertEqual(set(found.claim_ids.mapped("state")), {"open"})
        self.assertEqual(sum(found.claim_ids.mapped("amount")), 1)
        action = found.action_export_claims()
        self.assertIn("/web/content/", action["url"])
        sheet = self.sheet(action)
        self.assertEqual(sorted(row[1] for row in sheet[1:-1]), sorted(tracking for tracking, _kind in self.truth))
        self.assertEqual(sheet[-1][6], 1, "the sum stands below")
        pictures = {parcel.tracking_ref: parcel.proof for parcel in self.parcels}
        self.assertEqual([row[10] for row in sheet[1:-1]], [pictures.get(row[1]) for row in sheet[1:-1]])
        claim = found.claim_ids[0]
        claim.with_user(self.accountant).state = "won"
        with self.assertRaises(AccessError):
            claim.with_user(self.accountant).ours = 5

    def returned(self, carrier, **values):
        """A parcel that came back; its carrier reported what that costs, or not."""
        parcel = self.shipped(carrier, payment="cod")
        return self.moved(parcel, "out", "failed", "returning", "returned", **values)

    def claims_of(self, parcels, **planted):
        self.parcels = parcels
        found = self.statement(**planted)
        found.action_read()
        self.assertEqual(sorted(found.claim_ids.mapped(lambda claim: (claim.tracking_ref, claim.kind))), self.truth)
        return found.claim_ids

    def test_return_fees_by_the_contract(self):
        back = self.returned(self.vtp)
        self.vtp.write({"sop_return_fee_known": True, "sop_return_percent": 50})
        claims = self.claims_of([*self.parcels, back], return_fee_more=1, not_returned=1)
        amounts = {claim.kind: (claim.ours, claim.theirs, claim.amount) for claim in claims}
        half = round(back.price) // 2
        self.assertEqual(amounts, {"return_fee_more": (half, half + 700, 700), "not_returned": (0, 9_000, 9_000)})
        back.price = 0
        self.assertIsNone(back._expected_return_fee(), "half of a fee that is not known is not known")
        self.vtp.sop_return_percent = 0
        self.assertEqual(back._expected_return_fee(), 0)

    def test_return_fees_by_the_carrier_s_report(self):
        back = self.returned(self.vtp)
        back = self.returned(self.vtp, return_fee=round(back.price) // 2)
        [claim] = self.claims_of([*self.parcels, back], return_fee_more=1)
        self.assertEqual(claim.amount, 700)

    def test_no_return_fee_is_judged_where_nothing_is_known(self):
        self.parcels = [self.returned(self.vtp)]
        found = self.statement(return_fee_more=1)
        found.action_read()
        self.assertFalse(found.claim_ids)

    def sheet(self, action):
        """Rows of the Excel file an action downloads."""
        attachment = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].split("?")[0]))
        return list(load_workbook(io.BytesIO(attachment.raw)).active.iter_rows(values_only=True))

    def test_the_same_file_twice(self):
        self.statement().action_read()
        again = self.statement()
        with self.assertRaisesRegex(UserError, "read already"):
            again.action_read()
        self.assertEqual((again.state, again.line_count), ("new", 0))

    def test_two_that_were_read_before_either_was_accepted(self):
        """The same cash in two files: the second pays nothing, and says why."""
        order = self.parcels[0].order_id
        order.order_line[:1].price_unit += 500_000  # the invoice is open after the cash, too
        order._create_invoices().action_post()
        first = self.statement()
        values = {"name": "BangKe 2.csv", "carrier_id": self.vtp.id, "file": base64.b64encode(base64.b64decode(first.file) + b"\n")}
        again = first.create(values)
        for found in (first, again):
            found.action_read()
        for found in (first, again):
            found.action_accept()
            found.action_register()
        self.assertEqual((first.claim_count, again.claim_count), (0, 3))
        self.assertEqual(set(again.claim_ids.mapped(lambda claim: (claim.kind, claim.state))), {("paid_twice", "open")})
        self.assertEqual((len(first.line_ids.payment_id), len(again.line_ids.payment_id)), (1, 0))
        self.assertEqual(self.parcels[0].settled_id.statement_id, first)

    def test_delivered_after_the_statement_was_read(self):
        """The statement came before the webhook: what was delivered meanwhile is right, and its payment is not left out (no money lost)."""
        self.parcels = early, short, noted, accepted = [self.moved(self.shipped(self.vtp, payment="cod"), "out") for _time in range(4)]
        told = {parcel: {**row, "state": "delivered"} for parcel, row in zip(self.parcels, self.facts(), strict=True)}
        told[short]["cod"] -= 1
        self.patch(self, "facts", lambda: [told[parcel] for parcel in self.parcels])
        self.parcels = [early, short, noted]
        found = self.statement()
        found.action_read()
        self.assertEqual(set(found.claim_ids.mapped("kind")), {"not_delivered"})
        found.claim_ids.filtered(lambda claim: claim.parcel_id == noted).note = "hãng xem lại"
        for parcel in self.parcels:
            self.moved(parcel, "delivered")
        claims = {claim.parcel_id: (claim.kind, claim.ours - claim.theirs) for claim in found.claim_ids}
        self.assertEqual(claims, {short: ("cod_short", 1), noted: ("not_delivered", -noted.cod_amount)}, "what a person noted stays")
        self.assertEqual(found.claim_count, 2)
        self.parcels = [accepted]
        late = self.accepted()
        self.assertEqual((late.claim_ids.kind, late.claim_ids.state), ("not_delivered", "open"))
        self.moved(accepted, "delivered")
        self.assertFalse(late.claim_ids)
        accepted.order_id._create_invoices().action_post()
        late.action_register()
        self.assertEqual(late.line_ids.payment_id.amount, accepted.cod_amount)

    def test_one_of_two_that_name_a_parcel_is_taken_back(self):
        """The other one settles it then: the cash is neither lost nor counted twice."""
        first = self.statement()
        values = {"name": "BangKe 2.csv", "carrier_id": self.vtp.id, "file": base64.b64encode(base64.b64decode(first.file) + b"\n")}
        again = first.create(values)
        again.action_read()
        first.action_read()
        first.action_accept()
        again.action_accept()
        third = first.create({**values, "file": base64.b64encode(base64.b64decode(first.file) + b"\n\n")})
        third.action_read()
        self.assertEqual([set(found.claim_ids.mapped("kind")) for found in (first, again, third)], [set(), {"paid_twice"}, {"paid_twice"}])
        first.action_undo()
        self.assertEqual({parcel.settled_id.statement_id for parcel in self.parcels}, {again})
        self.assertEqual((again.claim_ids.ids, again.claim_count, third.claim_count), ([], 0, 3))
        again.action_undo()
        self.assertEqual({parcel.settled_id.statement_id for parcel in self.parcels}, {self.env["sop.cod.statement"]}, "a preview settles nothing")
        self.assertEqual(third.claim_count, 0)
        third.action_accept()
        self.assertEqual(([parcel.owed for parcel in self.parcels], third.claim_count), ([0, 0, 0], 0))

    def test_whatever_a_person_notes_can_be_exported(self):
        found = self.accepted(cod_short=1)
        found.claim_ids.with_user(self.accountant).note = "=1+1\x01\x0b"
        [_header, row, _sum] = self.sheet(found.action_export_claims())
        self.assertEqual(row[8], "'=1+1")

    def test_undo(self):
        found = self.statement()
        found.action_read()
        found.action_accept()
        found.action_undo()
        self.assertEqual((found.state, found.line_count, len(found.line_ids)), ("new", 0, 0))
        self.assertTrue(self.parcels[0].owed)
        found.action_read()
        self.assertEqual(found.line_count, 3)

    def test_payments(self):
        order = self.parcels[0].order_id
        invoice = order._create_invoices()
        invoice.action_post()
        found = self.statement(cod_short=0)
        found.action_read()
        with self.assertRaisesRegex(UserError, "Accept"):
            found.action_register()
        found.action_accept()
        found.action_register()
        found.action_register()
        line = found.line_ids.filtered(lambda line: line.parcel_id == self.parcels[0])
        self.assertEqual((line.payment_id.amount, line.payment_id.journal_id), (line.cod, self.journal))
        self.assertEqual(invoice.amount_residual, invoice.amount_total - line.cod)
        others = found.line_ids - line
        self.assertEqual(set(others.mapped("note")), {"The order has no open invoice."})
        self.assertEqual(len(found.line_ids.payment_id), 1)
        with self.assertRaisesRegex(UserError, "registered"):
            found.action_undo()
        self.assertTrue(found.is_payable, "the others, once they have invoices")
        others.parcel_id.order_id._create_invoices().action_post()
        found.action_register()
        self.assertEqual(len(found.line_ids.payment_id), 3)
        self.assertFalse(found.is_payable)

    def test_who_may(self):
        for user in (self.agent, self.other, self.portal):
            with self.assertRaises(AccessError):
                self.statement(user=user)
        found = self.statement()
        with self.assertRaises(AccessError):
            found.write({"state": "paid"})
        found.action_read()
        with self.assertRaises(AccessError):
            found.line_ids.with_user(self.accountant).write({"cod": 1})
        with self.assertRaises(UserError):
            found.file = False

    # === TRANSFER ===

    def transfer(self, amount, words="GHN THANH TOAN COD", **values):
        """Money that came in and that no reference explains."""
        feed = self.env["sop.bank.feed"].search([("company_id", "=", self.company.id)], limit=1) or self.env["sop.bank.feed"].create(
            {"name": "VCB", "account_number": "0123499999", "secret": "s", "company_id": self.company.id}
        )
        facts = {"company_id": self.company.id, "provider": feed.provider, "account_number": feed.account_number, "words": words}
        number = f"cod-{self.env['sop.bank.line'].search_count([])}"
        money = {"external_id": number, "at": fields.Datetime.now(), "currency_id": self.company.currency_id.id, "amount": amount}
        return self.env["sop.bank.line"].create(
            {"feed_id": feed.id, **facts, **money, "direction": "in", "state": "unmatched", "why": "reference", **values}
        )

    def accepted(self, **planted):
        found = self.statement(**planted)
        found.action_read()
        found.action_accept()
        return found

    def test_the_transfer_is_found(self):
        """Payout = sum of the lines = one movement of the bank, which belongs to nothing else then."""
        parcels = self.facts()
        total = sum(row["cod"] - row["fee"] for row in parcels)
        self.transfer(total + 1)
        line = self.transfer(total)
        found = self.accepted()
        self.assertEqual((found.bank_line_id, found.received, found.difference, line.state), (line, total, 0, "matched"))
        found.action_find_payout()
        line.with_user(self.accountant).action_unmatch()
        self.assertEqual((found.bank_line_id.id, found.received, line.state, line.why), (False, 0, "unmatched", "undone"))
        line.sudo().write({"amount": total - 5_500})
        found.action_find_payout()
        self.assertEqual((found.bank_line_id, found.difference), (line, 0), "a transfer fee is allowed for")
        other = self.transfer(total)
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.statement().write({"bank_line_id": line.id})
        found.action_undo()
        self.assertEqual(line.state, "unmatched")
        self.assertEqual(other.state, "unmatched")

    def test_two_transfers_are_not_guessed(self):
        total = sum(row["cod"] - row["fee"] for row in self.facts())
        first, _second = self.transfer(total), self.transfer(total)
        found = self.accepted()
        self.assertFalse(found.bank_line_id)
        with self.assertRaisesRegex(UserError, "exactly one"):
            found.action_find_payout()
        found.bank_line_id = first
        self.assertEqual((found.received, found.difference, first.state), (total, 0, "matched"))

    def test_the_lines_that_differ(self):
        found = self.accepted()
        short = found.line_ids[1]
        others = sum(line.payout for line in found.line_ids - short)
        found.bank_line_id = self.transfer(others)
        same = found.line_ids.filtered(lambda line: line.payout == short.payout)
        self.assertEqual((found.difference, found.differing_ids), (-short.payout, same))

    def test_a_line_of_a_bank_statement(self):
        """Where nothing reports the bank's movements, the accountant's own statement does."""
        total = sum(row["cod"] - row["fee"] for row in self.facts())
        journal = self.env["account.journal"].create({"name": "VCB", "code": "VCBX", "type": "bank", "company_id": self.company.id})
        values = {"journal_id": journal.id, "payment_ref": "COD", "amount": total, "date": fields.Date.today()}
        line = self.env["account.bank.statement.line"].create(values)
        found = self.accepted()
        self.assertEqual((found.book_line_id, found.difference), (line, 0))

    def test_money_of_others_is_not_taken(self):
        found = self.accepted()
        out = self.transfer(5, direction="out")
        with self.assertRaisesRegex(UserError, "came in"):
            found.bank_line_id = out
        paid = self.transfer(5, state="matched", order_id=self.parcels[0].order_id.id)
        with self.assertRaisesRegex(UserError, "paid order"):
            found.bank_line_id = paid
        with self.assertRaises(AccessError):
            found.with_user(self.agent).write({"bank_line_id": out.id})

    # === THE PAST ===

    PAST = (
        "Mã vận đơn;Tiền thu hộ;Phí hoàn;SĐT người gửi;SĐT người nhận;Trạng thái\n"
        "P1;150.000;0;0999999999;0977000111;Giao thành công\nP2;150.000;15.000;0999999999;977000111;Đã hoàn hàng\n"
        "P3;0;0;0999999999;0977000111;Hoàn thành\nP4;0;0;0999999999;0977000111;Giao không thành công\n"
        "P2;150.000;15.000;0999999999;977000111;Đã hoàn hàng\nP5;90.000;0;0999999999;09xxx00111;Đã giao\n"
    )

    def past(self, text, **values):
        values = {"name": "cu.csv", "carrier_id": self.vtp.id, "file": base64.b64encode(text.encode()), "past": True, **values}
        found = self.env["sop.cod.statement"].with_user(self.accountant).with_company(self.company).create(values)
        found.action_read()
        return found

    def facts_of(self, phone="0977000111"):
        facts = self.env["sop.parcel"]._facts_of(self.company, phone)
        return tuple(facts.get(name) for name in ("parcels", "delivered", "back"))

    def test_the_past_tells_who_took_their_parcels(self):
        found = self.past(self.PAST)
        self.assertEqual((found.state, found.line_count, self.facts_of()), ("read", 6, (None, None, None)))
        found.action_accept()
        made = self.env["sop.parcel"].search([("past", "=", True)], order="tracking_ref")
        self.assertEqual(made.mapped(lambda parcel: (parcel.tracking_ref, parcel.state)), [
            ("P1", "delivered"), ("P2", "returned"), ("P3", "delivered"), ("P5", "delivered"),
        ])  # fmt: skip
        self.assertEqual(self.facts_of(), (3, 2, 1))
        self.assertEqual(self.facts_of("0999999999"), (None, None, None), "the sender's own number is nobody's")
        self.assertEqual((sum(made.mapped("owed")), found.claim_count, found.received), (0, 0, 0))
        made.write({"since": fields.Datetime.now() - timedelta(days=30), "cod_amount": 5})
        self.assertFalse(self.env["sop.cod.claim"]._missed() & made)
        self.assertFalse(self.env["sop.parcel"].with_user(self.agent).search([("past", "=", True)]), "its numbers count, it is no list to read")
        with self.assertRaisesRegex(UserError, "past"):
            found.action_register()
        with self.assertRaises(UserError):
            found.past = False

    def test_importing_the_past_again_changes_nothing(self):
        """In any order, in parts, in several files: a waybill is one parcel."""
        head, *lines = self.PAST.splitlines()
        dice = Random(56)
        self.past(self.PAST).action_accept()
        before = self.env["sop.parcel"].search([("past", "=", True)])
        for time in range(5):
            some = dice.sample(lines, dice.randrange(1, len(lines)))
            self.past("\n".join([head, *some, ""]) + "\n" * time).action_accept()
            self.assertEqual(self.env["sop.parcel"].search([("past", "=", True)]), before)
            self.assertEqual(self.facts_of(), (3, 2, 1))
        self.assertFalse(self.env["sop.cod.claim"].search([("parcel_id", "in", before.ids)]))

    def test_the_past_is_taken_back(self):
        found = self.past(self.PAST)
        found.action_accept()
        found.action_undo()
        self.assertEqual((self.facts_of(), self.env["sop.parcel"].search_count([("past", "=", True)])), ((None, None, None), 0))
        found.action_read()
        found.action_accept()
        self.assertEqual(self.facts_of(), (3, 2, 1))

    def test_what_another_statement_says_too_stays(self):
        """Two files of the past overlap: undoing one takes back what it alone says."""
        first, second = self.past(self.PAST), self.past(self.PAST + "P9;5;0;0999999999;0912345678;Đã giao\n")
        first.action_accept()
        second.action_accept()
        first.action_undo()
        self.assertEqual(self.env["sop.parcel"].search([("past", "=", True)]).settled_id.statement_id, second)
        second.action_undo()
        self.assertFalse(self.env["sop.parcel"].search([("past", "=", True)]))

    def test_news_of_the_past_changes_nothing(self):
        """A carrier's note on a parcel that a statement closed finds no parcel to open again."""
        self.past(self.PAST).action_accept()
        made = self.env["sop.parcel"].search([("past", "=", True), ("state", "=", "delivered")], limit=1)
        news = self.env["sop.parcel.news"].new({"carrier_id": self.vtp.id})
        self.assertFalse(news._find_parcel([SimpleNamespace(tracking=made.tracking_ref, reference=made.our_ref)]))

    def test_a_parcel_that_is_known_is_not_made_again(self):
        parcel = self.parcels[0]
        self.past(f"Mã vận đơn;Tiền thu hộ;SĐT\n{parcel.tracking_ref};5;0977000111\n").action_accept()
        self.assertEqual((self.facts_of(), parcel.state, bool(parcel.owed)), ((None, None, None), "delivered", True))

    def test_the_past_is_as_old_as_its_statement(self):
        found = self.past(self.PAST, date=fields.Date.today() - timedelta(days=400))
        found.action_accept()
        self.assertEqual({day.date() for day in found.line_ids.parcel_id.mapped("create_date")}, {found.date})
        old = self.past(self.PAST + "\n", date=fields.Date.today() - timedelta(days=800))
        with self.assertRaisesRegex(UserError, "older"):
            old.action_accept()

    # === MISSED ===

    def test_delivered_and_in_no_statement(self):
        claims = self.env["sop.cod.claim"]
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60)
        claims._cron_miss()
        self.assertFalse(claims.search([("parcel_id", "in", [parcel.id for parcel in self.parcels])]), "they were delivered today")
        late, today, _third = self.parcels
        late.since = today.since = fields.Datetime.now() - timedelta(days=8)
        self.assertEqual([late.owed_days, today.owed_days, _third.owed_days], [8, 8, 0], "how old what they owe is")
        self.vtp.sop_cod_days = 7
        today.since = fields.Datetime.now() - timedelta(days=6)
        claims._cron_miss()
        claims._cron_miss()
        claim = claims.search([("parcel_id", "in", [late.id, today.id])])
        self.assertEqual((claim.parcel_id, claim.kind, claim.state, claim.amount), (late, "missing", "open", late.cod_amount))
        self.assertEqual((claim.carrier_id, claim.company_id, claim.tracking_ref), (self.vtp, self.company, late.tracking_ref))
        self.assertEqual(self.sheet(claim.with_user(self.accountant).action_export())[1][1], late.tracking_ref)
        found = self.accepted()
        self.assertEqual(claim.state, "won", "it was named at last")
        found.action_undo()
        self.assertEqual(claim.state, "open")

    def test_what_a_person_won_stays_won(self):
        """The carrier paid what was missed in another way; a statement that names the parcel without cash says nothing of it."""
        parcel = self.parcels[0]
        claim = self.env["sop.cod.claim"].create({"parcel_id": parcel.id, "kind": "missing", "ours": parcel.owed, "state": "won"})
        self.patch(self, "facts", lambda: [{"waybill": parcel.tracking_ref, "cod": 0, "fee": 0, "weight": 0, "state": "delivered"}])
        found = self.accepted()
        self.assertEqual((claim.state, found.claim_ids.kind), ("won", "cod_short"))
        found.action_undo()
        self.assertEqual(claim.state, "won")

    # === IN THE BACKGROUND ===

    def work(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 60)
        self.patch(type(self.env["sop.cod.statement"]), "_in_own_transaction", lambda model, work: work())
        self.env["sop.cod.statement"]._cron_work()

    def test_a_long_file_is_read_in_parts(self):
        module = "odoo.addons.sop_inbox.models.carrier"
        with patch(f"{module}.sop_cod_statement.AT_ONCE", 2), patch(f"{module}.sop_cod_statement_work.PART", 2):
            found = self.statement(paid_twice=1)
            found.action_read()
            self.assertEqual((found.state, found.planned, found.line_count, found.progress), ("reading", 4, 0, 0))
            self.assertFalse(found.sudo()._work_part(found.sudo()._read_lines()[1], "of another file"), "it was taken back and another one read")
            self.assertEqual(found.line_count, 0)
            found.sudo()._work_part(found.sudo()._read_lines()[1], found.file_hash)
            self.assertEqual((found.state, found.line_count, found.progress), ("reading", 2, 50))
            found.sudo().next_attempt_at = fields.Datetime.now()  # that worker died, and its lease is over
            self.work()
        self.assertEqual((found.state, found.line_count, found.progress), ("read", 4, 100))
        self.assertEqual(sorted(found.line_ids.mapped("row")), sorted(set(found.line_ids.mapped("row"))))
        self.assertEqual([(claim.tracking_ref, claim.kind) for claim in found.claim_ids], self.truth, "a parcel that stands in two parts")

    def test_many_payments_in_the_background(self):
        orders = self.env["sale.order"].union(*(parcel.order_id for parcel in self.parcels))
        orders._create_invoices().action_post()
        found = self.accepted()
        with patch("odoo.addons.sop_inbox.models.carrier.sop_cod_statement.PAY_AT_ONCE", 2):
            found.action_register()
        self.assertEqual((found.state, found.worker_id), ("paying", self.accountant))
        with self.assertRaisesRegex(UserError, "registered"):
            found.action_undo()
        found.action_register()
        self.work()
        self.assertEqual((found.state, len(found.line_ids.payment_id)), ("paid", 3))
        self.assertEqual(found.line_ids.payment_id.create_uid, self.accountant, "with the rights of who pressed")
        self.assertEqual(sum(found.line_ids.payment_id.mapped("amount")), found.total_cod)

    # === WHAT IS LEFT ===

    def test_what_an_order_leaves(self):
        parcel = self.parcels[0]
        order, goods = parcel.order_id, parcel.order_id.order_line.filtered(lambda line: line.product_id == self.shirt)
        self.shirt.with_company(self.company).standard_price = 60_000
        quantity = sum(goods.mapped("product_uom_qty"))
        self.env.invalidate_all()
        self.assertEqual(order.sop_left, order.amount_untaxed - quantity * 60_000 - parcel.price, "the fee that was quoted")
        found = self.accepted(fee_more=3)
        self.assertEqual(found.claim_count, 3)
        self.env.invalidate_all()
        self.assertEqual(order.sop_parcel_cost, parcel.price + 500, "the fee of the statement")
        self.assertEqual(order.sop_left, order.amount_untaxed - quantity * 60_000 - parcel.price - 500)
        back = self.shipped(self.vtp, payment="cod")
        self.moved(back, "out", "failed", "returning", "returned")
        self.env.invalidate_all()
        self.assertEqual((back.order_id.sop_goods_cost, back.order_id.sop_left), (0, -back.price), "it came back: the fee is lost")
