"""One erasure and one access for a person's data (row C21), as far as this addon keeps some."""

import base64
import json

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from ..tools.person import Person, fold
from .common import PipelineCommon
from .personal import ColumnsCase, PersonalCase
from .queries import cold_queries

NAME, PHONE, EMAIL, OLD = "Đặng Thị Huyền Trân", "0703456789", "huyen.tran@example.com", "01203456789"
SIGNS = ("Huyền Trân", "huyen.tran", r"70[ .]?345[ .]?67[ .]?89", "1203456789", "bí mật của khách")


@tagged("post_install", "-at_install", "sop_pipeline")
class TestColumns(ColumnsCase, TransactionCase):
    addon = "sop_pipeline"
    impersonal = {
        "crm.lead.sop_waiting_cause": "name of a cause of ours",
        "sale.order.sop_payment_ref": "letters by chance",
        "sop.bank.feed.api_token": "secret of the shop",
        "sop.bank.feed.api_url": "address of a service",
        "sop.bank.feed.poll_error": "words of the service",
        "sop.bank.feed.account_number": "account of the shop",
        "sop.bank.feed.key": "secret of the shop",
        "sop.bank.feed.name": "name of an account of the shop",
        "sop.bank.feed.secret": "secret of the shop",
        "sop.bank.line.account_number": "account of the shop",
        "sop.bank.line.bank_ref": "the bank's number of a movement",
        "sop.bank.line.external_id": "the service's number of a movement",
        "res.city.sop_code": "a public list",
        "res.city.sop_search": "a public list",
        "sop.call.end_cause": "word of the exchange for how a call ended",
        "sop.call.source": "the button, or which exchange",
        "sop.exchange.event.digest": "a hash of the whole event, which holds random ids and times",
        "sop.exchange.extension.extension": "a colleague's extension",
        "sop.exchange.key": "secret of the shop",
        "sop.exchange.name": "name of an exchange",
        "sop.exchange.secret": "secret of the shop",
        "sop.interaction.channel": "where it happened",
        "sop.interaction.res_model": "name of a model",
        "sop.interaction.type.code": "name of a type",
        "sop.interaction.type.description": "words of the shop",
        "sop.interaction.type.icon": "a picture's name",
        "sop.interaction.type.name": "words of the shop",
        "sop.next.action.res_model": "name of a model",
        "sop.next.action.rule.delays": "numbers",
        "sop.next.action.rule.name": "words of the shop",
        "sop.next.action.rule.summary": "words of the shop",
        "sop.stage.move.res_model": "name of a model",
    }


@tagged("post_install", "-at_install", "sop_pipeline")
class TestPerson(TransactionCase):
    def test_every_form_of_a_number_is_seen(self):
        """Also by the database, which has a language of its own for patterns."""
        person = Person(wide=True)
        person.learn(["+84703456789"], ["Huyen.Tran@example.com"], [NAME, "Trân"])
        texts = {
            "gọi 0703456789": True,
            "+84 70 345 67 89": True,
            "84-703.456.789": True,
            "(0)70-3456789": True,
            "0084703456789": True,
            "số cũ 01203456789": True,
            "120 345 67 89": True,
            '{"n": "\\u0110\\u1eb7ng Th\\u1ecb Huy\\u1ec1n Tr\\u00e2n"}': True,
            "đặng thị huyền trân": True,
            "<HUYEN.TRAN@EXAMPLE.COM>": True,
            "chị Trân": False,
            "17034567891": False,
            "0703456788": False,
            "70345678": False,
            "": False,
        }
        for text, seen in texts.items():
            with self.subTest(text):
                self.env.cr.execute("SELECT %s ~* %s", [text, person.pattern()])
                self.assertEqual(self.env.cr.fetchone()[0], seen)

    def test_names(self):
        self.assertEqual(fold("  ĐẶNG  thị Huyền "), "dang thi huyen")
        person = Person(wide=True)
        person.learn(names=["Đặng Thị Huyền"])
        self.assertTrue(person.is_called("dang thi HUYEN") and person.is_called(False))
        self.assertFalse(person.is_called("Huyền"))
        self.assertIsNone(Person().pattern())


@tagged("post_install", "-at_install", "sop_pipeline")
class TestPrivacy(PersonalCase, PipelineCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": False, "mail_notrack": False})
        cls.country = cls.env.ref("base.vn")
        cls.customer = cls.env["res.partner"].create(
            {
                "name": NAME,
                "phone": PHONE,
                "email": EMAIL,
                "street": "12 bí mật của khách",
                "comment": "bí mật của khách",
                "country_id": cls.country.id,
            }
        )

    def make_traces(self):
        """Her data in every model of this addon, and of core's that it fills."""
        lead = self.make_lead(
            name=f"{NAME} hỏi áo",
            contact_name=NAME,
            phone=PHONE,
            email_from=EMAIL,
            description="bí mật của khách",
            partner_id=self.customer.id,
            country_id=self.country.id,
        )
        loose = self.make_lead(name="Áo", contact_name="dang thi huyen tran", phone="070 345 67 89", country_id=self.country.id)
        lead._sop_verify("person")
        call = self.rate(lead)
        call.sudo().write({"note": "bí mật của khách", "recording_url": f"https://pbx.example.com/{OLD}.mp3"})
        exchange = self.env["sop.exchange"].create({"name": "Tổng đài", "user_id": self.seller.id})
        self.env["sop.exchange.event"].create(
            [
                {"exchange_id": exchange.id, "digest": "a", "payload": json.dumps({"customer": OLD})},
                {"exchange_id": exchange.id, "digest": "b", "payload": json.dumps({"customer": NAME}), "call_id": call.id, "error": NAME},
            ]
        )
        self.env["sop.interaction"].create(
            {"lead_id": lead.id, "type_id": self.env["sop.interaction.type"].create({"name": "Ghé"}).id, "note": "bí mật của khách"}
        )
        lead.message_post(body=f"Gọi {NAME} {PHONE}", attachments=[("bí mật của khách.txt", b"x")])
        self.customer.message_post(body="bí mật của khách", author_id=self.customer.id)
        lead.phone = "+84 703 456 789"
        lead.activity_schedule("mail.mail_activity_data_call", summary=f"Gọi {NAME}", note=PHONE, user_id=self.seller.id)
        lead.activity_schedule("mail.mail_activity_data_todo", summary=NAME, user_id=self.seller.id).action_feedback("bí mật của khách")
        self.env["calendar.event"].create(
            {
                "name": f"Gặp {NAME}",
                "description": "bí mật của khách",
                "location": PHONE,
                "start": "2026-05-01 08:00:00",
                "stop": "2026-05-01 09:00:00",
                "opportunity_id": lead.id,
                "partner_ids": [Command.set((self.customer | self.seller.partner_id).ids)],
            }
        )
        self.env["ir.attachment"].create({"name": f"{NAME}.txt", "res_model": "crm.lead", "res_id": lead.id, "raw": b"x"})
        self.env["mail.mail"].create({"email_to": EMAIL, "subject": NAME, "body_html": "Chào"})
        self.env["mail.mail"].create({"recipient_ids": [Command.link(self.customer.id)], "subject": NAME, "body_html": "Chào"})
        self.env["bus.bus"]._sendone("x", "x", {"phone": PHONE})
        quote = self.make_order(lead)
        quote.write({"partner_id": self.customer.id, "client_order_ref": NAME, "signed_by": NAME, "note": "bí mật của khách"})
        quote.message_post(body=f"Báo giá cho {NAME}")
        return lead, loose, quote

    def erase(self, user=None):
        """Through the door: the wizard from the contact."""
        action = self.customer.with_user(user or self.boss).action_sop_personal_data()
        return self.env[action["res_model"]].with_user(user or self.boss).browse(action["res_id"]).action_erase()

    # === ERASURE === #

    def test_nothing_is_left(self):
        lead, loose, _quote = self.make_traces()
        self.assertTrue(self.grep(*SIGNS))
        self.erase()
        self.assertEqual(self.grep(*SIGNS), set())
        self.assertTrue(lead.exists() and loose.exists(), "they still count")
        self.assertEqual(lead.sop_call_ids.mapped("interest"), ["interested"])
        self.assertFalse(self.customer.active)
        self.erase()  # nothing more happens
        self.assertEqual(self.grep(*SIGNS), set())

    def test_the_law_keeps_what_is_printed(self):
        lead, _loose, order = self.make_traces()
        order.action_confirm()
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [Command.create({"name": "Áo", "price_unit": 100})],
            }
        )
        invoice.action_post()
        self.erase()
        self.assertEqual((self.customer.name, self.customer.street, self.customer.active), (NAME, "12 bí mật của khách", True))
        self.assertFalse(self.customer.phone or self.customer.email or self.customer.comment or lead.phone or lead.contact_name)
        self.assertEqual((order.state, invoice.state, order.signed_by), ("sale", "posted", NAME))
        self.assertEqual(
            self.grep(*SIGNS),
            {
                "res_partner.name",
                "res_partner.complete_name",
                "res_partner.street",
                "res_partner.street_name",
                "account_move.invoice_partner_display_name",
                "sale_order.client_order_ref",
                "sale_order.signed_by",
                "sale_order.note",
            },
        )

    def test_a_stranger_on_her_number_stays(self):
        stranger = self.make_lead(contact_name="Bà Ngoại", phone=PHONE, country_id=self.country.id)
        other = self.env["res.partner"].create({"name": NAME, "phone": "0912345678", "country_id": self.country.id})
        nobody = self.make_lead(contact_name=False, phone=PHONE, country_id=self.country.id)
        self.erase()
        self.assertEqual((stranger.contact_name, stranger.phone_sanitized), ("Bà Ngoại", "+84703456789"))
        self.assertEqual((other.name, other.phone_sanitized), (NAME, "+84912345678"))
        self.assertFalse(nobody.phone, "a number without a name is hers")

    def test_a_meeting_of_others_loses_the_customer_only(self):
        guest = self.env["res.partner"].create({"name": "Khách Khác"})
        event = self.env["calendar.event"].create(
            {
                "name": "Hội thảo",
                "start": "2026-05-01 08:00:00",
                "stop": "2026-05-01 09:00:00",
                "partner_ids": [Command.set((self.customer | guest).ids)],
            }
        )
        self.erase()
        self.assertEqual((event.name, event.partner_ids), ("Hội thảo", guest))

    def test_a_log_in_is_closed_and_colleagues_are_refused(self):
        user = new_test_user(self.env, login=EMAIL, groups="base.group_portal", partner_id=self.customer.id)
        self.erase()
        self.assertFalse(user.active or "huyen" in user.login)
        with self.assertRaises(UserError):
            self.env["sop.privacy"]._erase(self.seller.partner_id._sop_person())
        self.assertTrue(self.seller.active)
        with self.assertRaises(UserError):
            self.env["sop.privacy"]._erase(self.env.company.partner_id._sop_person())

    def test_it_is_logged_without_a_name(self):
        self.erase()
        log = self.env["privacy.log"].search([], limit=1, order="id desc")
        self.assertEqual(log.user_id, self.boss)
        self.assertTrue(log.records_description)

    def test_many_cost_as_many_queries_as_one(self):
        def cost(count):
            leads = self.env["crm.lead"].concat(*(self.make_lead(contact_name=f"Khách {n}", phone=f"09011{count:02}{n:03}") for n in range(count)))
            for lead in leads:
                lead.message_post(body="x")
                self.env["sop.call"].create(
                    {"lead_id": lead.id, "user_id": self.seller.id, "number": lead.phone, "state": "unknown", "company_id": lead.company_id.id}
                )
            return cold_queries(self.env, lambda: self.env["sop.privacy"]._collect(Person(leads)))

        cost(1)
        self.assertLessEqual(cost(20), cost(2) + 2)

    # === ACCESS === #

    def test_everything_is_told(self):
        self.make_traces()
        wizard = self.env["sop.privacy.wizard"].with_user(self.boss).browse(self.customer.with_user(self.boss).action_sop_personal_data()["res_id"])
        told = json.loads(base64.b64decode(wizard.data_file))
        words = json.dumps(told, ensure_ascii=False)
        for text in (NAME, EMAIL, "bí mật của khách", OLD, "hỏi áo"):
            self.assertIn(text, words)
        models = {section["title"] for section in told["sections"]}
        self.assertGreaterEqual(len(models), 6, models)
        self.assertIn(NAME, str(wizard.report))
        self.env.flush_all()
        self.env.cr.execute("SELECT t::text FROM sop_privacy_wizard t")
        self.assertNotIn("Huy", str(self.env.cr.fetchall()), "the dialog keeps no copy")

    def test_it_is_told_as_people_read_it(self):
        """By the clock of who reads it, properties by their names."""
        self.make_lead(contact_name=NAME, phone=PHONE, partner_id=self.customer.id, country_id=self.country.id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = '2026-05-01 20:30:00' WHERE partner_id = %s", [self.customer.id])
        self.env.invalidate_all()
        privacy = self.env(context={**self.env.context, "tz": "Asia/Ho_Chi_Minh"})["sop.privacy"]
        words = json.dumps(privacy._export(self.customer._sop_person()), ensure_ascii=False)
        self.assertIn("2026-05-02 03:30:00", words)
        self.assertNotIn("object at 0x", words)

    def test_the_lookup_of_core_knows_our_models(self):
        lead, loose, _quote = self.make_traces()
        lookup = self.env["privacy.lookup.wizard"].create({"name": NAME, "email": EMAIL})
        lookup.action_lookup()
        found = {(line.res_model, line.res_id) for line in lookup.line_ids}
        self.assertLessEqual({("crm.lead", lead.id), ("crm.lead", loose.id), ("sop.call", lead.sop_call_ids.id)}, found)
        self.erase()
        self.assertEqual(self.grep("privacy_lookup_wizard.*Huyền Trân", "Huyền Trân"), set())

    # === RIGHTS === #

    def test_only_managers_of_all_companies_concerned(self):
        other = self.env["res.company"].create({"name": "Công ty khác"})
        foreign = new_test_user(
            self.env,
            login="foreign_boss",
            groups="base.group_user,base.group_partner_manager,sales_team.group_sale_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        lead = self.make_lead(contact_name=NAME, phone=PHONE, partner_id=self.customer.id, company_id=self.env.company.id, team_id=False)
        for user in (self.seller, self.env.ref("base.public_user"), new_test_user(self.env, login="privacy_portal", groups="base.group_portal")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.customer.with_user(user).action_sop_personal_data()
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["sop.privacy.wizard"].with_user(user).create({"partner_id": self.customer.id})
        wizard = self.env["sop.privacy.wizard"].with_user(foreign).create({"partner_id": self.customer.id})
        self.assertNotIn("Opportunity", str(wizard.with_context(lang="en_US").report), "the other company's records are not told")
        with self.assertRaises(AccessError):
            wizard.action_erase()
        self.assertEqual((lead.contact_name, self.customer.name), (NAME, NAME))
        self.customer.company_id = self.env.company
        with self.assertRaises(AccessError):
            self.customer.with_user(foreign).action_sop_personal_data()
        with self.assertRaises(AccessError):
            wizard.invalidate_recordset()
            wizard.read(["report"])
