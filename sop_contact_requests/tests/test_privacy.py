"""What a buyer sees, withdraws and deletes by the private link, over all that was made of the form (rows C14, C21)."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, TransactionCase, freeze_time, new_test_user, tagged

from odoo.addons.sop_pipeline.tests.personal import ColumnsCase, PersonalCase

from .common import FormCase, run_cron

NAME, PHONE, WORDS = "Đỗ Thị Bích Liên", "+84935772468", "lời riêng của khách"
SIGNS = ("Bích Liên", r"935[ .]?772[ .]?468", WORDS)


@tagged("post_install", "-at_install")
class TestColumns(ColumnsCase, TransactionCase):
    addon = "sop_contact_requests"
    impersonal = {
        "sop.consent.text.body": "words of the shop",
        "sop.consent.text.version": "words of the shop",
        "sop.contact.entry.nonce": "random, and deleted with the form",
        "sop.contact.request.external_ref": "the listing's",
        "sop.contact.request.external_url": "the listing's",
        "sop.contact.request.listing_name": "the listing's",
        "sop.contact.request.phone_hint": "computed of the number, empty with it",
        "sop.contact.reveal.address": "of the one who took the number, not of the buyer",
        "sop.embed.site.key": "a site's",
        "sop.embed.site.name": "a site's",
        "sop.embed.site.origin": "a site's",
        "sop.embed.site.secret": "a site's",
        **dict.fromkeys(
            (f"sop.partner.application.{name}" for name in ("name", "vat", "words", "answer")), "of a seller, who is a business partner and no buyer"
        ),
        "res.company.sop_programme_conditions": "words of the shop",
        "sop.rate.limit.key": "a hash, gone within a day",
        "sop.seller.entitlement.note": "about a seller, who is a business partner and no buyer",
        "sop.seller.entitlement.source": "where a seller's right comes from",
    }


class PrivacyCase(FormCase):
    form = {"name": NAME, "phone": PHONE, "message": WORDS}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.vn")
        cls.salesman = new_test_user(cls.env, "sop_salesman", groups="sales_team.group_sale_salesman_all_leads,base.group_partner_manager")

    def _lead(self, entry, user=None):
        entry.request_id.with_user(user or self.salesman).action_create_lead()
        return entry.request_id.lead_id

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _do(self, entry, action):
        return self.env["sop.contact.request"]._handle_buyer(self._link(entry).rpartition("/")[2], action, {})

    def _work(self, entry):
        """What sellers and staff do with a request, up to a contact of the address book."""
        lead = self._lead(entry)
        request = entry.request_id
        request.with_user(self.seller).action_reveal_phone()
        request.with_user(self.seller).action_set_note(f"{NAME} {WORDS}")
        request.activity_schedule("mail.mail_activity_data_todo", summary=NAME, user_id=self.staff.id)
        request.message_post(body=f"Gọi {NAME}")
        call = self.env["sop.call"].browse(lead.with_user(lead.user_id).action_sop_call()["params"]["call_id"])
        call.with_user(lead.user_id).action_answered()
        call.with_user(lead.user_id).action_rate("interested", note=WORDS)
        call.write({"recording_url": f"https://pbx.example.com/{PHONE[1:]}.mp3"})
        lead.message_post(body=f"{NAME} 0935 772 468", attachments=[(f"{WORDS}.txt", b"x")])
        lead._handle_partner_assignment(create_missing=True)
        lead.partner_id.comment = WORDS
        return lead


@tagged("post_install", "-at_install")
class TestErase(PrivacyCase, PersonalCase):
    def test_nothing_of_what_was_made_of_the_form_is_left(self):
        entry = self._leave()
        lead = self._work(entry)
        contact, reveals = lead.partner_id, entry.request_id.reveal_ids
        token = self._link(entry).rpartition("/")[2]
        self.assertTrue(contact)
        self._do(entry, "delete")
        self.assertEqual(self.grep(*SIGNS), set())
        self.assertTrue(lead.exists() and reveals.exists() == reveals)
        self.assertFalse(contact.active)
        self.assertEqual(self.env["sop.contact.request"]._handle_buyer(token, "delete", {}), (None, {}), "nothing more happens")

    def test_the_job_does_the_same(self):
        with freeze_time("2024-01-01 00:00:00"):
            entries = [self._leave(phone=f"+8493577246{digit}", listing=self._new_listing(f"Máy {digit}", self.an)) for digit in range(5)]
        lead = self._lead(entries[0])
        lead._handle_partner_assignment(create_missing=True)
        run_cron(self, "cron_erase")
        self.assertEqual(self.grep("Bích Liên", "93577246", WORDS), set())

    def test_a_customer_of_the_shop_stays(self):
        """Another lead, an order or an older record: then the contact is the shop's, and a link to a form does not reach it."""
        entry = self._leave()
        lead = self._work(entry)
        self.env["sale.order"].create(
            {"partner_id": lead.partner_id.id, "order_line": [(0, 0, {"product_id": self.listing.product_variant_id.id})]}
        ).action_confirm()
        self._do(entry, "delete")
        self.assertEqual((lead.partner_id.name, lead.partner_id.phone_sanitized), (NAME, PHONE))
        self.assertFalse(lead.phone or lead.contact_name or lead.description)
        old = self.env["res.partner"].create({"name": NAME, "phone": PHONE})
        self.env["crm.lead"].create({"name": "Cũ", "partner_id": old.id})
        entry = self._leave()
        lead = self._lead(entry)
        lead.partner_id = old
        self._do(entry, "delete")
        self.assertEqual(old.name, NAME)

    def test_other_forms_of_the_same_person_have_links_of_their_own(self):
        mine, other = self._leave(), self._leave(listing=self._new_listing("Khác", self.an))
        self._do(mine, "delete")
        self.assertEqual((other.name, other.request_id.buyer_name), (NAME, NAME))

    def test_staff_erase_requests_of_the_contact(self):
        """From the contact, all requests under the number and the name go; a stranger's on the same number stays."""
        entry = self._leave()
        second = self._leave(listing=self._new_listing("Khác", self.an))
        stranger = self._leave(name="Kẻ Lạ Mặt", message="Của lạ")
        contact = self.env["res.partner"].create({"name": "do thi bich lien", "phone": "0935 772 468", "country_id": self.env.ref("base.vn").id})
        request = stranger.request_id
        self.assertEqual(entry.request_id, request)
        self.env["sop.privacy"]._erase(contact._sop_person())
        self.assertFalse(entry.exists() or second.exists())
        self.assertEqual((stranger.name, request.buyer_name, request.message, request.erased_at), ("Kẻ Lạ Mặt", "Kẻ Lạ Mặt", "Của lạ", False))


@tagged("post_install", "-at_install")
class TestWithdrawal(PrivacyCase):
    def test_it_reaches_the_lead(self):
        entry = self._leave()
        lead = self._work(entry)
        lead.with_context(tracking_disable=False).phone = "0935 772 469"
        lead.with_context(tracking_disable=False).phone = "0935 772 468"
        self.flush_tracking()
        values = lead.message_ids.tracking_value_ids
        self.assertIn("0935 772 468", values.mapped("new_value_char"))
        lead.activity_schedule("mail.mail_activity_data_call", user_id=self.salesman.id)
        self._do(entry, "withdraw")
        self.assertTrue(lead.sop_consent_withdrawn_at)
        self.assertEqual((lead.phone, lead.phone_sanitized), ("••• ••• •468", False))
        self.assertFalse(lead.sop_verified_contact or values.exists())
        self.assertNotIn("935772468", str(lead.sop_call_ids.mapped("number")))
        self.assertNotIn("0935 772 468", str(lead.partner_id.phone))
        self.assertFalse(lead.activity_ids.filtered(lambda activity: activity.activity_type_id.category == "phonecall"))
        for user in (lead.user_id, self.salesman):
            with self.assertRaisesRegex(UserError, "no longer wants"):
                lead.with_user(user).with_context(lang="en_US").action_sop_call()
        self._do(entry, "withdraw")
        self.assertEqual(lead.phone, "••• ••• •468")

    def test_asking_again_is_a_new_consent(self):
        entry = self._leave()
        lead = self._lead(entry)
        lead._handle_partner_assignment(create_missing=True)
        self._do(entry, "withdraw")
        self._leave(message="Gọi tôi nhé")
        self.assertFalse(lead.sop_consent_withdrawn_at)
        self.assertEqual((lead.phone_sanitized, lead.partner_id.phone_sanitized), (PHONE, PHONE))
        lead.with_user(lead.user_id).action_sop_call()

    def test_a_lead_of_the_shop_is_not_closed_by_a_form(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Khách quen",
                "phone": "0935 772 468",
                "team_id": self.team.id,
                "type": "opportunity",
                "country_id": self.env.ref("base.vn").id,
                "company_id": self.company.id,
            }
        )
        entry = self._leave()
        self.assertEqual(self._lead(entry), lead)
        self._do(entry, "withdraw")
        self.assertEqual((lead.phone_sanitized, lead.sop_consent_withdrawn_at), (PHONE, False))

    def test_another_request_still_stands(self):
        first, second = self._leave(), self._leave(listing=self._new_listing("Khác", self.an))
        lead = self._lead(first)
        self.assertEqual(self._lead(second), lead)
        self._do(first, "withdraw")
        self.assertEqual(lead.phone_sanitized, PHONE)
        self._do(second, "withdraw")
        self.assertFalse(lead.phone_sanitized)

    def test_merged_it_stays_withdrawn(self):
        entry = self._leave()
        lead = self._lead(entry)
        self._do(entry, "withdraw")
        other = self.env["crm.lead"].create(
            {"name": "Khác", "phone": "0935 772 468", "team_id": self.team.id, "type": "opportunity", "company_id": self.company.id}
        )
        merged = (lead | other).merge_opportunity()
        self.assertTrue(merged.sop_consent_withdrawn_at)
        self.assertFalse(merged.phone_sanitized)

    def test_nobody_takes_the_flag_away(self):
        entry = self._leave()
        lead = self._lead(entry)
        self._do(entry, "withdraw")
        with self.assertRaises(UserError):
            lead.with_user(self.salesman).write({"sop_consent_withdrawn_at": False})


@tagged("post_install", "-at_install")
class TestAccess(PrivacyCase, HttpCase):
    def _told(self, entry):
        return self.url_open(f"{self._link(entry)}/data")

    def test_the_page_and_the_file_tell_what_is_kept(self):
        entry = self._leave()
        self._work(entry)
        page, file = self.url_open(self._link(entry)).text, self._told(entry)
        told = json.dumps(file.json(), ensure_ascii=False)
        for text in (NAME, PHONE, WORDS):
            self.assertIn(text, page)
            self.assertIn(text, told)
        self.assertEqual(file.headers["Cache-Control"], "no-store")
        self.assertIn("attachment", file.headers["Content-Disposition"])
        self.assertNotIn("pbx.example.com", told, "what staff found out may be about somebody else")

    def test_a_stranger_is_told_nothing_of_the_first(self):
        mine, stranger = self._leave(), self._leave(name="Kẻ Lạ Mặt", message="Của lạ")
        self._work(mine)
        told = self._told(stranger).text + self.url_open(self._link(stranger)).text
        self.assertIn("Của lạ", told)
        for text in ("Bích Liên", WORDS):
            self.assertNotIn(text, told)

    def test_wrong_links(self):
        entry = self._leave()
        path = f"{self._link(entry)}/data"
        for wrong in ("/sop/my-request/x/data", path.replace("/data", "x/data"), "/sop/my-request/" + "a" * 3000 + "/data"):
            self.assertEqual(self.url_open(wrong).status_code, 404)
        self._do(entry, "delete")
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_deleting_asks_first(self):
        entry = self._leave()
        self.assertNotIn('value="delete"', self.url_open(self._link(entry)).text)
        self._do(entry, "ask_delete")
        self._do(entry, "keep")
        self.assertTrue(entry.exists())

    def test_withdrawn_forms_beside_others_go_after_their_days(self):
        mine, stranger = self._leave(), self._leave(name="Kẻ Lạ Mặt", message="Của lạ")
        self._do(mine, "withdraw")
        with freeze_time(fields.Datetime.now() + timedelta(days=16)):
            run_cron(self, "cron_erase")
        self.assertFalse(mine.exists())
        self.assertTrue(stranger.exists())
