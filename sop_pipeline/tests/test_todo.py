from datetime import timedelta
from itertools import product

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestTodo(PipelineCommon):
    """No call is lost, whatever it lacks and however old it is (rows P3, P4)."""

    def setUp(self):
        super().setUp()
        self.Call = self.env["sop.call"].with_user(self.seller)

    def ids(self, key):
        return [call["call_id"] for call in self.Call.get_todo()[key]]

    def test_any_empty_relation(self):
        """An exchange knows of some calls neither lead, customer, team, company nor number: the list shows them all."""
        lead = self.make_lead(partner_id=self.customer.id)
        nameless = self.make_lead(contact_name=False, phone=False)
        choices = {
            "lead_id": [lead.id, nameless.id, False],
            "partner_id": [self.customer.id, False],
            "team_id": [self.sop.id, False],
            "company_id": [self.env.company.id, False],
            "number": ["+84901234567", False],
            "state": ["answered", "dialing", "unknown", "not_answered"],
        }
        for values in product(*choices.values()):
            values = dict(zip(choices, values, strict=True), user_id=self.seller.id)
            if values["lead_id"] and not values["company_id"]:
                continue  # these leads have a company, and core refuses to mix
            with self.subTest(values=values), self.cr.savepoint() as savepoint:
                call = self.env["sop.call"].create(values)
                told = self.Call.get_todo()
                wanted = {"answered": "to_rate", "not_answered": None}.get(call.state, "waiting")
                for key in ("waiting", "to_rate"):
                    self.assertEqual([one["call_id"] for one in told[key]], call.ids if key == wanted else [])
                data = call.with_user(self.seller).get_client_data()
                self.assertTrue(data["name"])
                self.assertIsInstance(data["number"], str)
                self.assertTrue(call.display_name)
                mine = call.with_user(self.seller)
                mine.action_answered()
                mine.action_rate("thinking")
                savepoint.rollback()

    def test_call_back_without_a_lead(self):
        """A call nobody is known by plans nothing silently; one of a customer is planned on the customer."""
        call = self.env["sop.call"].create({"user_id": self.seller.id, "number": "+84901234567"})
        with self.assertRaisesRegex(UserError, "lead"), self.cr.savepoint():
            call.with_user(self.seller).action_not_answered("call_later")
        call.partner_id = self.customer
        call.with_user(self.seller).action_not_answered("call_later")
        self.assertEqual(self.customer.activity_ids.user_id, self.seller)

    def test_untold_calls_stay(self):
        """Several at once, days old, dialled again in the meantime: each can still be told and rated."""
        first, second = self.make_lead(), self.make_lead(phone="0907654321")
        calls = self.call(first) | self.call(second)
        calls.sudo().started_at = fields.Datetime.now() - timedelta(days=3)
        again = self.call(first)
        self.assertEqual(set(self.ids("waiting")), set((calls | again).ids))
        self.assertEqual(self.Call.get_todo()["dialing"]["call_id"], again.id)
        for call in calls | again:
            call.with_user(self.seller).action_answered()
        self.assertFalse(self.ids("waiting"))
        self.assertEqual(set(self.ids("to_rate")), set((calls | again).ids))
        for call in calls | again:
            call.with_user(self.seller).action_rate("interested")
        self.assertFalse(self.ids("to_rate"))
        self.assertEqual((first.sop_code, second.sop_code), ("contact", "contact"))

    def test_silent_exchange(self):
        """A call an exchange has under way is its own to tell; when it has been silent for long, people are asked."""
        call = self.env["sop.call"].create({"user_id": self.seller.id, "source": "exchange:1", "external_id": "1"})
        self.assertFalse(self.ids("waiting"))
        call.started_at = fields.Datetime.now() - timedelta(hours=1)
        self.assertEqual(self.ids("waiting"), call.ids)

    def test_counts_are_whole(self):
        self.env["sop.call"].create([{"user_id": self.seller.id, "state": state} for state in ("answered", "unknown") for _number in range(25)])
        todo = self.Call.get_todo()
        self.assertEqual((todo["count"], todo["waiting_count"], len(todo["to_rate"]), len(todo["waiting"])), (25, 25, 20, 20))

    def test_lead_of_a_colleague_by_now(self):
        """The lead was handed over before the call was rated: the list still opens, and the caller rates."""
        lead = self.make_lead(partner_id=self.customer.id)
        call = self.call(lead)
        call.action_answered()
        lead.user_id = self.colleague
        self.env.invalidate_all()
        self.assertEqual(self.Call.get_todo()["to_rate"][0]["name"], "Giang")
        self.assertEqual(call.get_client_data()["call_id"], call.id)
        call.action_rate("interested")
        self.assertEqual(lead.sop_interest, "interested")

    def test_caller_has_left(self):
        """The manager tells how a departed person's call went; the next call is planned for who has the lead now."""
        lead = self.make_lead()
        call = self.call(lead)
        self.seller.active = False
        lead.user_id = self.colleague
        call.with_user(self.boss).action_not_answered("call_later")
        self.assertEqual(lead.activity_ids.user_id, self.colleague)
