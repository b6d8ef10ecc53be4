from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from hypothesis import given, settings
from hypothesis import strategies as st
from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tests.common import BaseCase
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ..tools.delays import parse_delays
from .journey_common import JourneyCommon

MONDAY = datetime(2026, 3, 2, 2, 0)  # 9 o'clock in Hà Nội


@tagged("post_install", "-at_install")
class TestDelays(BaseCase):
    def test_delays(self):
        self.assertEqual(parse_delays("7, 1;3 3"), [1, 3, 7])
        for wrong in ("", None, "soon", "-1", "1e9", "nan", "1," * 13 + "1", ", ,"):
            with self.subTest(wrong=wrong), self.assertRaises(ValueError):
                parse_delays(wrong)

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.integers(0, 366), min_size=1, max_size=12))
    def test_in_order_and_once(self, days):
        self.assertEqual(parse_delays(", ".join(map(str, days))), sorted(set(days)))


@tagged("post_install", "-at_install")
class TestNextAction(JourneyCommon):
    """Row P10: rules, their trial, cadence, working hours and what stops them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
            {
                "name": "Giờ hành chính",
                "tz": "Asia/Ho_Chi_Minh",
                "company_id": cls.company.id,
                "attendance_ids": [Command.clear()]
                + [Command.create({"name": "x", "dayofweek": str(day), "hour_from": 8, "hour_to": 17, "day_period": "morning"}) for day in range(5)],
            }
        )
        cls.Action = cls.env["sop.next.action"]

    def rule(self, start=True, **values):
        rule = (
            self.env["sop.next.action.rule"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Re-care",
                    "trigger": "rated",
                    "interest": "thinking",
                    "delays": "1, 3, 7",
                    "team_ids": [Command.set(self.team.ids)],
                    **values,
                }
            )
        )
        if start:
            rule.action_start()
        return rule.sudo()

    def rate(self, lead, interest="thinking"):
        call = self.call(lead)
        call.action_rate(interest)
        return call

    def born_on_monday(self, leads):
        """The database's own clock does not stop: put back what it wrote."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id IN %s", [MONDAY, tuple(leads.ids)])
        self.env.cr.execute("UPDATE sop_stage_move SET at = %s WHERE lead_id IN %s", [MONDAY, tuple(leads.ids)])
        self.env.invalidate_all()

    def run_rules(self, rule):
        """What the scheduled job does, without its commits."""
        self.Action._sop_plan(rule)
        while self.Action._sop_do_due():
            pass

    def test_cadence(self):
        """Đang suy nghĩ: an activity after 1, 3 and 7 days, one open at a time."""
        with freeze_time(MONDAY) as clock:
            rule, lead = self.rule(), self.lead()
            self.rate(lead)
            found = []
            for day in range(10):
                for _twice in range(2):
                    self.run_rules(rule)
                if lead.activity_ids:
                    found.append(day)
                    self.assertEqual(len(lead.activity_ids), 1)
                    self.assertEqual(lead.activity_ids.user_id, self.seller)
                    lead.activity_ids.action_feedback()
                clock.tick(timedelta(days=1))
            self.assertEqual(found, [1, 3, 7])
            self.assertEqual(rule.action_ids.mapped("state"), ["done"])

    def test_open_activity_is_not_doubled(self):
        with freeze_time(MONDAY) as clock:
            rule, lead = self.rule(), self.lead()
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.run_rules(rule)
            clock.tick(timedelta(days=30))  # the server was down for a month
            self.run_rules(rule)
            self.assertEqual(len(lead.activity_ids), 1)
            self.assertEqual(rule.action_ids.state, "done")

    def assertStops(self, why, answer, **values):
        with freeze_time(MONDAY) as clock:
            rule, lead = self.rule(**values), self.lead(partner_id=self.partner.id)
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.run_rules(rule)
            self.assertEqual(rule.action_ids.state, "waiting")
            clock.tick(timedelta(hours=2))
            answer(lead)
            clock.tick(timedelta(days=1))
            self.run_rules(rule)
            self.assertEqual((rule.action_ids[:1].state, rule.action_ids[:1].stopped_by), ("stopped", why))
            self.assertFalse(lead.activity_ids)

    def test_stops_when_they_write(self):
        self.assertStops(
            "wrote",
            lambda lead: lead.message_post(body="Tôi lấy nhé", author_id=self.partner.id, message_type="email", subtype_xmlid="mail.mt_comment"),
        )

    def test_stops_when_they_chat(self):
        self.assertStops("wrote", lambda lead: self.env["sop.interaction"]._sop_record("chat", lead=lead, source=lead))

    def test_stops_when_they_call(self):
        self.assertStops(
            "called",
            lambda lead: self.env["sop.call"].create(
                {
                    "lead_id": lead.id,
                    "direction": "in",
                    "user_id": self.seller.id,
                    "source": "x",
                    "state": "answered",
                    "company_id": lead.company_id.id,
                }
            ),
        )

    def test_stops_when_they_buy(self):
        self.assertStops("bought", lambda lead: self.order(opportunity_id=lead.id, confirm=True))

    def test_stops_when_rated_otherwise(self):
        self.assertStops("rated", lambda lead: self.rate(lead, "not_interested"))

    def test_stops_when_lost(self):
        self.assertStops("closed", lambda lead: lead.action_set_lost(), stops=False)

    def test_our_own_words_do_not_stop_it(self):
        with freeze_time(MONDAY) as clock:
            rule, lead = self.rule(), self.lead(partner_id=self.partner.id)
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.run_rules(rule)
            clock.tick(timedelta(hours=1))
            lead.with_user(self.seller).message_post(body="Đã gọi", message_type="comment")
            clock.tick(timedelta(days=1))
            self.run_rules(rule)
            self.assertTrue(lead.activity_ids)

    def test_rated_again_starts_anew(self):
        with freeze_time(MONDAY) as clock:
            rule, lead = self.rule(), self.lead()
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.run_rules(rule)
            clock.tick(timedelta(hours=5))
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.run_rules(rule)
            states = rule.action_ids.sorted("id").mapped(lambda action: (action.state, action.stopped_by))
            self.assertEqual(states, [("stopped", "again"), ("waiting", False)])

    def test_working_hours(self):
        """Friday 16:00 and two working hours is Monday 9:00; a holiday is no working day."""
        rule, lead = self.rule(delays="2", unit="hours"), self.lead()
        friday = datetime(2026, 3, 6, 9, 0)  # 16:00 in Hà Nội
        self.assertEqual(self.Action._sop_due(rule, lead, friday, 0), datetime(2026, 3, 9, 2, 0))
        rule.write({"delays": "1", "unit": "days"})
        self.assertEqual(self.Action._sop_due(rule, lead, friday, 0), datetime(2026, 3, 9, 1, 0), "Saturday is for rest")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Tết",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 3, 8, 17),
                "date_to": datetime(2026, 3, 9, 17),
            }
        )
        self.assertEqual(self.Action._sop_due(rule, lead, friday, 0), datetime(2026, 3, 10, 1, 0))

    def test_call_result_stage_and_assignment(self):
        with freeze_time(MONDAY) as clock:
            again = self.rule(trigger="call_result", reason="busy", delays="4", unit="hours")
            hand_over = self.rule(trigger="stage", sop_code="contact", delays="0", action="assign", user_id=self.seller2.id, name="Giao")
            lead = self.lead()
            self.born_on_monday(lead)
            call = self.env["sop.call"].browse(lead.with_user(self.seller).action_sop_call()["params"]["call_id"])
            call.with_user(self.seller).action_not_answered("busy")
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            for rule in (again, hand_over):
                self.run_rules(rule)
            self.assertEqual(lead.user_id, self.seller2)
            self.assertFalse(lead.activity_ids)
            clock.tick(timedelta(hours=4))
            self.run_rules(again)
            self.assertEqual(lead.activity_ids.user_id, self.seller2)

    def test_silence(self):
        with freeze_time(MONDAY) as clock:
            rule = self.rule(trigger="silence", sop_code="collect", delays="2")
            quiet, busy = self.lead(name="quiet"), self.lead(name="busy")
            self.born_on_monday(quiet | busy)
            clock.tick(timedelta(days=1))
            self.env["sop.interaction"].create({"type_id": self.type_of("sample").id, "lead_id": busy.id, "at": fields.Datetime.now()})
            clock.tick(timedelta(days=1, minutes=5))
            for _twice in range(2):
                self.run_rules(rule)
            self.assertEqual((len(quiet.activity_ids), len(busy.activity_ids)), (1, 0))

    def test_template(self):
        template = self.env["mail.template"].create(
            {"name": "Cảm ơn", "model_id": self.env["ir.model"]._get("crm.lead").id, "email_to": "{{ object.email_from }}", "subject": "Xin chào"}
        )
        with freeze_time(MONDAY) as clock:
            rule, lead = self.rule(action="template", template_id=template.id, delays="0"), self.lead(email_from="a@example.com")
            self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.run_rules(rule)
            self.assertEqual(rule.action_ids.state, "done")
            mails = self.env["mail.mail"].search([("model", "=", "crm.lead"), ("res_id", "=", lead.id)])
            self.assertEqual(mails.mapped("subject"), ["Xin chào"])

    def test_trial(self):
        """A trial counts what the running rule would have done, and does nothing."""
        with freeze_time(MONDAY) as clock:
            rule = self.rule(start=False)
            for number in range(3):
                self.rate(self.lead(name=str(number)))
            self.rate(self.lead(), "interested")
            clock.tick(timedelta(days=2))
            action = rule.with_user(self.manager).action_trial()
            self.assertEqual((rule.trial_count, rule.trial_leads), (9, 3))
            self.assertEqual(self.env["crm.lead"].search_count(action["domain"]), 3)
            self.assertFalse(rule.action_ids)
            rule.action_start()
            self.run_rules(rule)
            self.assertFalse(rule.action_ids, "a rule acts on what happens after it was switched on")
            clock.tick(timedelta(days=40))
            rule.with_user(self.manager).action_trial()
            self.assertEqual(rule.trial_count, 0)

    def test_trial_stops_where_the_rule_would(self):
        """A customer who is talked to, and a lead that is done, get no more of the cadence."""
        with freeze_time(MONDAY) as clock:
            rule = self.rule(start=False)
            steps = len(parse_delays(rule.delays))
            leads = [self.lead(name=str(number)) for number in range(3)]
            for lead in leads:
                self.rate(lead)
            clock.tick(timedelta(hours=2))
            leads[0].action_set_lost()
            self.rate(leads[1], "interested")
            clock.tick(timedelta(days=20))
            rule.with_user(self.manager).action_trial()
            self.assertEqual((rule.trial_count, rule.trial_leads), (steps, 3))

    def test_one_that_fails(self):
        """One failing action is written down and does not hold up the others."""
        with freeze_time(MONDAY) as clock:
            rule = self.rule(delays="0")
            bad, good = self.lead(name="bad"), self.lead(name="good")
            for lead in (bad, good):
                self.rate(lead)
            clock.tick(timedelta(minutes=1))
            self.Action._sop_plan(rule)
            act = type(self.Action)._sop_do_activity

            def fail(action):
                if action.lead_id == bad:
                    raise ValueError("no such thing")
                return act(action)

            self.patch(type(self.Action), "_sop_do_activity", fail)
            with mute_logger("odoo.addons.sop_pipeline.models.sop_next_action"):
                self.Action._sop_do_due()
            states = {action.lead_id: (action.state, action.error) for action in rule.action_ids}
            self.assertEqual(states, {bad: ("failed", "no such thing"), good: ("done", False)})

    def test_conflict_is_no_failure(self):
        """What another transaction gets in the way of waits for the next run: no action is lost by a race."""
        with freeze_time(MONDAY) as clock:
            rule = self.rule(delays="0")
            self.rate(self.lead())
            clock.tick(timedelta(minutes=1))
            self.Action._sop_plan(rule)
            with patch.object(type(self.Action), "_sop_do_activity", side_effect=SerializationFailure("could not serialize access")):
                self.assertEqual(self.Action._sop_do_due(), 0, "the job does not turn in circles")
            self.assertEqual((rule.action_ids.state, rule.action_ids.error), ("waiting", False))
            self.assertEqual(self.Action._sop_do_due(), 1)
            self.assertEqual(rule.action_ids.state, "done")

    def test_people_who_left(self):
        """A departed person is planned nothing and handed nothing: the team's leader does it, or the rule says why it cannot."""
        with freeze_time(MONDAY) as clock:
            plan, hand_over = self.rule(delays="0"), self.rule(delays="0", action="assign", user_id=self.seller2.id)
            lead = self.lead()
            self.rate(lead)
            (self.seller | self.seller2).active = False
            clock.tick(timedelta(minutes=1))
            with mute_logger("odoo.addons.sop_pipeline.models.sop_next_action"):
                self.run_rules(plan)
                self.run_rules(hand_over)
            self.assertEqual(lead.activity_ids.user_id, self.manager)
            self.assertEqual((hand_over.action_ids.state, lead.user_id), ("failed", self.seller))
            self.assertIn(self.seller2.name, hand_over.action_ids.error)

    def test_switched_off_and_merged(self):
        with freeze_time(MONDAY) as clock:
            rule = self.rule()
            leads = self.lead(partner_id=self.partner.id) | self.lead(partner_id=self.partner.id)
            self.rate(leads[1])
            clock.tick(timedelta(minutes=1))
            self.Action._sop_plan(rule)
            merged = leads.merge_opportunity()
            self.assertEqual(rule.action_ids.lead_id, merged)
            rule.with_user(self.manager).action_stop()
            self.assertEqual((rule.action_ids.state, rule.action_ids.stopped_by), ("stopped", "rule"))

    def test_the_button_on_a_rule_opens_what_it_planned(self):
        """What is done and what was stopped, too; each sees the leads they may see."""
        with freeze_time(MONDAY) as clock:
            rule, other, mine, theirs = self.rule(), self.rule(name="Khác"), self.lead(), self.lead(user=self.seller2)
            for lead, user in ((mine, self.seller), (theirs, self.seller2)):
                self.call(lead, user).action_rate("thinking")
            clock.tick(timedelta(minutes=1))
            for each in (rule, other):
                self.Action._sop_plan(each)
            self.assertEqual((len(rule.action_ids), len(other.action_ids)), (2, 2))
            rule.with_user(self.manager).action_stop()
        action = rule.with_user(self.manager).action_open_actions()
        self.assertFalse(action["context"])
        self.assertEqual(self.env[action["res_model"]].with_user(self.manager).search(action["domain"]).ids, rule.action_ids.ids)
        seen = self.env[action["res_model"]].with_user(self.seller).search(rule.with_user(self.seller).action_open_actions()["domain"])
        self.assertEqual(seen.lead_id, mine)
        with self.assertRaises(AccessError):
            rule.with_user(self.portal).action_open_actions()

    def test_rights_and_bad_input(self):
        rule = self.rule()
        for method in ("action_start", "action_stop", "action_trial"):
            with self.assertRaises(AccessError):
                getattr(rule.with_user(self.seller), method)()
        with self.assertRaises(AccessError):
            self.env["sop.next.action.rule"].with_user(self.portal).search([])
        with self.assertRaises(AccessError):
            self.env["sop.next.action"].with_user(self.manager).create({})
        for values in (
            {"delays": "sớm"},
            {"interest": False},
            {"trigger": "stage", "sop_code": False},
            {"action": "template"},
            {"action": "assign"},
            {"activity_type_id": False},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                rule.with_user(self.manager).write(values)
                rule.flush_recordset()
