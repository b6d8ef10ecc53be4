from odoo.tests import tagged

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestCustomerCard(PipelineCommon):
    """Who the customer is, and what is known of them (rows P7, P12)."""

    def facts(self, lead):
        return set(lead.tag_ids.mapped("sop_fact")) - {False}

    def test_verified_by_an_answered_call(self):
        lead = self.make_lead()
        self.assertFalse(lead.sop_is_verified)
        self.rate(lead)
        self.assertTrue(lead.sop_is_verified)
        self.assertEqual((lead.sop_verified_how, lead.sop_verified_uid, lead.sop_verified_contact), ("call", self.seller, "+84901234567"))

    def test_verified_by_hand_and_back(self):
        lead = self.make_lead(phone=False, email_from="Giang@Example.com")
        lead.with_user(self.seller).action_sop_verify()
        self.assertEqual((lead.sop_is_verified, lead.sop_verified_contact), (True, "giang@example.com"))
        lead.with_user(self.seller).action_sop_unverify()
        self.assertFalse(lead.sop_is_verified)

    def test_new_number_is_unverified(self):
        lead = self.make_lead()
        self.rate(lead)
        lead.phone = "0912345678"
        self.assertFalse(lead.sop_is_verified)

    def test_nothing_to_verify(self):
        lead = self.make_lead(phone=False)
        lead.action_sop_verify()
        self.assertFalse(lead.sop_is_verified)

    def test_card_goes_to_the_contact_and_back(self):
        lead = self.make_lead(sop_gender="female", sop_birthdate="1997-09-19")
        lead._handle_partner_assignment(create_missing=True)
        partner = lead.partner_id
        self.assertEqual((partner.sop_gender, str(partner.sop_birthdate)), ("female", "1997-09-19"))
        self.rate(lead)
        self.assertTrue(partner.sop_is_verified)
        second = self.make_lead(partner_id=partner.id)
        self.assertEqual((second.sop_gender, second.sop_is_verified), ("female", True))
        second.sop_gender = "other"
        self.assertEqual(partner.sop_gender, "other")
        second.write({"sop_gender": "male", "sop_birthdate": "1990-01-31"})
        self.assertEqual((partner.sop_gender, str(partner.sop_birthdate)), ("male", "1990-01-31"))
        self.assertEqual((lead.sop_gender, str(lead.sop_birthdate)), ("male", "1990-01-31"))

    def test_what_was_taken_off_the_contact_stays_off(self):
        """The lead keeps its birth date; that its gender is set later says nothing of it."""
        partner = self.make_lead(sop_birthdate="1997-09-19")._create_customer()
        lead = self.make_lead(partner_id=partner.id, sop_birthdate="1997-09-19")
        partner.sop_birthdate = False
        lead.sop_gender = "male"
        self.assertEqual((partner.sop_gender, partner.sop_birthdate), ("male", False))

    def test_factual_tags_set_and_clear_themselves(self):
        lead = self.make_lead(phone=False)
        self.assertEqual(self.facts(lead), {"new"})
        lead.phone = "0901234567"
        self.assertEqual(self.facts(lead), {"new", "has_phone"})
        self.rate(lead, "thinking")
        self.assertEqual(self.facts(lead), {"new", "has_phone", "recare"})
        self.rate(lead, "interested")
        self.assertEqual(self.facts(lead), {"new", "has_phone"})
        order = self.make_order(lead)
        order.action_confirm()
        self.assertEqual(self.facts(lead), {"has_phone", "unpaid"})
        order._action_cancel()
        self.assertEqual(self.facts(lead), {"new", "has_phone"})

    def test_care_ends_with_the_lead(self):
        lead = self.make_lead()
        self.rate(lead, "thinking")
        lead.action_set_lost()
        self.assertNotIn("recare", self.facts(lead))
        lead.action_restore()
        self.assertIn("recare", self.facts(lead))
        lead.action_set_won()
        self.assertNotIn("recare", self.facts(lead))

    def test_unpaid_until_the_invoice_is_paid(self):
        lead = self.make_lead()
        self.product.invoice_policy = "order"
        order = self.make_order(lead)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertIn("unpaid", self.facts(lead))
        self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create({})._create_payments()
        self.assertNotIn("unpaid", self.facts(lead))

    def test_other_teams_get_no_tags(self):
        lead = self.make_lead(team_id=self.plain.id)
        self.assertFalse(lead.tag_ids)
        lead.team_id = self.sop
        self.assertEqual(self.facts(lead), {"new", "has_phone"})
        lead.team_id = self.plain
        self.assertFalse(lead.tag_ids)

    def test_tags_of_people_stay(self):
        vip = self.env.ref("sop_pipeline.crm_tag_vip")
        lead = self.make_lead(tag_ids=[(6, 0, vip.ids)])
        self.assertEqual(self.facts(lead), {"new", "has_phone"}, "facts join the tags given at creation")
        lead.phone = False
        self.assertIn(vip, lead.tag_ids)
        self.assertNotIn("has_phone", self.facts(lead))

    def test_vip_by_the_facts(self):
        """The limits of the settings, by number or by amount; a person's VIP stays one."""
        vip = self.env.ref("sop_pipeline.crm_tag_vip")
        self.env.company.write({"sop_vip_orders": 2, "sop_vip_amount": 0})
        lead = self.make_lead(partner_id=self.customer.id)
        self.make_order(lead).action_confirm()
        self.assertNotIn(vip, lead.tag_ids)
        second = self.make_order(lead)
        self.assertNotIn(vip, lead.tag_ids, "a quotation is no order")
        second.action_confirm()
        self.assertIn(vip, lead.tag_ids)
        self.assertIn(vip, self.make_lead(partner_id=self.customer.id, phone="0907654321").tag_ids, "the customer is, not the lead")
        second._action_cancel()
        self.assertIn(vip, lead.tag_ids, "once a VIP")
        self.env.company.write({"sop_vip_orders": 0, "sop_vip_amount": 5000})
        rich = self.make_lead(phone="0907654322", partner_id=self.env["res.partner"].create({"name": "Giàu"}).id)
        order = self.make_order(rich, price=5000)
        self.assertNotIn(vip, rich.tag_ids)
        order.partner_id = rich.partner_id
        order.action_confirm()
        self.assertIn(vip, rich.tag_ids)

    def test_merged_customers_are_a_vip_by_the_orders_of_both(self):
        self.env.company.write({"sop_vip_orders": 2, "sop_vip_amount": 0})
        twin = self.env["res.partner"].create({"name": "Giang hai", "phone": "0907654399"})
        leads = self.make_lead(partner_id=self.customer.id) | self.make_lead(partner_id=twin.id, phone="0907654399")
        self.make_order(leads[0]).action_confirm()
        order = self.make_order(leads[1])
        order.partner_id = twin
        order.action_confirm()
        vip = self.env.ref("sop_pipeline.crm_tag_vip")
        self.assertFalse(leads.tag_ids & vip)
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer | twin).ids, self.customer)
        for lead in leads:
            self.assertIn(vip, lead.tag_ids)

    def test_whose_customer_follows_the_owner(self):
        """ "Khách của Hạnh" (000): one tag a salesperson, handed over with the lead; not in other teams."""

        def owners(lead):
            return lead.tag_ids.sop_owner_id

        lead, other = self.make_lead(), self.make_lead(phone="0907654321")
        self.assertEqual(owners(lead), self.seller)
        self.assertEqual(lead.tag_ids.filtered("sop_owner_id"), other.tag_ids.filtered("sop_owner_id"))
        lead.user_id = self.colleague
        self.assertEqual(owners(lead), self.colleague)
        lead.user_id = False
        self.assertFalse(owners(lead))
        other.team_id = self.plain
        self.assertFalse(owners(other))

    def test_two_salespeople_of_one_name(self):
        namesake = self.seller.copy({"login": "namesake", "name": self.seller.name})
        (self.seller | namesake).lang = "en_US"
        (self.seller | namesake).name = "Hạnh Trần"
        tags = self.make_lead().tag_ids | self.make_lead(user_id=namesake.id).tag_ids
        names = tags.filtered("sop_owner_id").mapped("name")
        self.assertEqual(len(set(names)), 2, names)

    def test_duplicates_by_any_writing_of_the_number(self):
        """+84, 84, 0 and the old eleven digits are one customer, found and offered for merging."""
        first = self.make_lead(phone="0395551234")
        for phone in ("+84395551234", "84 395 551 234", "0395.551.234", "01695551234", "+84 169 555 1234"):
            with self.subTest(phone=phone):
                other = self.make_lead(phone=phone)
                self.assertEqual(other.phone_sanitized, "+84395551234")
                self.assertIn(first, other.duplicate_lead_ids)
        stranger = self.make_lead(phone="0395551235")
        self.assertNotIn(first, stranger.duplicate_lead_ids)
