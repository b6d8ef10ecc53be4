from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestCalls(PipelineCommon):
    """From the button to the rating (rows P2-P6)."""

    def setUp(self):
        super().setUp()
        self.lead = self.make_lead()

    def test_attempt_is_recorded(self):
        action = self.lead.with_user(self.seller).action_sop_call()
        self.assertEqual((action["type"], action["tag"]), ("ir.actions.client", "sop_call"))
        call = self.env["sop.call"].browse(action["params"]["call_id"])
        self.assertEqual((call.lead_id, call.user_id, call.number, call.state), (self.lead, self.seller, "+84901234567", "dialing"))
        self.assertEqual(action["params"]["tel"], "tel:+84901234567")

    def test_double_press_is_one_call(self):
        """Two tabs or a resend: the same attempt (nothing is doubled by a replay)."""
        self.assertEqual(self.call(self.lead), self.call(self.lead))
        self.assertNotEqual(self.call(self.lead), self.call(self.lead, self.boss), "a colleague's call is another one")

    def test_old_attempt_does_not_block(self):
        first = self.call(self.lead)
        first.sudo().started_at = fields.Datetime.now() - timedelta(hours=2)
        self.assertNotEqual(self.call(self.lead), first)
        self.assertEqual(first.state, "unknown")

    def test_no_phone(self):
        lead = self.make_lead(phone=False)
        with self.assertRaisesRegex(UserError, "no phone"):
            lead.with_user(self.seller).action_sop_call()

    def test_rubbish_phone(self):
        for phone in ("gọi sau", "12", "+" * 40, "1" * 40):
            lead = self.make_lead(phone=phone)
            with self.assertRaises(UserError):
                lead.with_user(self.seller).action_sop_call()

    def test_rating_moves_the_lead_and_nothing_before(self):
        call = self.call(self.lead)
        call.action_answered()
        self.assertEqual(self.lead.sop_code, "evaluate", "answered is not rated yet; the bar of the source stands at Đánh giá")
        self.assertEqual(call.get_client_data()["code"], "evaluate", "and so it reads beside the faces")
        call.action_rate("thinking", product_ids=self.product.ids, note="Gọi lại sau Tết")
        self.assertEqual((self.lead.sop_code, self.lead.sop_interest, self.lead.sop_status), ("contact", "thinking", "contact.thinking"))
        self.assertEqual((call.product_ids, call.note), (self.product, "Gọi lại sau Tết"))
        self.assertTrue(call.rated_at)
        self.assertEqual(self.path(self.lead)[-2:], [("evaluate", "call_answered"), ("contact", "call_rated")])
        self.assertEqual(self.lead.sop_move_ids[0].res_id, call.id)

    def test_every_rating_is_kept_and_the_latest_counts(self):
        self.rate(self.lead, "not_interested")
        self.rate(self.lead, "interested")
        self.assertEqual(self.lead.sop_call_ids.sorted("id").mapped("interest"), ["not_interested", "interested"])
        self.assertEqual((self.lead.sop_interest, self.lead.sop_status), ("interested", "contact.interested"))
        moves = [("collect", "created"), ("evaluate", "call_answered"), ("contact", "call_rated")]
        self.assertEqual(self.path(self.lead), moves, "the second call and its rating do not move it again")

    def test_rating_never_moves_back(self):
        self.lead.stage_id = self.stages["convert"]
        self.rate(self.lead, "interested")
        self.assertEqual((self.lead.sop_code, self.lead.sop_interest), ("convert", "interested"))

    def test_repeated_rating(self):
        """The same rating sent twice changes nothing; another one is refused (no rating is doubled or lost)."""
        call = self.rate(self.lead, "interested")
        rated_at = call.rated_at
        self.assertTrue(call.action_rate("interested", note="lần hai"))
        self.assertEqual((call.rated_at, call.note), (rated_at, False))
        with self.assertRaises(UserError), self.cr.savepoint():
            call.action_rate("thinking")
        self.assertEqual(call.interest, "interested")

    def test_unanswered_is_never_rated(self):
        call = self.call(self.lead)
        for state in ("dialing", "not_answered"):
            if state == "not_answered":
                call.action_not_answered("busy")
            with self.assertRaisesRegex(UserError, "answered"), self.cr.savepoint():
                call.action_rate("interested")
        self.assertFalse(self.lead.sop_interest)
        self.assertEqual(self.lead.sop_code, "collect")

    def test_bad_input(self):
        call = self.call(self.lead)
        for method, arguments in (
            ("action_not_answered", ("asleep",)),
            ("action_not_answered", (None,)),
            ("action_not_answered", ("call_later", "ngày mai")),
            ("action_not_answered", ({"a": 1},)),
            ("action_not_answered", ("call_later", {"a": 1})),
            ("action_rate", ("delighted",)),
            ("action_rate", (None,)),
            ("action_rate", ([1],)),
            ("action_rate", ({},)),
        ):
            with self.subTest(method=method, arguments=arguments), self.assertRaises(UserError), self.cr.savepoint():
                getattr(call, method)(*arguments)
        call.action_answered()
        for products in (["x"], "1", [999999999], [None], {"a": 1}):
            with self.subTest(products=products), self.assertRaises(UserError), self.cr.savepoint():
                call.action_rate("interested", product_ids=products)
        self.assertEqual((call.state, call.interest), ("answered", False), "nothing half done")

    def test_correction_before_the_rating(self):
        call = self.call(self.lead)
        call.action_not_answered("no_answer")
        call.action_answered()
        self.assertEqual((call.state, call.reason), ("answered", False))
        call.action_rate("thinking")
        with self.assertRaises(UserError), self.cr.savepoint():
            call.action_not_answered("busy")

    def test_call_later_plans_the_next(self):
        call = self.call(self.lead)
        call.action_not_answered("call_later", "2031-02-03")
        call.action_not_answered("call_later", "2031-02-03")  # a resend plans nothing twice
        activity = self.lead.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual((activity.date_deadline, activity.user_id), (fields.Date.to_date("2031-02-03"), self.seller))
        self.call(self.lead).action_answered()
        self.assertFalse(self.lead.activity_ids, "the planned call was made")

    def test_call_later_again_at_another_time(self):
        """In a second tab, or once more: the latest time counts, it is one plan, and the same one again changes nothing."""
        call = self.call(self.lead)
        for when in ("2099-01-02 02:00:00", "2099-01-03 03:00:00", "2099-01-03 03:00:00"):
            call.action_not_answered("call_later", when)
        planned = self.lead.activity_ids
        self.assertEqual(len(planned), 1)
        self.assertEqual(fields.Datetime.to_string(planned.sop_at), "2099-01-03 03:00:00")
        planned.note = "Muốn màu đỏ"
        with freeze_time("2099-01-04"):  # the same once more, after its time
            call.action_not_answered("call_later", "2099-01-03 03:00:00")
        self.assertIn("Muốn màu đỏ", planned.note)
        ended = call.ended_at
        with self.assertRaises(UserError):
            call.action_not_answered("call_later", "2001-01-01 00:00:00")
        self.assertEqual((call.ended_at, fields.Datetime.to_string(planned.sop_at)), (ended, "2099-01-03 03:00:00"))

    def test_call_later_is_tomorrow_in_vietnam(self):
        """Of a seller who never said where they are: half past midnight in Việt Nam is still yesterday in Greenwich."""
        self.seller.tz = self.env.company.partner_id.tz = False
        with freeze_time("2031-02-02 17:30:00"):
            self.call(self.lead).action_not_answered("call_later")
        self.assertEqual(self.lead.activity_ids.date_deadline, fields.Date.to_date("2031-02-04"))

    def test_todo_survives_everything(self):
        call = self.call(self.lead)
        Call = self.env["sop.call"].with_user(self.seller)
        self.assertEqual(Call.get_todo()["dialing"]["call_id"], call.id)
        call.action_answered()
        todo = Call.get_todo()
        self.assertEqual((todo["dialing"], todo["count"], todo["to_rate"][0]["call_id"]), (False, 1, call.id))
        self.assertTrue(self.lead.sop_to_rate)
        self.assertIn(self.lead, self.env["crm.lead"].search([("sop_to_rate", "=", True)]))
        self.assertFalse(self.env["sop.call"].with_user(self.colleague).get_todo()["count"])
        call.action_rate("interested")
        self.lead.invalidate_recordset()
        self.assertFalse(self.lead.sop_to_rate)
        self.assertNotIn(self.lead, self.env["crm.lead"].search([("sop_to_rate", "=", True)]))
        self.assertFalse(Call.get_todo()["count"])

    def test_somebody_elses_call(self):
        """A colleague can neither tell the result nor rate; the manager can."""
        call = self.call(self.lead)
        other = call.with_user(self.colleague)
        doors = {"action_answered": (), "action_not_answered": ("busy",), "action_rate": ("interested",), "get_client_data": ()}
        for method, arguments in doors.items():
            with self.subTest(method=method), self.assertRaises(AccessError), self.cr.savepoint():
                getattr(other, method)(*arguments)
        with self.assertRaises(AccessError):
            self.lead.with_user(self.colleague).action_sop_call()
        call.with_user(self.boss).action_answered()
        self.assertEqual(call.state, "answered")

    def test_the_button_on_the_lead_opens_all_its_calls(self):
        """Not only one's own of today: as many as it says."""
        calls = self.call(self.lead) | self.call(self.lead, self.boss).with_env(self.env)
        calls |= self.rate(self.lead)
        self.call(self.make_lead(phone="0907654321"))
        lead = self.lead.with_user(self.boss)
        action = lead.action_sop_calls()
        self.assertEqual(set(self.env[action["res_model"]].with_user(self.boss).search(action["domain"]).ids), set(calls.ids))
        self.assertEqual(lead.sop_call_count, len(calls))
        self.assertFalse(action["context"], "no filter of the menu hides one of them")
        with self.assertRaises(AccessError):
            self.lead.with_user(self.colleague).action_sop_calls()

    def test_state_is_closed_to_writing(self):
        call = self.call(self.lead)
        for values in ({"state": "answered"}, {"interest": "interested"}, {"note": "x"}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call.write(values)
        with self.assertRaises(AccessError):
            self.env["sop.call"].with_user(self.boss).create({"lead_id": self.lead.id})

    def test_todo_costs_the_same_for_any_number(self):
        for _number in range(3):
            self.call(self.make_lead()).action_answered()
        Call = self.env["sop.call"].with_user(self.seller)
        Call.get_todo()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            Call.get_todo()
        for _number in range(7):
            self.call(self.make_lead()).action_answered()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            self.assertEqual(Call.get_todo()["count"], 10)
