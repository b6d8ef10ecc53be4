from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestForecast(PipelineCommon):
    """The probability follows the faces, and closing dates the stages' times."""

    def close(self, interest, won, number):
        """A rated lead that was won or lost."""
        lead = self.make_lead(phone=f"09077{number:05}")
        self.rate(lead, interest)
        if won:
            lead.action_set_won()
        else:
            lead.action_set_lost()
        return lead

    def test_interested_is_likelier(self):
        """Core's own scoring, fed with the faces, tells them apart; without them it cannot."""
        Lead = self.env["crm.lead"]
        for number in range(24):
            self.close("interested", won=number % 4 < 3, number=number)
            self.close("not_interested", won=number % 8 == 0, number=100 + number)
        rated = {face: self.make_lead(phone=f"090888000{place}") for place, face in enumerate(("interested", "not_interested"))}
        for face, lead in rated.items():
            self.rate(lead, face)
        both = self.env["crm.lead"].union(*rated.values())

        def probabilities():
            Lead._rebuild_pls_frequency_table()
            found, _tooltip = both._pls_get_naive_bayes_probabilities()
            return [found[lead.id] for lead in rated.values()]

        Lead._sop_score_by_interest(False)
        blind = probabilities()
        self.assertAlmostEqual(blind[0], blind[1], 1)
        Lead._sop_score_by_interest()
        seeing = probabilities()
        self.assertGreater(seeing[0], seeing[1] + 20)

    def test_scored_fields_of_others_stay(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("crm.pls_fields", "phone_state,source_id")
        for _twice in range(2):
            self.env["crm.lead"]._sop_score_by_interest()
            self.assertEqual(parameters.get_param("crm.pls_fields"), "phone_state,source_id,sop_interest")
        self.env["crm.lead"]._sop_score_by_interest(False)
        self.assertEqual(parameters.get_param("crm.pls_fields"), "phone_state,source_id")

    def test_closing_dates_are_proposed(self):
        """Where nobody chose one; a person's stays; it moves with the lead, and is never in the past."""
        Lead = self.env["crm.lead"]
        chosen = self.make_lead(date_deadline="2040-01-01")
        lead, plain = self.make_lead(phone="0907654321"), self.make_lead(team_id=self.plain.id, phone="0907654322")
        rows = [{"code": code, "median_days": days} for code, days in (("collect", 1), ("evaluate", 2), ("contact", 3), ("convert", 4), ("close", 0))]
        self.patch(type(self.env["sop.pipeline.report"]), "get_funnel", lambda *args, **kwargs: rows)
        today = fields.Date.today()
        Lead._cron_propose_deadlines()
        self.assertEqual((lead.date_deadline, lead.sop_deadline_proposed), (today + timedelta(days=10), True))
        self.assertEqual(str(chosen.date_deadline), "2040-01-01")
        self.assertFalse(plain.date_deadline)
        self.rate(lead)
        Lead._cron_propose_deadlines()
        self.assertEqual(lead.date_deadline, today + timedelta(days=7))
        with freeze_time(today + timedelta(days=30)):
            Lead._cron_propose_deadlines()
            self.assertEqual(lead.date_deadline, today + timedelta(days=31))
        lead.with_user(self.seller).date_deadline = "2041-01-01"
        Lead._cron_propose_deadlines()
        self.assertEqual((str(lead.date_deadline), lead.sop_deadline_proposed), ("2041-01-01", False))
