from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .journey_common import JourneyCommon


@tagged("post_install", "-at_install")
class TestHistoryCheck(JourneyCommon):
    """The check finds each kind of oddity, and nothing in a history the system wrote."""

    def oddities(self):
        return {(row["model"], row["id"]): row["what"] for row in self.env["sop.history.check"]._sop_find_oddities()}

    def test_sound_history(self):
        before = self.oddities()
        lead = self.lead(partner_id=self.partner.id)
        self.call(lead).action_rate("interested")
        self.order(opportunity_id=lead.id, confirm=True)._action_cancel()
        lead.action_set_lost()
        other = self.lead(partner_id=self.partner.id)
        (other | self.lead(partner_id=self.partner.id)).merge_opportunity()
        self.assertEqual(self.oddities(), before)

    def test_oddities(self):
        def broken(query, what, place=-1):
            lead = self.lead()
            lead.stage_id = self.env["crm.stage"]._get_by_code("contact")
            lead.stage_id = self.env["crm.stage"]._get_by_code("convert")
            self.env.flush_all()
            move = lead.sop_move_ids.sorted("id")[place]
            self.env.cr.execute(query, [move.id])
            self.env.invalidate_all()
            self.assertEqual(self.oddities().get((move._name, move.id)), what)

        broken("UPDATE sop_stage_move SET at = at + interval '1 year', seconds = seconds + 31536000 WHERE id = %s", "lies in the future")
        broken("UPDATE sop_stage_move SET from_status = 'open' WHERE id = %s", "the beginning of the history is missing", 0)
        broken("UPDATE sop_stage_move SET from_code = 'collect' WHERE id = %s", "starts where the move before did not end")
        after_all = "SELECT max(at) + interval '1 second' FROM sop_stage_move later WHERE later.lead_id = sop_stage_move.lead_id"
        broken(f"UPDATE sop_stage_move SET at = ({after_all}) WHERE id = %s", "the clock went back", 0)
        broken("UPDATE sop_stage_move SET seconds = 99999 WHERE id = %s", "seconds do not fit the times")
        broken("UPDATE sop_stage_move SET to_stage_id = NULL WHERE id = %s", "its stage was deleted", 0)
        broken("UPDATE sop_stage_move SET team_id = NULL WHERE id = %s", "its team was deleted", 0)
        lead = self.lead()
        self.env.cr.execute("DELETE FROM sop_stage_move WHERE lead_id = %s", [lead.id])
        self.assertEqual(self.oddities()["crm.lead", lead.id], "has no history")

    def test_phases(self):
        self.order(confirm=True)
        self.env.cr.execute("UPDATE res_partner SET sop_phase = 'awareness' WHERE id = %s", [self.partner.id])
        self.partner.invalidate_recordset()
        self.assertEqual(self.oddities()["res.partner", self.partner.id], "phase is awareness, derived experience")
        self.env["sop.history.check"]._sop_fix_phases()
        self.assertEqual(self.partner.sop_phase, "experience")


@tagged("post_install", "-at_install")
class TestDigest(JourneyCommon):
    """The weekly mail carries success rate and response time."""

    def test_digest(self):
        company = self.env["res.company"].create({"name": "Digest"})
        team = self.env["crm.team"].create({"name": "Digest", "company_id": company.id, "sop_process": True, "sequence": 97})
        self.manager.company_ids |= company
        leads = self.env["crm.lead"].concat(*[self.lead(team_id=team.id, company_id=company.id, user_id=self.manager.id) for _number in range(4)])
        now = fields.Datetime.now()
        for hours, lead in zip((1, 3, 8), leads, strict=False):
            self.env["sop.call"].create(
                {
                    "lead_id": lead.id,
                    "user_id": self.manager.id,
                    "company_id": company.id,
                    "state": "not_answered",
                    "started_at": lead.create_date + timedelta(hours=hours),
                }
            )
        leads[:1].action_set_won()
        leads[1:].action_set_lost()
        digest = self.env["digest.digest"].create({"name": "x", "company_id": company.id}).with_user(self.manager).with_company(company)
        digest = digest.with_context(allowed_company_ids=company.ids, start_datetime=now - timedelta(days=7), end_datetime=now + timedelta(days=1))
        self.assertAlmostEqual(digest.kpi_sop_success_rate_value, 25, 1)
        self.assertAlmostEqual(digest.kpi_sop_response_time_value, 3, 1)
        with self.assertRaises(AccessError):
            self.env["digest.digest"].with_user(self.portal).sudo(False)._compute_kpi_sop_success_rate_value()
        self.assertIn("kpi_sop_success_rate", digest._compute_kpis_actions(company, self.manager))
