import io

import xlsxwriter
from odoo.tests import new_test_user, tagged

from ..tools.phone import read_cell
from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestDial(PipelineCommon):
    """Any number of a lead or customer that is dialled is an attempt (row P2)."""

    def dial(self, number, record=None, user=None):
        """What pressing the link does; the call, or nothing."""
        Call = self.env["sop.call"].with_user(user or self.seller)
        action = Call.action_dial(number, *([record._name, record.id] if record else []))
        self.assertTrue(action is False or action["params"]["tel"].startswith("tel:+"))
        return Call.browse(action["params"]["call_id"]) if action else Call

    def test_on_the_lead(self):
        lead = self.make_lead()
        call = self.dial("0901234567", lead)
        self.assertEqual((call.lead_id, call.number, call.state, call.user_id), (lead, "+84901234567", "dialing", self.seller))
        self.assertTrue(lead.sop_last_call_at)
        self.assertEqual(self.dial("+84901234567", lead), call, "pressed twice is one attempt")
        self.assertEqual(self.call(lead), call, "also with the button")

    def test_a_second_number_is_another_attempt(self):
        lead = self.make_lead()
        first = self.dial("0901234567", lead)
        second = self.dial("0907654321", lead)
        self.assertEqual((first.state, second.state, second.number, second.lead_id), ("unknown", "dialing", "+84907654321", lead))
        todo = self.env["sop.call"].with_user(self.seller).get_todo()
        self.assertEqual({one["call_id"] for one in todo["waiting"]}, {first.id, second.id})

    def test_on_the_list_of_calls(self):
        lead = self.make_lead()
        old = self.rate(lead)
        again = self.dial(old.number, old)
        self.assertNotEqual(again, old)
        self.assertEqual((again.lead_id, again.state), (lead, "dialing"))

    def test_on_the_customer(self):
        """The customer's open lead of one's own, else the customer alone; rated all the same."""
        self.customer.phone = "0901112223"
        call = self.dial("0901112223", self.customer)
        self.assertEqual((call.lead_id.id, call.partner_id, call.number), (False, self.customer, "+84901112223"))
        self.assertEqual(self.dial("0901112223", self.customer), call)
        call.action_answered()
        call.action_rate("interested")
        theirs = self.make_lead(partner_id=self.customer.id, user_id=self.colleague.id)
        mine = self.make_lead(partner_id=self.customer.id)
        self.make_lead(partner_id=self.customer.id).action_set_won()
        self.assertEqual(self.dial("0901112223", self.customer).lead_id, mine)
        self.assertEqual(self.dial("0901112223", self.customer, self.colleague).lead_id, theirs)

    def test_by_the_number_alone(self):
        """Panels that know no record, and records of other models, tell the number."""
        lead = self.make_lead(phone="0909000111")
        self.assertEqual(self.dial("0909 000 111").lead_id, lead)
        self.assertEqual(self.dial("84909000111", self.product).lead_id, lead)
        self.customer.phone = "0909000222"
        self.assertEqual(self.dial("0909000222").partner_id, self.customer)

    def test_a_colleagues_lead(self):
        """Whoever may not work on the lead has called the customer, not the lead."""
        lead = self.make_lead(partner_id=self.customer.id, user_id=self.colleague.id)
        self.customer.phone = lead.phone
        call = self.dial("0901234567", lead)
        self.assertEqual((call.lead_id.id, call.partner_id), (False, self.customer))

    def test_cells_of_real_lists(self):
        """Field cases 20 and 21: what was imported stays as it is, and the number in it is called, searched for, and a duplicate."""
        for cell, number in (
            ("1621230005", "+84321230005"),
            ("0901230020 (Lan)", "+84901230020"),
            ("901230021.0", "+84901230021"),
            ("0901230022 / 0912345678", "+84901230022"),
        ):
            with self.subTest(cell=cell):
                lead, twin = self.make_lead(phone=cell), self.make_lead(phone=number)
                self.assertEqual((lead.phone, lead.phone_sanitized), (cell, number))
                self.assertEqual(self.call(lead).number, number)
                self.assertIn(lead, twin.duplicate_lead_ids)
                partner = self.env["res.partner"].create({"name": "Lan", "phone": cell})
                self.assertEqual((partner.phone, partner.phone_sanitized), (cell, number))
        self.assertEqual(self.dial("0901230022/0912345678", lead).number, "+84901230022")

    def test_an_excel_of_a_real_shop(self):
        """Field cases 20 and 21, through core's import: cells that are numbers, and cells that hold more than one."""
        cells = {
            "Lan": (901230031, "+84901230031"),
            "Hoa": (1621230032, "+84321230032"),
            "Na": ("0901230033 / 0912345633 (mẹ)", "+84901230033"),
            "Bảy": ("901230034.0", "+84901230034"),
            "Tư": ("chị Tư 090.123.0035", "+84901230035"),
        }
        file = io.BytesIO()
        book = xlsxwriter.Workbook(file)
        sheet = book.add_worksheet()
        for place, row in enumerate([("Tên", "SĐT"), *((name, cell) for name, (cell, _number) in cells.items())]):
            sheet.write_row(place, 0, row)
        book.close()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        values = {"res_model": "crm.lead", "file": file.getvalue(), "file_name": "khach.xlsx", "file_type": kind}
        wizard = self.env["base_import.import"].with_user(self.seller).create(values)
        options = wizard.parse_preview({"has_headers": True})["options"]
        told = wizard.execute_import(["contact_name", "phone"], ["Tên", "SĐT"], options)
        self.assertFalse(told["messages"])
        leads = self.env["crm.lead"].browse(told["ids"])
        self.assertEqual({lead.contact_name: lead.phone_sanitized for lead in leads}, {name: number for name, (_cell, number) in cells.items()})
        self.assertEqual(read_cell(leads[2].phone), ["+84901230033", "+84912345633"], "all of them are kept")
        self.assertIn("(mẹ)", leads[2].phone)
        self.assertEqual(leads.mapped("name"), list(cells), "nobody named them")

    def test_each_number_of_a_cell_is_the_leads(self):
        """The second is dialled, known while it is typed, and makes a duplicate; another number that only contains its digits does not."""
        lead = self.make_lead(phone="0901230041 / 0912345641 (mẹ)")
        second = self.make_lead(phone="0912345641")
        self.assertIn(lead, second.duplicate_lead_ids)
        self.assertIn(second, lead.duplicate_lead_ids)
        self.assertEqual((lead.duplicate_lead_count, second.duplicate_lead_count), (1, 1))
        both = self.make_lead(phone="0999000123, 0912 345 641")
        self.assertLessEqual(lead | second, both.duplicate_lead_ids)
        (second | both).unlink()
        known = self.env["crm.lead"].with_user(self.seller).get_known_lead
        self.assertEqual(known("0912.345.641")["lead_id"], lead.id)
        self.assertEqual(known("0999000777, 0912345641")["lead_id"], lead.id)
        self.assertFalse(known("0912345640"))
        self.assertFalse(known("0123091234"), "digits across two numbers are none")
        self.assertEqual(self.dial("0912345641", lead).number, "+84912345641")
        call = self.dial("0912345641")
        self.assertEqual((call.lead_id, call.number), (lead, "+84912345641"))

    def test_nobodys_number(self):
        for number in ("0909999999", "", "x", "113", "+" * 30):
            self.assertFalse(self.dial(number))
        internal = new_test_user(self.env, "dial_internal", "base.group_user")
        self.make_lead()
        self.assertFalse(self.dial("0901234567", user=internal))
