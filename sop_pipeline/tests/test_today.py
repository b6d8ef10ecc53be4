from datetime import date, datetime, time, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import BaseCase, HttpCase, freeze_time, new_test_user, tagged

from ..tools import today
from .common import PipelineCommon

NOW = datetime(2031, 3, 4, 3, 0)  # ten o'clock in Việt Nam


@tagged("post_install", "-at_install", "sop_pipeline")
class TestTodayTools(BaseCase):
    """When to call next, and in which order."""

    def test_why(self):
        day = NOW.date()
        for wait, expected in (
            (today.Wait(NOW), "new"),
            (today.Wait(NOW, due_at=NOW + timedelta(minutes=10), due_on=day), "promised"),
            (today.Wait(NOW, due_at=NOW + timedelta(minutes=20), due_on=day), None),
            (today.Wait(NOW, due_at=NOW + timedelta(hours=2), due_on=day), None),
            (today.Wait(NOW, due_on=day - timedelta(days=1)), "overdue"),
            (today.Wait(NOW, due_on=day), "planned"),
            (today.Wait(NOW, due_on=day + timedelta(days=1)), None),
            (today.Wait(NOW, last_call_at=NOW - timedelta(hours=1)), None),
            (today.Wait(NOW, last_call_at=NOW - timedelta(hours=3)), "again"),
            (today.Wait(NOW, interest="interested", last_call_at=NOW - timedelta(hours=3)), None),
            (today.Wait(NOW, interest="interested", last_call_at=NOW - timedelta(days=2)), "silent"),
            (today.Wait(NOW, interest="not_interested", last_call_at=NOW - timedelta(days=200)), None),
        ):
            with self.subTest(wait=wait):
                self.assertEqual(today.why(wait, NOW, day), expected)

    def test_order(self):
        """Promises first, then by face, value and who waits longest."""
        early, late = NOW - timedelta(hours=5), NOW - timedelta(hours=1)
        waits = [
            ("promised", today.Wait(NOW, due_at=early)),
            ("promised", today.Wait(NOW, due_at=late)),
            ("overdue", today.Wait(NOW, interest="interested")),
            ("overdue", today.Wait(NOW, interest="thinking", value=900)),
            ("overdue", today.Wait(early, interest="thinking", value=5)),
            ("overdue", today.Wait(late, interest="thinking", value=5)),
            ("new", today.Wait(late)),
            ("new", today.Wait(early)),
            ("again", today.Wait(early, last_call_at=late)),
        ]
        backwards = list(reversed(waits))
        self.assertEqual(sorted(backwards, key=lambda row: today.rank(row[1], row[0])), waits)

    def test_steps(self):
        """Where the caller is; late in the evening there is no "this evening"."""
        zone = "Asia/Ho_Chi_Minh"
        self.assertEqual(
            today.steps(NOW, zone),
            {
                "soon": datetime(2031, 3, 4, 3, 30),
                "evening": datetime(2031, 3, 4, 12),
                "tomorrow": datetime(2031, 3, 5, 2),
                "days": datetime(2031, 3, 7, 2),
            },
        )
        self.assertNotIn("evening", today.steps(datetime(2031, 3, 4, 11, 45), zone))
        self.assertNotIn("evening", today.steps(datetime(2031, 3, 4, 11, 30), zone), "that is in 30 minutes")
        self.assertEqual(today.steps(datetime(2031, 3, 4, 18), zone)["tomorrow"], datetime(2031, 3, 6, 2), "already the fifth there")

    def test_who_was_just_put_off_is_not_next(self):
        """No time that is offered is due in the minute it is chosen: the customer asked to be called then, not now."""
        chosen = NOW + timedelta(seconds=59)
        for step, at in today.steps(chosen, "Asia/Ho_Chi_Minh").items():
            with self.subTest(step=step):
                self.assertIsNone(today.why(today.Wait(NOW, due_at=at, due_on=at.date()), chosen, NOW.date()))

    def test_moments(self):
        """Times of day are those of the place; a time that is over is not offered."""
        offered = {"hour": timedelta(hours=1), "noon": (0, time(12)), "morning": (0, time(9)), "winter": (250, time(9))}
        self.assertEqual(
            today.moments(NOW, "Europe/Paris", offered),
            {
                "hour": datetime(2031, 3, 4, 4),
                "noon": datetime(2031, 3, 4, 11),
                "morning": datetime(2031, 3, 4, 8),
                "winter": datetime(2031, 11, 9, 8),
            },
        )
        self.assertEqual(set(today.moments(NOW, "Asia/Ho_Chi_Minh", offered)), {"hour", "noon", "winter"}, "nine o'clock is over there")
        self.assertNotIn("noon", today.moments(datetime(2031, 3, 4, 4, 56), "Asia/Ho_Chi_Minh", offered))


@tagged("post_install", "-at_install", "sop_pipeline")
class TestStart(HttpCase):
    """Where the web client begins (000: a salesperson's day)."""

    def test_salespeople_begin_with_today(self):
        team = self.env["crm.team"].create({"name": "SOP", "sop_process": True})
        plain = self.env["crm.team"].create({"name": "Plain"})
        groups = {"seller": "sales_team.group_sale_salesman", "boss": "sales_team.group_sale_manager", "clerk": "base.group_user"}
        people = {name: new_test_user(self.env, login=f"start_{name}", groups=f"base.group_user,{xmlid}") for name, xmlid in groups.items()}
        people["other"] = new_test_user(self.env, login="start_other", groups="base.group_user,sales_team.group_sale_salesman")
        people["alone"] = new_test_user(self.env, login="start_alone", groups="base.group_user,sales_team.group_sale_salesman")
        people["chose"] = new_test_user(self.env, login="start_chose", groups="base.group_user,sales_team.group_sale_salesman")
        for group, members in ((team, ("seller", "chose")), (plain, ("other",))):
            group.crm_team_member_ids = [Command.create({"user_id": people[name].id}) for name in members]
        today_action, chosen = self.env.ref("sop_pipeline.sop_today_action"), self.env.ref("crm.action_your_pipeline")
        people["chose"].action_id = chosen.id
        first = {**dict.fromkeys(people, False), "seller": today_action.id, "chose": chosen.id}
        for name, expected in first.items():
            with self.subTest(name):
                self.authenticate(f"start_{name}", f"start_{name}")
                info = self.make_jsonrpc_request("/web/session/get_session_info", {})
                self.assertEqual(info["home_action_id"], expected)
                if name != "clerk":
                    self.check_icon(today_action if name in ("seller", "chose") else chosen, first=name in ("seller", "chose"))

    def check_icon(self, action, first):
        """What the icon of CRM opens, and whether Today is its first menu."""
        menus = self.url_open("/web/webclient/load_menus").json()
        crm = menus[str(self.env.ref("crm.crm_menu_root").id)]
        self.assertEqual((crm["actionModel"], crm["actionID"]), (action._name, action.id))
        self.assertIn(self.env.ref("sop_pipeline.sop_today_menu").id, crm["children"])
        self.assertEqual(crm["children"][0] == self.env.ref("sop_pipeline.sop_today_menu").id, first)


@tagged("post_install", "-at_install", "sop_pipeline")
class TestToday(PipelineCommon):
    """After a call: the next one at a time, and the next lead (000: what to do first)."""

    def setUp(self):
        super().setUp()
        clock = freeze_time(NOW)
        self.clock = clock.start()
        self.addCleanup(clock.stop)

    def data(self, user=None):
        return self.env["sop.today"].with_user(user or self.seller).get_data()

    def names(self, key="to_call"):
        return [row["title"] for row in self.data()[key]]

    def test_plan_with_a_time(self):
        lead = self.make_lead()
        call = self.rate(lead)
        call.action_plan_next("2031-03-04 07:00:00", "Hỏi lại màu")
        activity = lead.activity_ids
        self.assertEqual((activity.date_deadline, activity.sop_at), (date(2031, 3, 4), datetime(2031, 3, 4, 7)))
        self.assertIn("14:00", activity.summary)
        self.assertIn("14:00", lead.sop_next_step)
        call.action_plan_next("2031-03-04 07:00:00", "Hỏi lại màu")
        call.action_plan_next("2031-03-05 17:30:00")
        self.assertEqual(
            (lead.activity_ids, activity.date_deadline), (activity, date(2031, 3, 6)), "another time moves the plan; after midnight there"
        )
        activity.date_deadline = date(2031, 3, 10)
        self.assertEqual(activity.sop_at, datetime(2031, 3, 9, 17, 30), "moved to another day, it keeps its time")
        self.rate(lead)
        self.assertFalse(lead.activity_ids, "the planned call was made")

    def test_call_later_with_a_time(self):
        lead = self.make_lead()
        self.call(lead).action_not_answered("call_later", "2031-03-04 07:00:00")
        self.assertEqual(lead.activity_ids.sop_at, datetime(2031, 3, 4, 7))

    def test_no_plan_in_the_past(self):
        lead = self.make_lead()
        call = self.rate(lead)
        for past in ("2020-01-01 00:00:00", "2031-03-04 02:00:00"):
            with self.assertRaisesRegex(UserError, "past"), self.cr.savepoint():
                call.action_plan_next(past)
        other = self.call(lead)
        for past in ("2020-01-01", "2020-01-01 00:00:00"):
            with self.assertRaisesRegex(UserError, "past"), self.cr.savepoint():
                other.action_not_answered("call_later", past)
        self.assertFalse(lead.activity_ids)

    def test_order_and_reasons(self):
        promised, overdue, new, later, hopeless = (self.make_lead(name=name) for name in ("promised", "overdue", "new", "later", "hopeless"))
        self.rate(promised).action_plan_next("2031-03-04 03:10:00")
        self.rate(overdue, "thinking").action_plan_next("2031-03-05 02:00:00")
        overdue.activity_ids.date_deadline = date(2031, 3, 3)
        self.rate(later).action_plan_next("2031-03-04 09:00:00")
        self.rate(hopeless, "not_interested")
        self.make_lead(name="colleague's", user_id=self.colleague.id)
        self.make_lead(name="no number", phone=False)
        self.make_lead(name="won").action_set_won()
        self.make_lead(name="other team", team_id=self.plain.id)
        self.assertEqual(self.names(), ["promised", "overdue", "new"])
        self.assertEqual(self.names("later"), ["later"])
        rows = {row["title"]: row for row in self.data()["to_call"]}
        self.assertEqual(rows["promised"]["why"], "Interested, promised 10:10")
        self.assertEqual(rows["overdue"]["why"], "Thinking, overdue since 03/03")
        self.assertEqual((rows["promised"]["number"], rows["promised"]["name"]), ("0901 234 567", "Giang"))

    def test_not_reached_moves_down_and_comes_back(self):
        first, second = self.make_lead(name="first"), self.make_lead(name="second")
        self.call(first).action_not_answered("no_answer")
        self.assertEqual(self.names(), ["second"])
        self.clock.tick(timedelta(hours=3))
        self.assertEqual(self.names(), ["second", "first"])
        self.assertEqual(self.data()["to_call"][1]["attempts"], 1)
        self.assertEqual(second.sop_call_count, 0)

    def test_wrong_number(self):
        """It leaves the list, says so on the lead, and comes back with another number."""
        lead = self.make_lead(name="wrong")
        self.call(lead).action_not_answered("wrong_number")
        self.assertTrue(lead.sop_wrong_number)
        self.clock.tick(timedelta(days=3))
        self.assertEqual(self.names(), [])
        lead.with_user(self.seller).phone = "0907654321"
        self.assertFalse(lead.sop_wrong_number)
        self.assertEqual(self.names(), ["wrong"])
        self.call(lead).action_not_answered("wrong_number")
        self.call(lead).action_answered()
        self.assertFalse(lead.sop_wrong_number, "somebody was there after all")

    def test_next_steps(self):
        """Proposed by the face; a rule that plans by itself is named; the next lead is the first of the list."""
        lead, other = self.make_lead(), self.make_lead(name="other")
        for interest, proposed in (("interested", "tomorrow"), ("thinking", "days"), ("not_interested", "nothing")):
            steps = self.rate(lead, interest).get_next_steps()
            self.assertEqual((steps["proposed"], steps["rule"]), (proposed, False))
        self.assertEqual([step["code"] for step in steps["steps"]], ["soon", "evening", "tomorrow", "days"])
        self.assertEqual(steps["next_lead"]["lead_id"], other.id)
        rule = self.env["sop.next.action.rule"].create(
            {"name": "Gọi lại", "trigger": "rated", "interest": "interested", "activity_type_id": self.env.ref("mail.mail_activity_data_call").id}
        )
        rule.action_start()
        self.assertEqual(self.rate(lead).get_next_steps()["rule"], "Gọi lại")
        nobody = self.env["sop.call"].create({"user_id": self.seller.id, "state": "answered", "started_at": fields.Datetime.now()})
        self.assertEqual(nobody.with_user(self.seller).get_next_steps()["steps"], [])

    def test_queries_do_not_grow(self):
        def make(count):
            for number in range(count):
                self.make_lead(name=str(number))

        make(3)
        self.data()
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            self.data()
        make(20)
        self.env.invalidate_all()
        with self.assertQueryCount(40):
            self.assertEqual(self.data()["to_call_count"], 23)
