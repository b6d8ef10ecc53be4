from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..order_common import OrderCommon


@tagged("post_install", "-at_install", "sop_orders", "sop_inbox_address")
class TestOldAddress(OrderCommon):
    """Contacts with districts: what they become is proposed, taken over by a person, and taken back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "old_boss", "sales_team.group_sale_manager,sop_inbox.sop_inbox_group_manager,base.group_partner_manager")
        home = {"state_id": cls.saigon.id, "country_id": cls.vietnam.id}
        cls.one = cls.env["res.partner"].create({"name": "Một", "street": "5 Trần Hưng Đạo", "city": "Phường Cầu Kho, Quận 1", **home})
        danang = cls.env.ref("base.state_vn_VN-DN").id
        cls.many = cls.env["res.partner"].create(
            {"name": "Nhiều", "street": "thôn 3", "city": "xã Hòa Liên, huyện Hòa Vang", "state_id": danang, "country_id": cls.vietnam.id}
        )
        cls.new = cls.env["res.partner"].create({"name": "Mới", "city": "Phường Sài Gòn", **home})
        cls.List = cls.env["sop.old.address"].with_user(cls.boss)

    def row(self, partner):
        return self.List.search([("partner_id", "=", partner.id)])

    def test_list(self):
        self.List.action_look()
        one, many = self.row(self.one), self.row(self.many)
        self.assertEqual((one.ward_id.name, one.sure, one.state), ("Phường Cầu Ông Lãnh", True, "todo"))
        self.assertEqual((many.ward_id.id, many.sure, len(many.choice_ids)), (False, False, 2))
        self.assertFalse(self.row(self.new), "it is of today")
        self.assertEqual(self.one.city, "Phường Cầu Kho, Quận 1", "looking changes nothing")
        self.List.action_look()
        self.assertEqual(len(self.row(self.one)), 1)

    def test_accept_and_undo(self):
        self.List.action_look()
        rows = self.row(self.one) | self.row(self.many)
        rows.action_accept()
        self.assertEqual((self.one.city_id.name, self.one.city, self.one.street), ("Phường Cầu Ông Lãnh", "Phường Cầu Ông Lãnh", "5 Trần Hưng Đạo"))
        self.assertEqual(self.many.city, "xã Hòa Liên, huyện Hòa Vang", "several wards: a person chooses first")
        with self.assertRaises(UserError):
            self.row(self.many).action_accept()
        many = self.row(self.many)
        many.ward_id = many.choice_ids[0]
        many.action_accept()
        self.assertEqual(self.many.city_id, many.choice_ids[0])
        rows.action_undo()
        self.assertEqual((self.one.city, self.one.street, self.one.city_id.id), ("Phường Cầu Kho, Quận 1", "5 Trần Hưng Đạo", False))
        self.assertEqual(self.many.city, "xã Hòa Liên, huyện Hòa Vang")

    def test_two_lines_come_back_as_two(self):
        self.one.street2 = "tầng 2"
        self.List.action_look()
        self.row(self.one).action_accept()
        self.assertEqual((self.one.street, self.one.street2), ("5 Trần Hưng Đạo, tầng 2", False))
        self.row(self.one).action_undo()
        self.assertEqual((self.one.street, self.one.street2), ("5 Trần Hưng Đạo", "tầng 2"))

    def test_what_a_person_changed_meanwhile_is_not_written_over(self):
        self.List.action_look()
        self.one.street = "7 Trần Hưng Đạo"
        with self.assertRaises(UserError):
            self.row(self.one).action_accept()
        self.List.action_look()
        self.row(self.one).action_accept()
        self.assertEqual((self.one.street, self.one.city), ("7 Trần Hưng Đạo", "Phường Cầu Ông Lãnh"), "the list has read it again")
        self.one.street = "9 Trần Hưng Đạo"
        with self.assertRaises(UserError):
            self.row(self.one).action_undo()
        self.assertEqual(self.one.street, "9 Trần Hưng Đạo")
        self.assertEqual(self.row(self.one).state, "done")

    def test_a_company_and_its_people_have_one_address(self):
        """Core gives a company's address to its people: that is no change of a person."""
        self.one.is_company = True
        person = self.env["res.partner"].create({"name": "Người của Một", "parent_id": self.one.id, "type": "contact"})
        self.assertEqual(person.city, self.one.city)
        self.List.action_look()
        for rows in (self.row(self.one), self.row(person)):
            rows.action_accept()
        self.assertEqual(person.city_id, self.one.city_id)
        for rows in (self.row(self.one), self.row(person)):
            rows.action_undo()
        self.assertEqual((person.city, person.city_id.id), ("Phường Cầu Kho, Quận 1", False))

    def test_an_old_address_that_is_there_again_is_listed_again(self):
        self.List.action_look()
        self.row(self.one).action_accept()
        self.one.write({"street": "8 Trần Hưng Đạo", "city": "Phường Cầu Kho, Quận 1", "city_id": False})
        self.List.action_look()
        self.assertEqual((self.row(self.one).state, self.row(self.one).street), ("todo", "8 Trần Hưng Đạo"))

    def test_what_is_of_today_leaves_the_list(self):
        self.List.action_look()
        self.one.write({"city": "Phường Sài Gòn", "street": "1 Lê Lợi"})
        self.List.action_look()
        self.assertFalse(self.row(self.one))

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.env["sop.old.address"].with_user(self.agent).action_look()
