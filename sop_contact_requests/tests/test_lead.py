"""From the list to the pipeline (C15), and back: a rated call closes the request."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.translate import code_translations

from odoo.addons.sop_contact_requests.hooks import post_init_hook

from .common import PHONE, RequestCase, run_cron


@tagged("post_install", "-at_install")
class TestLead(RequestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(cls.env, "sop_salesman", groups="sales_team.group_sale_salesman_all_leads")
        cls.company.sop_request_team_id = cls.team
        cls.request = cls._new_request(message="Cần gấp")

    def test_lead_in_stage_one(self):
        action = self.request.with_user(self.salesman).action_create_lead()
        lead = self.request.lead_id
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", lead.id))
        self.assertEqual((lead.sop_code, lead.type, lead.team_id), ("collect", "opportunity", self.team))
        self.assertEqual((lead.contact_name, lead.phone_sanitized), ("Nguyễn Văn Mua", PHONE))
        self.assertIn("Máy ảnh cũ", lead.name)
        self.assertIn("Cần gấp", lead.description)
        self.assertEqual(lead.source_id, self.env.ref("sop_contact_requests.utm_source_contact_request"))
        self.assertEqual(lead.user_id, self.salesman)

    def test_the_button_on_the_lead_opens_its_requests(self):
        """All of them, called or not, and no other buyer's."""
        again, other = self._new_request(message="Còn không?"), self._new_request(phone="+84987654321")
        for request in (self.request, again, other):
            request.with_user(self.salesman).action_create_lead()
        lead = self.request.lead_id
        self.request.state = "contacted"
        action = lead.with_user(self.salesman).action_sop_requests()
        self.assertEqual(self.env[action["res_model"]].with_user(self.salesman).search(action["domain"]), self.request | again)
        self.assertNotIn("search_default", str(action["context"]), "no filter hides one of them")
        colleague = new_test_user(self.env, "sop_colleague", groups="sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            lead.with_user(colleague).action_sop_requests()

    def test_words_stay_words(self):
        """What a buyer or a seller wrote is no markup in the lead that staff open."""
        self.request.action_set_note("<img src='https://evil.example/x'/><a href='https://evil.example'>x</a>\nhai")
        self.request.with_user(self.salesman).action_create_lead()
        self.assertNotRegex(self.request.lead_id.description, "<img|>x</a>")
        self.assertIn("&lt;img", self.request.lead_id.description)
        self.assertIn("hai", self.request.lead_id.description)

    def test_the_source_is_named_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env.company.partner_id.lang = "vi_VN"
        source = self.env.ref("sop_contact_requests.utm_source_contact_request")
        words = {("sop_contact_requests", "vi_VN"): {"Contact request": "Yêu cầu liên hệ"}}
        with patch.object(code_translations, "get_python_translations", lambda *where: words.get(where, {})):
            post_init_hook(self.env)
        self.assertEqual(source.name, "Yêu cầu liên hệ")

    def test_never_two(self):
        for user in (self.salesman, self.seller, self.salesman):
            self.request.with_user(user).action_create_lead()
        self.assertEqual(self.env["crm.lead"].search_count([("phone_sanitized", "=", PHONE)]), 1)

    def test_seller_makes_one_too(self):
        self.assertIs(self.request.with_user(self.seller).action_create_lead(), True)
        self.assertTrue(self.request.with_user(self.seller).has_lead)
        self.assertEqual(self.request.lead_id.sop_code, "collect")
        log = self.request.reveal_ids
        self.assertEqual((log.user_id, log.how), (self.seller, "lead"), "whoever presses is the revealer")
        self.assertTrue(self.request.lead_id.sop_from_request)

    def test_a_seller_presses_within_the_budget(self):
        self.company.sop_reveal_budget = 1
        self.request.with_user(self.seller).action_reveal_phone()
        self.request.with_user(self.seller).action_create_lead()
        other = self._new_request(phone="+84987654321")
        with self.assertRaises(UserError):
            other.with_user(self.seller).action_create_lead()
        self.assertFalse(other.lead_id)

    def test_the_job_is_logged_and_has_a_budget(self):
        self.company.sop_reveal_budget = 1
        other = self._new_request(phone="+84987654321")
        (self.request | other).lead_wanted = True
        run_cron(self, "cron_lead")
        log = (self.request | other).reveal_ids
        self.assertEqual((len(log), log.how, log.user_id), (1, "job", self.env.ref("base.user_root")))
        waiting = (self.request | other).filtered(lambda request: not request.lead_id)
        self.assertTrue(waiting.lead_wanted, "it goes on in the next hour")
        self.company.sop_reveal_budget = 60
        run_cron(self, "cron_lead")
        self.assertTrue(waiting.lead_id)

    def test_the_number_is_read_by_salesperson_and_team_only(self):
        """A seller in the portal pressed, and all of sales could read and search the number."""
        member = new_test_user(self.env, "sop_member", groups="sales_team.group_sale_salesman")
        stranger = new_test_user(self.env, "sop_stranger", groups="sales_team.group_sale_salesman")
        self.request.with_user(self.seller).action_create_lead()
        lead = self.request.lead_id
        self.assertFalse(lead.user_id, "nobody is in the team yet")

        def seen(user):
            Lead = self.env["crm.lead"].with_user(user)
            found = Lead.search([("phone_sanitized", "=", PHONE)])
            self.assertEqual(bool(Lead.formatted_read_group([("id", "=", lead.id)], ["phone"])), bool(found))
            self.assertEqual(bool(Lead.search([("phone", "ilike", PHONE[3:])])), bool(found))
            self.assertEqual(found.has_access("read") and bool(found), lead.with_user(user).has_access("read"))
            return bool(found)

        self.assertFalse(seen(member))
        self.env["crm.team.member"].create({"crm_team_id": self.team.id, "user_id": member.id})
        self.env.invalidate_all()
        self.assertTrue(seen(member))
        self.assertFalse(seen(stranger))
        self.assertTrue(seen(self.salesman), "who sees all leads sees this one")
        with self.assertRaises(AccessError):
            lead.with_user(stranger).read(["phone"])
        lead.user_id = member
        self.assertFalse(seen(stranger))
        other = self._new_request(phone="+84987654321")
        other.with_user(self.seller).action_create_lead()
        self.assertEqual(other.lead_id.user_id, member, "the next one has a salesperson of the team")
        with self.assertRaises(AccessError):
            lead.with_user(member).write({"sop_from_request": False})

    def test_staff_see_the_number_in_the_lead_so_it_is_a_reveal(self):
        self.company.sop_reveal_budget = 1
        self.request.with_user(self.salesman).action_create_lead()
        self.assertEqual(self.request.reveal_ids.how, "lead")
        other = self._new_request(phone="+84987654321")
        with self.assertRaises(UserError):
            other.with_user(self.salesman).action_create_lead()
        self.assertFalse(other.lead_id)

    def test_the_same_buyer_has_one_open_lead(self):
        self.request.with_user(self.salesman).action_create_lead()
        again = self._new_request(listing_id=self._new_listing("Chân máy", self.an).id)
        again.with_user(self.salesman).action_create_lead()
        self.assertEqual(again.lead_id, self.request.lead_id)
        again.lead_id.action_set_lost()
        third = self._new_request()
        third.with_user(self.salesman).action_create_lead()
        self.assertNotEqual(third.lead_id, self.request.lead_id, "a lost lead is not taken up again silently")

    def test_requests_of_one_buyer_wait_for_each_other(self):
        """Two requests of one number at once must not make two leads: they count on the same row."""
        again = self._new_request(listing_id=self._new_listing("Chân máy", self.an).id)
        keys = []
        with patch.object(self.env.registry["sop.rate.limit"], "_serialize", lambda model, scope, value: keys.append((scope, value))):
            (self.request | again)._create_lead()
        self.assertEqual(len({key for key in keys if key[0] == "lead"}), 1)

    def test_automatic_waits_while_the_seller_is_locked(self):
        """A lead would show staff the number that must stay hidden."""
        self.request.lead_wanted = True
        self.right.end = fields.Datetime.now() - timedelta(minutes=1)
        run_cron(self, "cron_lead")
        self.assertFalse(self.request.lead_id)
        self.right.end = fields.Datetime.now() + timedelta(days=1)
        run_cron(self, "cron_lead")
        self.assertTrue(self.request.lead_id)

    def test_staff_without_leads_are_not_sent_to_one(self):
        self.assertIs(self.request.with_user(self.staff).action_create_lead(), True)
        self.assertTrue(self.request.lead_id)

    def test_sellers_own_team_comes_first(self):
        own = self.env["crm.team"].create({"name": "An's", "sequence": 901, "company_id": self.company.id, "sop_process": True})
        self.an.sop_request_team_id = own
        self.request.with_user(self.seller).action_create_lead()
        self.assertEqual(self.request.lead_id.team_id, own)

    def test_without_any_team_it_is_told_in_words(self):
        self.company.sop_request_team_id = False
        self.env["crm.team"].search([("sop_process", "=", True)]).write({"active": False})
        with self.assertRaises(UserError):
            self.request.with_user(self.seller).action_create_lead()
        self.assertFalse(self.request.lead_id)

    def test_automatic(self):
        self.request.lead_wanted = True
        run_cron(self, "cron_lead")
        self.assertEqual(self.request.lead_id.sop_code, "collect")
        self.assertFalse(self.request.lead_wanted)
        self.assertTrue(self.request.is_new, "no person has touched it")
        run_cron(self, "cron_lead")
        self.assertEqual(self.env["crm.lead"].search_count([("phone_sanitized", "=", PHONE)]), 1)

    def test_rated_call_contacts_the_request(self):
        self.request.with_user(self.salesman).action_create_lead()
        lead = self.request.lead_id.with_user(self.salesman)
        call = self.env["sop.call"].with_user(self.salesman).browse(lead.action_sop_call()["params"]["call_id"])
        call.action_answered()
        self.assertEqual(self.request.state, "not_contacted", "answered is not yet rated")
        call.action_rate("thinking")
        self.assertEqual(self.request.state, "contacted")

    def test_merged_leads_keep_their_requests(self):
        self.request.with_user(self.salesman).action_create_lead()
        other = self.env["crm.lead"].create({"name": "Other", "team_id": self.team.id, "type": "opportunity", "phone": "0988111222"})
        (other | self.request.lead_id).merge_opportunity()
        self.assertTrue(self.request.lead_id.exists())

    def test_deleted_lead_can_be_made_again(self):
        self.request.with_user(self.salesman).action_create_lead()
        self.request.lead_id.unlink()
        self.request.invalidate_recordset()
        self.assertFalse(self.request.has_lead)
        self.request.with_user(self.salesman).action_create_lead()
        self.assertTrue(self.request.lead_id)

    def test_journey_knows_the_request_once(self):
        self.request.requested_at = fields.Datetime.now() - timedelta(hours=2)
        self.request.with_user(self.salesman).action_create_lead()
        self.request._record_interaction()
        rows = self.env["sop.interaction"].search([("res_model", "=", "sop.contact.request"), ("res_id", "=", self.request.id)])
        self.assertEqual((len(rows), rows.lead_id, rows.at), (1, self.request.lead_id, self.request.requested_at))
