from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestKnownLead(PipelineCommon):
    """What is typed of a new lead, and whose customer a number is already (row P12)."""

    def setUp(self):
        super().setUp()
        self.lead = self.make_lead(name="Bí mật", phone="0901 234 567")

    def known(self, user, phone, **kwargs):
        return self.env["crm.lead"].with_user(user).get_known_lead(phone, **kwargs)

    def test_whose(self):
        """A colleague's lead tells the colleague and the stage alone, in any writing of the number."""
        for phone in ("0901234567", "+84 901 234 567", "090.123.4567"):
            with self.subTest(phone):
                told = {"lead_id": False, "name": False, "user": self.seller.name, "stage": self.lead.stage_id.name, "count": 1, "asked": False}
                self.assertEqual(self.known(self.colleague, phone), told)
                own = self.known(self.seller, phone)
                self.assertEqual((own["lead_id"], own["name"]), (self.lead.id, "Bí mật"))
        self.assertFalse(self.known(self.seller, "0901 234 567", leave_out=self.lead.id), "not of itself")
        for phone in ("0907654321", "", "12", "không có"):
            self.assertFalse(self.known(self.seller, phone), phone)

    def test_one_of_ones_own_comes_first(self):
        mine = self.make_lead(user_id=self.colleague.id)
        self.lead.sudo().description = "touched later"
        told = self.known(self.colleague, "0901234567")
        self.assertEqual((told["lead_id"], told["count"]), (mine.id, 2))

    def test_lost_and_won_and_other_companies(self):
        company = self.env["res.company"].create({"name": "Khác"})
        self.lead.action_set_lost()
        self.make_lead(company_id=company.id, team_id=False, user_id=False)
        self.assertFalse(self.known(self.colleague, "0901234567"))

    def test_ask(self):
        Lead = self.env["crm.lead"].with_user(self.colleague)
        for _twice in range(2):
            self.assertEqual(Lead.action_ask_for_lead("0901234567"), self.seller.name)
        self.assertEqual(len(self.lead.activity_ids), 1)
        self.assertEqual(self.lead.activity_ids.user_id, self.seller)
        self.assertIn(self.colleague.name, self.lead.activity_ids.summary)
        self.assertTrue(self.known(self.colleague, "0901234567")["asked"])
        with self.assertRaises(UserError):
            Lead.action_ask_for_lead("0907654321")
        with self.assertRaises(UserError):
            Lead.with_user(self.seller).action_ask_for_lead("0901234567")
        clerk = self.env["res.users"].create({"name": "Clerk", "login": "clerk_known", "group_ids": [(6, 0, self.env.ref("base.group_user").ids)]})
        with self.assertRaises(AccessError):
            self.known(clerk, "0901234567")

    def test_a_departed_colleagues_lead_is_asked_of_the_leader(self):
        self.sop.user_id = self.boss
        self.seller.active = False
        self.assertEqual(self.env["crm.lead"].with_user(self.colleague).action_ask_for_lead("0901234567"), self.boss.name)
        self.sop.user_id = False
        self.lead.activity_ids.unlink()
        with self.assertRaises(UserError):
            self.env["crm.lead"].with_user(self.colleague).action_ask_for_lead("0901234567")

    def test_quick_create(self):
        """Name, phone, product: the lead is called after them, and the product is offered at the rating."""
        Lead = self.env["crm.lead"].with_user(self.seller).with_context(default_team_id=self.sop.id, default_type="opportunity")
        with Form(Lead, view="crm.quick_create_opportunity_form") as form:
            form.contact_name = "Lan"
            form.phone = "0907654321"
            form.sop_product_id = self.product
        lead = form.record
        self.assertEqual((lead.name, lead.sop_code, lead.user_id), ("Áo thun – Lan", "collect", self.seller))
        call = self.call(lead)
        call.action_answered()
        self.assertEqual([product["id"] for product in call.get_client_data()["products"]], self.product.ids)

    def test_quick_create_of_a_number_alone(self):
        Lead = self.env["crm.lead"].with_user(self.seller).with_context(default_team_id=self.sop.id, default_type="opportunity")
        with Form(Lead, view="crm.quick_create_opportunity_form") as form:
            form.phone = "+84907654321"
        self.assertIn("0907 654 321", form.record.name)

    def test_a_name_that_was_given_stays(self):
        self.lead.contact_name = "Ai khác"
        self.assertEqual(self.lead.name, "Bí mật")
        made = self.make_lead(name="Đặt trước", sop_product_id=self.product.id)
        self.assertEqual(made.name, "Đặt trước")
