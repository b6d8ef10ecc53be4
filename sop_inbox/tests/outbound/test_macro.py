from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..channel_common import TalkCommon


@tagged("post_install", "-at_install")
class TestMacro(TalkCommon):
    """Several steps at one press, shown before, undone after."""

    def setUp(self):
        super().setUp()
        self.tag = self.env["crm.tag"].create({"name": "Đã chốt"})
        self.canned = self.env["mail.canned.response"].create({"source": "camon", "substitution": "Cảm ơn {{customer}} ạ", "is_shared": True})
        self.canned.group_ids = self.env.ref("sop_inbox.sop_inbox_group_user")
        self.macro = self.env["sop.macro"].create(
            {"name": "Cảm ơn và đóng", "canned_id": self.canned.id, "tag_ids": [Command.link(self.tag.id)], "assign": "me", "state": "done"}
        )
        self.desk = self.env["sop.conversation.macro"].with_user(self.agent).browse(self.talk.id)

    def test_shown_before(self):
        self.talk.identity_id._rename("Chị Thảo")
        [row] = [row for row in self.desk.get_macros() if row["id"] == self.macro.id]
        self.assertEqual((len(row["steps"]), row["error"]), (4, ""))
        self.assertIn("Chị Thảo", row["steps"][0])

    def test_how_long_it_is_snoozed_is_shown(self):
        self.macro.write({"state": "snoozed", "snooze_hours": 36})
        [row] = [row for row in self.desk.get_macros() if row["id"] == self.macro.id]
        self.assertIn("36", row["steps"][-1])

    def test_all_steps_and_back(self):
        run = self.desk.action_run(self.macro.id)
        self.assertEqual((self.talk.state, self.talk.user_id, self.talk.tag_ids), ("done", self.agent, self.tag))
        row = self.env["sop.channel.message"].search([("conversation_id", "=", self.talk.id), ("direction", "=", "out")])
        self.assertEqual(row.state, "queued")
        self.assertEqual(self.desk.action_undo(run["run_id"])["left"], "")
        self.assertEqual((self.talk.state, self.talk.user_id.id, self.talk.tag_ids.ids), ("open", False, []))
        self.assertFalse(row.exists(), "the customer does not have it")
        self.assertTrue(self.talk.is_unanswered)
        with self.assertRaises(UserError):
            self.desk.action_undo(run["run_id"])

    def test_an_answer_that_has_gone_stays_and_is_said(self):
        run = self.desk.action_run(self.macro.id)
        self.deliver(lambda call: {"message_id": "fm1", "recipient_id": "7000001"})
        self.assertTrue(self.desk.action_undo(run["run_id"])["left"])
        self.assertEqual(self.talk.state, "open")

    def test_a_tag_it_had_before_stays(self):
        self.talk.tag_ids = self.tag
        self.desk.action_undo(self.desk.action_run(self.macro.id)["run_id"])
        self.assertEqual(self.talk.tag_ids, self.tag)

    def test_all_or_nothing(self):
        self.canned.substitution = "Giá {{price}}"
        [row] = [row for row in self.desk.get_macros() if row["id"] == self.macro.id]
        self.assertTrue(row["error"])
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.desk.action_run(self.macro.id)
        self.assertEqual((self.talk.state, self.talk.tag_ids.ids), ("open", []))

    def test_one_s_own_only(self):
        run = self.desk.action_run(self.macro.id)
        with self.assertRaises(UserError):
            self.desk.with_user(self.mate).action_undo(run["run_id"])
        with self.assertRaises(AccessError):
            self.desk.with_user(self.foreign).action_run(self.macro.id)
        with self.assertRaises(AccessError):
            self.macro.with_user(self.agent).write({"name": "x"})
        with self.assertRaises(ValidationError):
            self.env["sop.macro"].create({"name": "Không làm gì"})

    def test_a_macro_that_says_too_little_is_not_kept(self):
        for values, words in (
            ({"assign": "user"}, "Choose the colleague"),
            ({"state": "snoozed", "snooze_hours": 0}, "at least an hour"),
            ({"state": "snoozed", "snooze_hours": 9000}, "at most a year"),
            ({"snooze_hours": 5}, "does something"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, words), self.env.cr.savepoint():
                self.env["sop.macro"].create({"name": "Thiếu", **values})

    def test_each_state_and_back(self):
        """Snoozed, spam and done, from each state there was before."""
        before = {
            "open": lambda: None,
            "snoozed": lambda: self.talk.action_snooze(fields.Datetime.now() + timedelta(days=9)),
            "done": self.talk.action_done,
            "spam": self.talk.action_spam,
        }
        for had, bring in before.items():
            for state in ("done", "snoozed", "spam"):
                with self.subTest(had=had, state=state):
                    self.talk.action_reopen()
                    bring()
                    until = self.talk.snoozed_until
                    macro = self.env["sop.macro"].create({"name": "x", "state": state, "snooze_hours": 24})
                    run = self.desk.action_run(macro.id)
                    self.assertEqual(self.talk.state, state)
                    self.desk.action_undo(run["run_id"])
                    self.assertEqual((self.talk.state, self.talk.snoozed_until), (had, until))

    def test_what_happened_since_stays(self):
        """A macro that only tags is taken back as that: the state is not its own, whatever it is by then."""
        tags = self.env["sop.macro"].create({"name": "Gắn nhãn", "tag_ids": self.tag.ids})
        later = fields.Datetime.add(fields.Datetime.now(), days=4)
        self.talk.action_snooze(fields.Datetime.add(fields.Datetime.now(), days=1))
        for state, happen in (
            ("snoozed", lambda: self.talk.action_snooze(later)),
            ("open", self.talk.action_reopen),
            ("done", self.talk.action_done),
        ):
            with self.subTest(state):
                run = self.desk.action_run(tags.id)
                self.assertEqual(self.talk.tag_ids, self.tag)
                happen()
                until = self.talk.snoozed_until
                self.desk.action_undo(run["run_id"])
                self.assertRecordValues(self.talk, [{"state": state, "snoozed_until": until, "tag_ids": []}])

    def test_given_to_a_colleague_who_has_left(self):
        """All steps or none: the tag is not set where nobody can have it."""
        macro = self.env["sop.macro"].create({"name": "Giao Minh", "tag_ids": self.tag.ids, "assign": "user", "user_id": self.mate.id})
        self.mate.active = False
        with self.assertRaisesRegex(UserError, "Minh"), self.env.cr.savepoint():
            self.desk.action_run(macro.id)
        self.assertRecordValues(self.talk, [{"user_id": False, "tag_ids": []}])

    def test_undone_within_ten_minutes(self):
        run = self.env["sop.macro.run"].browse(self.desk.action_run(self.macro.id)["run_id"])
        self.env.flush_all()
        self.env.cr.execute("UPDATE sop_macro_run SET create_date = create_date - interval '11 minutes' WHERE id = %s", run.ids)
        run.invalidate_recordset()
        for number in (run.id, 2**31 - 1):
            with self.assertRaisesRegex(UserError, "nothing to undo"):
                self.desk.action_undo(number)
        self.assertEqual(self.talk.state, "done")

    def test_what_is_not_offered_is_not_done(self):
        other = self.env["sop.macro"].create({"name": "Của công ty khác", "state": "done", "company_id": self.company_b.id})
        self.agent.company_ids += self.company_b
        self.macro.active = False
        desk = self.desk.with_context(allowed_company_ids=(self.company + self.company_b).ids)
        for macro in (self.macro, other):
            with self.subTest(macro.name), self.assertRaises(UserError):
                desk.action_run(macro.id)
        self.assertEqual(self.talk.state, "open")

    def test_an_answer_the_agent_may_not_read_hides_no_other_macro(self):
        private = self.env["mail.canned.response"].with_user(self.manager).create({"source": "rieng", "substitution": "Của riêng Mai"})
        self.env["sop.macro"].create({"name": "Riêng", "canned_id": private.id})
        rows = {row["name"]: row for row in self.desk.get_macros()}
        self.assertTrue(rows["Riêng"]["error"])
        self.assertNotIn("Của riêng Mai", str(rows))
        self.assertFalse(rows[self.macro.name]["error"])

    def test_back_to_a_colleague_who_has_left_meanwhile(self):
        self.talk.user_id = self.mate
        run = self.desk.action_run(self.macro.id)
        self.mate.active = False
        self.desk.action_undo(run["run_id"])
        self.assertEqual(self.talk.state, "open")
        self.assertNotEqual(self.talk.user_id, self.mate)

    def test_what_a_colleague_did_since_stays(self):
        run = self.desk.action_run(self.macro.id)
        self.talk.with_user(self.mate).action_assign(self.mate.id)
        self.desk.action_undo(run["run_id"])
        self.assertEqual(self.talk.user_id, self.mate)

    def test_another_time_a_colleague_chose_since_stays(self):
        macro = self.env["sop.macro"].create({"name": "Để mai", "state": "snoozed", "snooze_hours": 24})
        run = self.desk.action_run(macro.id)
        until = fields.Datetime.now() + timedelta(days=3)
        self.talk.with_user(self.mate).action_snooze(until)
        self.desk.action_undo(run["run_id"])
        self.assertEqual((self.talk.state, self.talk.snoozed_until), ("snoozed", until))
