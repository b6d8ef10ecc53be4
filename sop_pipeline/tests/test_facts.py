from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestFacts(PipelineCommon):
    """Facts move the lead, whoever brings them about (rows V1, P9)."""

    def setUp(self):
        super().setUp()
        self.lead = self.make_lead()

    def require(self, code, *names):
        model_fields = self.env["ir.model.fields"].search([("model", "=", "crm.lead"), ("name", "in", names)])
        return self.env["sop.stage.requirement"].create({"team_id": self.sop.id, "sop_code": code, "field_ids": model_fields.ids})

    def test_profile_completed(self):
        self.assertEqual(self.lead.sop_code, "collect", "a new lead starts in stage 1, complete or not")
        lead = self.make_lead(phone=False)
        self.assertEqual(lead.sop_code, "collect")
        lead.phone = "0907654321"
        self.assertEqual(self.path(lead)[-1], ("evaluate", "profile_completed"), "name and phone are what a seller has")

    def test_quotation_sent_whoever_sends_it(self):
        senders = {
            "button": lambda order: order.action_quotation_sent(),
            "composer": lambda order: order.with_context(mark_so_as_sent=True).message_post(body="Báo giá"),
            "payment": lambda order: order.with_context(tracking_disable=True).write({"state": "sent"}),
        }
        for name, send in senders.items():
            with self.subTest(sender=name):
                lead = self.make_lead()
                order = self.make_order(lead)
                self.assertEqual(lead.sop_code, "collect", "a draft is no fact")
                send(order)
                self.assertEqual((lead.sop_code, lead.sop_status), ("convert", "convert.quoted"))
                self.assertEqual(lead.sop_move_ids[0].res_id, order.id)

    def test_quotation_goes_out_without_a_pdf(self):
        """No wkhtmltopdf, or one that crashes: the mail goes out with its link to the portal, and the lead moves."""
        Report = type(self.env["ir.actions.report"])
        self.customer.email = "giang@example.com"

        said = "Wkhtmltopdf failed (error code: -11)."

        def crash(*_args, **_kwargs):
            raise UserError(said)

        for what, method in (("missing", {"get_wkhtmltopdf_state": lambda self: "install"}), ("crashing", {"_render_qweb_pdf": crash})):
            with self.subTest(wkhtmltopdf=what), patch.multiple(Report, **method), mute_logger("odoo.addons.sop_pipeline.models.mail_template"):
                order = self.make_order(self.make_lead())
                action = order.with_context(force_report_rendering=True).action_quotation_send()
                context = {**action["context"], "force_report_rendering": True}
                Form(self.env["mail.compose.message"].with_context(**context)).save().action_send_mail()
                self.assertEqual((order.state, order.opportunity_id.sop_code), ("sent", "convert"))
                mail = self.env["mail.mail"].search([("model", "=", "sale.order"), ("res_id", "=", order.id)], limit=1)
                self.assertIn("/mail/view", mail.body_html)
                self.assertIn(self.customer, mail.recipient_ids)

    def test_created_as_sent(self):
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "opportunity_id": self.lead.id, "state": "sent"})
        self.assertEqual(order.state, "sent")
        self.assertEqual(self.lead.sop_code, "convert")

    def test_linked_afterwards(self):
        order = self.make_order(self.env["crm.lead"])
        order.action_confirm()
        order.opportunity_id = self.lead
        self.assertEqual(self.lead.sop_code, "close")

    def test_order_confirmed_wins(self):
        self.make_order(self.lead).action_confirm()
        self.assertEqual((self.lead.sop_code, self.lead.won_status, self.lead.probability), ("close", "won", 100))
        self.assertTrue(self.lead.date_closed)

    def test_confirmed_by_somebody_without_access_to_the_lead(self):
        self.lead.expected_revenue = 1_000_000  # else core itself would write the order's amount on the lead
        order = self.make_order(self.lead)
        order.user_id = self.colleague
        order.with_user(self.colleague).action_confirm()
        self.assertEqual(self.lead.sop_code, "close")

    def test_order_cancelled_goes_back_to_convert(self):
        order = self.make_order(self.lead)
        order.action_confirm()
        order._action_cancel()
        self.assertEqual((self.lead.sop_code, self.lead.sop_status, self.lead.won_status), ("convert", "convert.cancelled", "pending"))
        self.assertLess(self.lead.probability, 100)
        self.assertFalse(self.lead.date_closed)

    def test_one_of_two_orders_cancelled(self):
        first, second = self.make_order(self.lead), self.make_order(self.lead)
        (first | second).action_confirm()
        first._action_cancel()
        self.assertEqual(self.lead.sop_code, "close", "the other order still stands")
        second._action_cancel()
        self.assertEqual(self.lead.sop_code, "convert")

    def test_quotation_cancelled_moves_nothing(self):
        order = self.make_order(self.lead)
        order._action_cancel()
        self.assertEqual(self.lead.sop_code, "collect")

    def test_lost_lead_that_buys_is_won(self):
        order = self.make_order(self.lead)
        self.lead.action_set_lost(lost_reason_id=self.env["crm.lost.reason"].create({"name": "Giá"}).id)
        order.action_confirm()
        self.assertEqual((self.lead.active, self.lead.sop_code, self.lead.won_status), (True, "close", "won"))
        self.assertFalse(self.lead.lost_reason_id)

    def test_each_rule_can_be_switched_off(self):
        def complete(lead):
            lead.phone = False
            lead.phone = "0907654321"

        facts = {
            "sop_auto_profile": complete,
            "sop_auto_rating": lambda lead: self.rate(lead),
            "sop_auto_quotation": lambda lead: self.make_order(lead).action_quotation_sent(),
            "sop_auto_order": lambda lead: self.make_order(lead).action_confirm(),
        }
        for switch, happen in facts.items():
            with self.subTest(switch=switch):
                lead = self.make_lead()
                self.sop[switch] = False
                happen(lead)
                self.assertEqual(lead.sop_code, "collect")
                self.sop[switch] = True
        self.sop.sop_auto_cancel = False
        order = self.make_order(self.lead)
        order.action_confirm()
        order._action_cancel()
        self.assertEqual(self.lead.sop_code, "close")

    def test_plain_team_is_left_alone(self):
        lead = self.make_lead(team_id=self.plain.id)
        stage = lead.stage_id
        self.make_order(lead).action_quotation_sent()
        self.rate(lead)
        self.assertEqual(lead.stage_id, stage)
        self.assertEqual(lead.sop_interest, "interested", "the rating itself is kept")

    # ------------------------------------------------------------
    # REQUIRED FIELDS
    # ------------------------------------------------------------

    def test_required_fields_on_every_door(self):
        """Form, drag, import and RPC meet the same check, and the message names what is missing."""
        self.require("contact", "email_from", "sop_birthdate")
        contact = self.stages["contact"]
        with self.assertRaisesRegex(ValidationError, "Birth Date"), self.cr.savepoint():
            self.lead.stage_id = contact  # drag and RPC write the same
        with self.assertRaisesRegex(ValidationError, "Email"), self.cr.savepoint():
            self.make_lead(stage_id=contact.id)
        result = self.env["crm.lead"].load(["name", "team_id/.id", "stage_id/.id"], [["Nhập", str(self.sop.id), str(contact.id)]])
        self.assertFalse(result["ids"])
        self.assertIn("Birth Date", result["messages"][0]["message"])
        with self.assertRaises(ValidationError), Form(self.lead) as form:
            form.stage_id = contact
        self.lead.write({"email_from": "a@example.com", "sop_birthdate": "1997-09-19", "stage_id": contact.id})
        self.assertEqual(self.lead.sop_code, "contact")

    def test_rating_waits_for_required_fields(self):
        """The rating is never lost; the lead follows when the fields are filled."""
        self.require("contact", "sop_birthdate")
        call = self.rate(self.lead, "interested")
        self.assertEqual((call.interest, self.lead.sop_interest), ("interested", "interested"))
        self.assertEqual((self.lead.sop_code, self.lead.sop_waiting_code), ("evaluate", "contact"))
        self.assertEqual(self.lead.sop_missing_fields, "Birth Date")
        self.lead.sop_birthdate = "1997-09-19"
        self.assertEqual((self.lead.sop_code, self.lead.sop_status), ("contact", "contact.interested"))
        self.assertFalse(self.lead.sop_waiting_code)
        self.assertEqual(self.path(self.lead)[-1], ("contact", "call_rated"))

    def test_profile_by_the_teams_fields(self):
        self.require("evaluate", "sop_gender")
        self.lead.email_from = "a@example.com"
        self.assertEqual(self.lead.sop_code, "collect")
        self.lead.sop_gender = "female"
        self.assertEqual(self.lead.sop_code, "evaluate")

    def test_manager_sets_requirements_on_the_teams_form(self):
        phone = self.env["ir.model.fields"]._get("crm.lead", "phone")
        with Form(self.sop.with_user(self.boss)) as form, form.sop_requirement_ids.new() as line:
            line.sop_code = "contact"
            line.field_ids.add(phone)
        self.assertEqual(self.sop.sop_requirement_ids.field_ids, phone)
        with Form(self.sop.with_user(self.boss)) as form:
            form.name = "Đội một"
        self.assertEqual(self.sop.name, "Đội một")

    def test_what_can_be_required(self):
        """Fields a person fills in; not those that are a colour, a kind, or set themselves."""
        domain = safe_eval(self.env["sop.stage.requirement"]._fields["field_ids"].domain)
        names = set(self.env["ir.model.fields"].search(domain).mapped("name"))
        self.assertLessEqual({"contact_name", "phone", "email_from", "expected_revenue", "sop_product_id"}, names)
        self.assertFalse(names & {"color", "priority", "stage_id", "team_id", "type", "company_id", "sop_interest", "create_date"})

    def test_requirement_of_another_model(self):
        name = self.env["ir.model.fields"]._get("res.partner", "name")
        with self.assertRaises(ValidationError):
            self.env["sop.stage.requirement"].create({"team_id": self.sop.id, "sop_code": "contact", "field_ids": name.ids})
