from lxml import etree
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..hooks import post_init_hook, uninstall_hook
from .common import PipelineCommon


@tagged("post_install", "-at_install", "sop_pipeline")
class TestStages(PipelineCommon):
    """Who sees which stage, and how a team comes to the process and leaves it (rows P1, P8)."""

    def test_five_places_agree(self):
        """Field domain, compute, columns, lookup and merge show a team the same stages."""
        Lead = self.env["crm.lead"]
        Stage = self.env["crm.stage"]
        five = Stage.search([("sop_code", "!=", False)], order="sequence, id")
        self.assertEqual(five.mapped("sop_code"), ["collect", "evaluate", "contact", "convert", "close"])
        for team, expected in ((self.sop, five), (self.plain, Stage.search([("sop_code", "=", False), ("team_ids", "=", False)]))):
            lead = self.make_lead(team_id=team.id)
            columns = Lead.with_context(default_team_id=team.id)._read_group_stage_ids(Stage, [])
            found = lead._stage_find(team_id=team.id, limit=None)
            domain = [("sop_process", "=", lead.sop_process), "|", ("team_ids", "=", False), ("team_ids", "in", team.ids)]
            self.assertEqual(columns, expected, team.name)
            self.assertEqual(found, expected, team.name)
            self.assertEqual(Stage.search(domain), expected, team.name)
            self.assertEqual(lead.stage_id, expected[0], team.name)

    def test_columns_of_people(self):
        """Members of process teams see five columns, members of both kinds see all, others the process."""
        Lead, Stage = self.env["crm.lead"].with_context(show_user_team_stages=True), self.env["crm.stage"]
        self.env["ir.config_parameter"].sudo().set_param("sales_team.membership_multi", True)
        for teams, codes in ((self.sop, {True}), (self.plain, {False}), (self.sop | self.plain, {True, False})):
            self.seller.crm_team_member_ids.unlink()
            for team in teams:
                self.env["crm.team.member"].create({"crm_team_id": team.id, "user_id": self.seller.id})
            columns = Lead.with_user(self.seller)._read_group_stage_ids(Stage, [])
            self.assertEqual(set(columns.mapped("sop_process")), codes)

    def test_who_has_no_team_sees_columns_their_leads_may_be_in(self):
        """Core gives the leads of people without a team to the first team: its stages are the columns, and a card may be made in each."""
        self.seller.crm_team_member_ids.unlink()
        self.env["crm.team"].search([]).sequence = 20
        Lead = self.env["crm.lead"].with_user(self.seller).with_context(show_user_team_stages=True)
        for first in (self.sop, self.plain):
            first.sequence = 1
            columns = Lead._read_group_stage_ids(self.env["crm.stage"], [])
            self.assertEqual(set(columns.mapped("sop_process")), {first.sop_process})
            for stage in columns:
                [saved] = Lead.with_context(default_stage_id=stage.id).web_save({"name": stage.name}, {"stage_id": {}, "team_id": {}})
                self.assertEqual((saved["stage_id"], saved["team_id"]), (stage.id, first.id))
            first.sequence = 20

    def test_foreign_stage_refused_on_screen(self):
        """A person's own choice is refused in words, from the form and from a drag alike: both save with web_save."""
        first = self.env["crm.stage"].search([("sop_code", "=", False)], limit=1)
        for lead, stage in ((self.make_lead(), first), (self.make_lead(team_id=self.plain.id), self.stages["contact"])):
            with self.assertRaisesRegex(ValidationError, stage.name), self.cr.savepoint():
                lead.web_save({"stage_id": stage.id}, {"stage_id": {}})
            with self.assertRaisesRegex(ValidationError, stage.name), self.cr.savepoint():
                self.env["crm.lead"].web_save({"name": "x", "team_id": lead.team_id.id, "stage_id": stage.id}, {"stage_id": {}})

    def test_foreign_stage_of_other_code_is_put_where_it_fits(self):
        """Another app's lead is never lost because of the process: it is fitted, and the chatter says so."""
        first, won = (self.env["crm.stage"].search([("sop_code", "=", False), ("is_won", "=", is_won)], limit=1) for is_won in (False, True))
        lead = self.make_lead()
        lead.stage_id = first
        self.assertEqual(lead.sop_code, "collect")
        self.assertIn(first.name, lead.message_ids[:1].body)
        self.assertEqual(self.make_lead(stage_id=first.id).sop_code, "collect")
        self.assertEqual(self.make_lead(stage_id=won.id).sop_code, "close")
        plain = self.make_lead(team_id=self.plain.id, stage_id=self.stages["contact"].id)
        self.assertFalse(plain.sop_code)
        self.assertTrue(plain.stage_id)
        self.env["sop.stage.requirement"].create(
            {"team_id": self.sop.id, "sop_code": "close", "field_ids": [(6, 0, self.env["ir.model.fields"]._get("crm.lead", "email_from").ids)]}
        )
        self.assertEqual(self.make_lead(stage_id=won.id).sop_code, "collect", "what the stage requires is not there")

    def test_records_and_texts_are_values_too(self):
        """Whatever the ORM takes for a value: records, ids, False."""
        lead = self.make_lead()
        for value in (self.customer, self.customer.id, False, self.env["res.partner"]):
            lead.write({"partner_id": value})
        lead.write({"team_id": self.sop, "partner_id": self.customer})
        self.assertEqual((lead.sop_code, lead.partner_id), ("collect", self.customer))

    def test_team_change_brings_a_fitting_stage(self):
        lead = self.make_lead(team_id=self.plain.id)
        lead.team_id = self.sop
        self.assertEqual(lead.sop_code, "collect")
        lead.stage_id = self.stages["close"]
        lead.team_id = self.plain
        self.assertFalse(lead.sop_code)
        self.assertTrue(lead.stage_id.is_won, "won stays won")
        self.assertEqual(lead.won_status, "won")

    def test_form_offers_the_process(self):
        with Form(self.env["crm.lead"].with_user(self.seller).with_context(default_type="opportunity")) as form:
            form.name = "Form"
            form.team_id = self.sop
        self.assertEqual(form.record.sop_code, "collect")

    def test_import_with_unknown_stage(self):
        """An import row with a stage nobody knows is refused with a message, and nothing is created."""
        before = self.env["crm.lead"].search_count([])
        result = self.env["crm.lead"].load(["name", "team_id/.id", "stage_id"], [["Nhập", str(self.sop.id), "Không có"]])
        self.assertFalse(result["ids"])
        self.assertEqual(result["messages"][0]["type"], "error")
        self.assertEqual(self.env["crm.lead"].search_count([]), before)

    def test_won_lead_with_an_order_stays(self):
        lead = self.make_lead()
        order = self.make_order(lead)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, order.name), self.cr.savepoint():
            lead.stage_id = self.stages["contact"]
        self.assertEqual(lead.sop_code, "close")

    def test_lost_lead_stays(self):
        lead = self.make_lead()
        lead.action_set_lost()
        with self.assertRaises(UserError), self.cr.savepoint():
            lead.stage_id = self.stages["contact"]
        lead.action_restore()
        lead.stage_id = self.stages["contact"]
        self.assertEqual(lead.sop_code, "contact")

    def test_status_inside_its_stage(self):
        lead = self.make_lead()
        lead.sop_status = "collect.duplicate"
        with self.assertRaisesRegex(ValidationError, "another stage"), self.cr.savepoint():
            lead.sop_status = "convert.deposit"
        lead.stage_id = self.stages["evaluate"]
        self.assertEqual(lead.sop_status, "evaluate.pending")

    def test_stages_are_protected(self):
        with self.assertRaises(UserError):
            self.stages["contact"].unlink()
        with self.assertRaises(UserError):
            self.stages["contact"].is_won = True

    # ------------------------------------------------------------
    # ADOPT AND LEAVE
    # ------------------------------------------------------------

    def adopt(self, team):
        return self.env["sop.team.adopt"].with_user(self.boss).create({"team_id": team.id})

    def test_adopt_and_leave(self):
        plain = self.env["crm.stage"].search([("sop_code", "=", False), ("team_ids", "=", False)], order="sequence, id")
        leads = {stage: self.make_lead(team_id=self.plain.id, stage_id=stage.id) for stage in plain}
        lost = self.make_lead(team_id=self.plain.id, stage_id=plain[1].id)
        lost.action_set_lost()
        wizard = self.adopt(self.plain)
        self.assertEqual(wizard.lead_count, len(plain) + 1)
        self.assertFalse(self.plain.sop_process, "opening the wizard moves nothing")
        wizard.action_apply()
        self.assertTrue(self.plain.sop_process)
        self.assertEqual(leads[plain[0]].sop_code, "collect")
        self.assertEqual(leads[plain[-1]].sop_code, "close")
        self.assertEqual(leads[plain[-1]].won_status, "won")
        self.assertEqual((lost.active, lost.won_status), (False, "lost"), "lost stays lost")
        self.assertTrue(lost.sop_code)
        self.assertEqual(self.path(leads[plain[0]])[-1], ("collect", "adopt"))

        self.adopt(self.plain).action_apply()
        self.assertFalse(self.plain.sop_process)
        self.assertFalse(any(lead.sop_code for lead in [*leads.values(), lost]))
        self.assertEqual(leads[plain[-1]].won_status, "won")

    def test_round_trip(self):
        """Two stages fall together on the way in: "as it was" tells them apart again; what moved meanwhile goes by the mapping, won stays won."""
        stages = self.env["crm.stage"].create([{"name": f"Bước {number}", "sequence": number, "team_ids": self.plain.ids} for number in range(6)])
        leads = {stage: self.make_lead(team_id=self.plain.id, stage_id=stage.id, user_id=self.colleague.id) for stage in stages}
        moved, won, lost = (self.make_lead(team_id=self.plain.id, stage_id=stages[1].id) for _number in range(3))
        lost.action_set_lost()
        into = self.adopt(self.plain)
        self.assertFalse(into.return_count, "a team that never left has nothing to go back to")
        into.action_apply()
        self.assertLess(len({lead.stage_id for lead in leads.values()}), 6)
        moved.stage_id = self.stages["convert"]
        won.action_set_won()

        back = self.adopt(self.plain)
        self.assertEqual(back.return_count, 7, "the six, and the lost one")
        back.action_apply()
        self.assertEqual({stage: lead.stage_id for stage, lead in leads.items()}, {stage: stage for stage in stages})
        self.assertEqual((lost.stage_id, lost.active, lost.won_status), (stages[1], False, "lost"))
        self.assertNotEqual(moved.stage_id, stages[1])
        self.assertEqual((won.won_status, won.stage_id.is_won), ("won", True))
        self.assertEqual(self.path(leads[stages[0]])[-1], (False, "leave"))

        self.adopt(self.plain).action_apply()
        self.assertEqual(moved.sop_code, "convert", "and in again: as it was before it left")

    def test_round_trip_declined(self):
        """Whoever does not want it as it was gets what the lines show."""
        stages = self.env["crm.stage"].create([{"name": f"Bước {number}", "sequence": number, "team_ids": self.plain.ids} for number in range(2)])
        lead = self.make_lead(team_id=self.plain.id, stage_id=stages[0].id)
        self.adopt(self.plain).action_apply()
        back = self.adopt(self.plain)
        back.as_it_was = False
        back.line_ids.to_stage_id = stages[1]
        back.action_apply()
        self.assertEqual(lead.stage_id, stages[1])

    def test_adopt_with_own_mapping(self):
        stage = self.env["crm.stage"].search([("sop_code", "=", False)], limit=1)
        lead = self.make_lead(team_id=self.plain.id, stage_id=stage.id)
        wizard = self.adopt(self.plain)
        wizard.line_ids.filtered(lambda line: line.from_stage_id == stage).to_stage_id = self.stages["convert"]
        wizard.action_apply()
        self.assertEqual(lead.sop_code, "convert")

    def test_adopt_refuses_half_a_mapping(self):
        lead = self.make_lead(team_id=self.plain.id)
        wizard = self.adopt(self.plain)
        wizard.line_ids[0].to_stage_id = False
        with self.assertRaises(UserError), self.cr.savepoint():
            wizard.action_apply()
        self.assertFalse(self.plain.sop_process)
        self.assertFalse(lead.sop_code)

    def test_adopt_refuses_a_stage_of_another_team(self):
        """Also when the client sends it in place of one that was offered."""
        own = self.env["crm.stage"].create({"name": "Của đội khác", "team_ids": self.sop.ids})
        lead = self.make_lead(team_id=self.plain.id)
        before = lead.stage_id
        for wrong in (own, self.env["crm.stage"].search([("sop_code", "=", False), ("team_ids", "=", False)], limit=1)):
            wizard = self.adopt(self.plain)
            wizard.line_ids.to_stage_id = wrong
            with self.subTest(wrong.name), self.assertRaisesRegex(UserError, "is not a stage"), self.cr.savepoint():
                wizard.action_apply()
        self.assertEqual((self.plain.sop_process, lead.stage_id), (False, before))

    def test_adopt_twice(self):
        """A wizard left open does not undo what a colleague did meanwhile."""
        first, second = self.adopt(self.plain), self.adopt(self.plain)
        self.assertFalse(second.leaving)
        first.action_apply()
        with self.assertRaises(UserError), self.cr.savepoint():
            second.action_apply()
        self.assertTrue(self.plain.sop_process)

    def test_install_moves_nothing_in_a_database_in_use(self):
        lead = self.make_lead(team_id=self.plain.id)
        stage = lead.stage_id
        post_init_hook(self.env)
        self.assertFalse(self.plain.sop_process)
        self.assertEqual(lead.stage_id, stage)

    def test_uninstall_puts_everything_back(self):
        """Leads that a team brought to the process return to the very stage they came from."""
        stage = self.env["crm.stage"].search([("sop_code", "=", False), ("is_won", "=", False)], order="sequence desc", limit=1)
        lead = self.make_lead(team_id=self.plain.id, stage_id=stage.id)
        self.plain.sop_process = True
        moved = self.make_lead(team_id=self.plain.id)
        uninstall_hook(self.env)
        self.assertEqual(lead.stage_id, stage)
        self.assertFalse(moved.stage_id.sop_code)
        in_process = self.env["crm.lead"].with_context(active_test=False).search_count([("stage_id.sop_code", "!=", False)])
        self.assertFalse(in_process, "no lead keeps a stage that is about to go")

    def test_merge_lands_in_the_team(self):
        for team in (self.sop, self.plain):
            leads = self.make_lead(team_id=self.plain.id) | self.make_lead(team_id=self.sop.id)
            merged = leads.merge_opportunity(team_id=team.id)
            self.assertEqual(bool(merged.sop_code), team.sop_process)

    def test_bar_of_the_columns_shows_the_interest(self):
        """For people whose teams all run the process; everybody else keeps core's bar of activities."""

        def bar(user):
            arch = self.env["crm.lead"].with_user(user).get_view(self.env.ref("crm.crm_case_kanban_view_leads").id, "kanban")["arch"]
            return etree.fromstring(arch).find(".//progressbar").get("field")

        self.sop.crm_team_member_ids = [Command.create({"user_id": self.seller.id})]
        self.plain.crm_team_member_ids = [Command.create({"user_id": self.colleague.id})]
        self.assertEqual(bar(self.seller), "sop_interest")
        self.assertEqual(bar(self.colleague), "activity_state")
        self.assertEqual(bar(self.boss), "activity_state", "there are teams of both kinds")

    def test_by_hand_into_contact(self):
        """Moved there by hand, the lead says that it is not rated yet."""
        lead = self.make_lead(stage_id=self.stages["contact"].id)
        self.assertEqual(lead.sop_status, "contact.unrated")
        self.rate(lead, "thinking")
        self.assertEqual(lead.sop_status, "contact.thinking")

    def test_a_refused_move_names_what_is_missing(self):
        """Row P9: the screen learns the fields and can ask for them."""
        field = self.env["ir.model.fields"]._get("crm.lead", "email_from")
        self.env["sop.stage.requirement"].create({"team_id": self.sop.id, "sop_code": "contact", "field_ids": field.ids})
        lead = self.make_lead()
        with self.assertRaises(ValidationError) as refused:
            lead.with_user(self.seller).web_save({"stage_id": self.stages["contact"].id}, {})
        missing = refused.exception.context["sop_missing"]
        self.assertEqual((missing["lead_id"], missing["stage_id"], missing["fields"]), (lead.id, self.stages["contact"].id, ["email_from"]))

    def test_a_missing_field_that_is_for_other_eyes(self):
        """The refusal names it, and offers no box for it; a field that is filled hinders nobody who may not read it."""
        field = self.env["ir.model.fields"]._get("crm.lead", "email_from")
        self.env["sop.stage.requirement"].create({"team_id": self.sop.id, "sop_code": "contact", "field_ids": field.ids})
        lead, filled = self.make_lead(), self.make_lead(email_from="lan@example.com")
        self.patch(self.env["crm.lead"]._fields["email_from"], "groups", "base.group_system")
        move = {"stage_id": self.stages["contact"].id}
        with self.assertRaisesRegex(ValidationError, "Email") as refused:
            lead.with_user(self.seller).web_save(move, {})
        self.assertEqual(refused.exception.context["sop_missing"]["fields"], [])
        filled.with_user(self.seller).web_save(move, {})
        self.assertEqual(filled.stage_id, self.stages["contact"])
