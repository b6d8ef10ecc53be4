import base64
import io

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from openpyxl import load_workbook

from ..order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestOrderSheet(OrderCommon):
    """One template for each system that receives orders: its columns, its titles, only the orders that were chosen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent.group_ids |= cls.env.ref("base.group_allow_export")
        cls.conversation.partner_id = cls.partner
        cls.sheet = (
            cls.env["sop.order.sheet"]
            .with_user(cls.manager)
            .create(
                {
                    "name": "KiotViet",
                    "goods_only": True,
                    "column_ids": [
                        Command.create({"sequence": 1, "source": "product_code", "title": "Mã hàng"}),
                        Command.create({"sequence": 2, "source": "quantity", "title": "SL"}),
                        Command.create({"sequence": 3, "source": "order"}),
                    ],
                }
            )
        )
        cls.sold = cls.env["sale.order"].browse(
            cls.conversation.with_user(cls.agent).action_create_order(
                {"lines": [{"product_id": cls.shirt.id, "qty": 2}], "carrier_id": cls.slow.id, "payment": "later", "confirm": True}
            )
        )
        cls.draft = cls.env["sale.order"].browse(
            cls.conversation.with_user(cls.agent).action_create_order({"lines": [{"product_id": cls.cap.id, "qty": 1}], "payment": "later"})
        )

    def rows(self, *args, user=None):
        progress = self.env["sop.order.export"].with_user(user or self.agent).with_context(lang="en_US").action_export([], *args)
        file = self.env["sop.order.export"].browse(progress["id"]).file
        return [list(row) for row in load_workbook(io.BytesIO(base64.b64decode(file))).worksheets[0].iter_rows(values_only=True)]

    def test_own_columns_titles_and_confirmed_orders_only(self):
        self.assertEqual(self.rows(self.sheet.id), [["Mã hàng", "SL", "Order"], ["AO-M", 2, self.sold.name]])

    def test_states_that_were_chosen(self):
        self.assertEqual([row[2] for row in self.rows(self.sheet.id, ["draft"])[1:]], [self.draft.name])
        self.assertEqual({row[0] for row in self.rows(False, ["sale"])[1:]}, {self.sold.name})
        self.assertEqual({row[0] for row in self.rows()[1:]}, {self.sold.name, self.draft.name})

    def test_drafts_where_the_template_has_them(self):
        self.sheet.with_drafts = True
        self.assertEqual({row[2] for row in self.rows(self.sheet.id)[1:]}, {self.sold.name, self.draft.name})

    def test_nothing_reads_false(self):
        self.partner.write({"street": False, "city": False, "state_id": False})
        for row in self.rows()[1:]:
            self.assertFalse({"False", "None", False} & {cell for cell in row if not isinstance(cell, int | float)})

    def test_choices(self):
        choices = self.env["sop.order.sheet"].with_user(self.agent).get_choices()
        self.assertIn({"id": self.sheet.id, "name": "KiotViet", "states": ["sale"]}, choices["templates"])
        self.assertEqual(self.env["sop.order.sheet"].with_user(self.foreign).get_choices()["templates"], [])

    def test_rights_and_rubbish(self):
        with self.assertRaises(AccessError):
            self.sheet.with_user(self.agent).write({"name": "x"})
        self.foreign.group_ids |= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self.rows(self.sheet.id, user=self.foreign)
        with self.assertRaises(UserError):
            self.rows("KiotViet")
        with self.assertRaises(ValidationError):
            self.env["sop.order.sheet"].create({"name": "Trống"})
