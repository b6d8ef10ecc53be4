import random
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestJournal(PipelineCommon):
    """The history has every move, with its cause, and no gap."""

    def assertNoGap(self, lead):
        """Own rows follow one another, and their seconds add up to the time they span."""
        rows = lead.sop_move_ids.filtered(lambda row: not row.merged_from).sorted(lambda row: (row.at, row.id))
        self.assertEqual(rows[0].cause, "created")
        self.assertEqual(sum(rows.mapped("seconds")), int((rows[-1].at - rows[0].at).total_seconds()))
        for before, after in zip(rows, rows[1:], strict=False):
            self.assertEqual((before.to_stage_id, before.to_status), (after.from_stage_id, after.from_status))
        self.assertEqual((rows[-1].to_stage_id, rows[-1].to_code), (lead.stage_id, lead.sop_code or False))

    def test_every_path_is_seen(self):
        lead = self.make_lead()
        lead.stage_id = self.stages["evaluate"]
        self.assertEqual(self.path(lead), [("collect", "created"), ("evaluate", "manual")])
        lead.team_id = self.plain  # by recompute: stage_id is in no write
        self.assertEqual(self.path(lead)[-1], (False, "manual"))
        self.assertFalse(lead.sop_move_ids[0].to_code)
        lead.with_context(tracking_disable=True, mail_notrack=True).write({"team_id": self.sop.id})
        self.assertEqual(self.path(lead)[-1][0], "collect")
        lead.action_set_won()
        self.assertEqual(lead.sop_move_ids[0].to_status, "won")
        lead.stage_id = self.stages["convert"]
        lead.action_set_lost()
        self.assertEqual(lead.sop_move_ids[0].to_status, "lost")
        lead.action_restore()
        self.assertEqual(lead.sop_move_ids[0].to_status, "open")
        self.assertNoGap(lead)

    def test_who_and_why(self):
        lead = self.make_lead()
        lead.with_user(self.seller).stage_id = self.stages["evaluate"]
        row = lead.sop_move_ids[0]
        self.assertEqual((row.create_uid, row.user_id, row.team_id, row.cause), (self.seller, self.seller, self.sop, "manual"))

    def test_imported_leads(self):
        result = self.env["crm.lead"].load(["name", "team_id/.id"], [[f"Nhập {n}", str(self.sop.id)] for n in range(3)])
        self.assertFalse(result["messages"])
        leads = self.env["crm.lead"].browse(result["ids"])
        self.assertEqual(leads.sop_move_ids.mapped("cause"), ["created"] * 3)

    def test_unchanged_is_not_written(self):
        lead = self.make_lead()
        lead.stage_id = self.stages["collect"]
        lead.priority = "2"
        lead._sop_journal()
        self.assertEqual(len(lead.sop_move_ids), 1)

    def test_time_in_stage(self):
        with freeze_time("2031-01-01 08:00:00"):
            lead = self.make_lead()
            self.cr.execute("UPDATE crm_lead SET create_date = '2031-01-01 08:00:00' WHERE id = %s", [lead.id])
            self.cr.execute("UPDATE sop_stage_move SET at = '2031-01-01 08:00:00' WHERE lead_id = %s", [lead.id])
        with freeze_time("2031-01-03 08:00:30"):
            lead.stage_id = self.stages["evaluate"]
        lead.sop_move_ids.invalidate_recordset()
        self.assertEqual(lead.sop_move_ids[0].seconds, 2 * 86400 + 30)
        with freeze_time("2031-01-02 08:00:00"):  # a clock that goes back never makes negative time
            lead.stage_id = self.stages["contact"]
        self.assertEqual(lead.sop_move_ids.sorted("id")[-1].seconds, 0)
        self.assertNoGap(lead)

    def test_random_histories_have_no_gap(self):
        dice = random.Random(7)
        leads = [self.make_lead(name=str(number)) for number in range(8)]
        moment = fields.Datetime.now()
        for _step in range(80):
            moment += timedelta(minutes=dice.randrange(1, 600))
            lead = dice.choice(leads)
            with freeze_time(moment):
                if not lead.active:
                    lead.action_restore()
                elif lead.won_status != "won" and dice.random() < 0.15:
                    lead.action_set_lost()
                elif dice.random() < 0.2:
                    lead.team_id = dice.choice((self.sop, self.plain))
                elif lead.team_id == self.sop:
                    lead.stage_id = dice.choice(list(self.stages.values()))
        for lead in leads:
            self.assertNoGap(lead)

    def test_merge_keeps_everything(self):
        """No history, call or rating is lost; the head's own time stays free of gaps."""
        head, tail = self.make_lead(), self.make_lead()
        self.rate(tail, "thinking")
        tail_rows, tail_id, calls = tail.sop_move_ids, tail.id, tail.sop_call_ids
        head.write({"stage_id": self.stages["convert"].id, "probability": 90})
        merged = (head | tail).merge_opportunity()
        self.assertEqual(merged, head)
        self.assertEqual(tail_rows.lead_id, head)
        self.assertEqual(set(tail_rows.mapped("merged_from")), {tail_id})
        self.assertEqual(calls.lead_id, head)
        self.assertEqual(head.sop_interest, "thinking")
        self.assertNoGap(head)

    def test_backfill_from_tracking(self):
        """At install the tracked changes become history, and a second run adds nothing."""
        lead = (
            self.env["crm.lead"]
            .with_context(tracking_disable=False, mail_notrack=False)
            .create({"name": "Cũ", "team_id": self.sop.id, "type": "opportunity"})
        )
        self.flush_tracking()
        for code in ("evaluate", "contact"):
            lead.stage_id = self.stages[code]
            self.flush_tracking()
        self.cr.execute("DELETE FROM sop_stage_move WHERE lead_id = %s", [lead.id])
        self.env.invalidate_all()
        self.env["sop.stage.move"]._backfill()
        self.assertEqual(self.path(lead), [("collect", "created"), ("evaluate", "backfill"), ("contact", "backfill")])
        self.assertNoGap(lead)
        self.env["sop.stage.move"]._backfill()
        self.assertEqual(len(lead.sop_move_ids), 3)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.flush()

    def test_one_statement_for_any_number(self):
        for count in (2, 60):
            leads = self.env["crm.lead"].create([{"name": str(number), "team_id": self.sop.id, "type": "opportunity"} for number in range(count)])
            with self.subTest(count=count):
                statements = self.count_inserts(lambda leads=leads: leads.write({"stage_id": self.stages["evaluate"].id}))
                self.assertEqual(statements, 1)
                self.assertEqual(len(leads.sop_move_ids), 2 * count)

    def count_inserts(self, run):
        """How many statements write history while ``run`` runs."""
        seen = []
        execute = type(self.cr).execute

        def spy(cursor, query, *args, **kwargs):
            if "INSERT INTO sop_stage_move" in str(query):
                seen.append(query)
            return execute(cursor, query, *args, **kwargs)

        self.patch(type(self.cr), "execute", spy)
        run()
        return len(seen)

    def test_leads_with_open_calls_are_merged(self):
        """From the field: two leads of one customer, both dialled by the same person, could never be merged."""
        first, second = self.make_lead(), self.make_lead()
        older, newer = self.call(first), self.call(second)
        older.sudo().started_at = fields.Datetime.subtract(newer.started_at, minutes=5)
        merged = (first | second).with_user(self.boss).merge_opportunity()
        self.assertEqual(merged.sudo().sop_call_ids, older | newer)
        self.assertEqual((older.state, newer.state), ("unknown", "dialing"))

    def test_a_merge_costs_one_statement_of_ours(self):
        """An assignment run merges many leads: what they bring along is taken over at the price of one statement."""
        leads = [self.make_lead() for _number in range(4)]
        self.env.flush_all()
        statements = []
        original = self.env.cr.execute
        with patch.object(self.env.cr, "execute", lambda query, *args, **kw: (statements.append(str(query)), original(query, *args, **kw))[1]):
            leads[0]._merge_dependences(leads[1] | leads[2] | leads[3])
        ours = [text for text in statements if "sop_stage_move" in text or "sop_interaction" in text or "sop_next_action" in text]
        self.assertEqual(len(ours), 1)
        self.assertEqual(len(leads[0].sop_move_ids), 4)
