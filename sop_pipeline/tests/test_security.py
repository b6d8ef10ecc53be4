from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import PipelineCommon

MODELS = ("sop.call", "sop.stage.move", "sop.stage.requirement", "sop.team.adopt")
#: role -> model -> operations allowed (r read, w write, c create, u unlink)
ALLOWED = {
    "public": dict.fromkeys(MODELS, ""),
    "portal": dict.fromkeys(MODELS, ""),
    "internal": dict.fromkeys(MODELS, ""),
    "salesman": {"sop.call": "r", "sop.stage.move": "r", "sop.stage.requirement": "r", "sop.team.adopt": ""},
    "all_leads": {"sop.call": "r", "sop.stage.move": "r", "sop.stage.requirement": "r", "sop.team.adopt": ""},
    "manager": {"sop.call": "r", "sop.stage.move": "r", "sop.stage.requirement": "rwcu", "sop.team.adopt": "rwcu"},
}
GROUPS = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "internal": "base.group_user",
    "salesman": "base.group_user,sales_team.group_sale_salesman",
    "all_leads": "base.group_user,sales_team.group_sale_salesman_all_leads",
    "manager": "base.group_user,sales_team.group_sale_manager",
}


@tagged("post_install", "-at_install", "sop_pipeline")
class TestSecurity(PipelineCommon):
    """Who may do what: role x model x operation, then whose records."""

    def test_table(self):
        for role, groups in GROUPS.items():
            user = new_test_user(self.env, login=f"role_{role}", groups=groups)
            for model, allowed in ALLOWED[role].items():
                for letter, operation in zip("rwcu", ("read", "write", "create", "unlink"), strict=True):
                    with self.subTest(role=role, model=model, operation=operation):
                        self.assertEqual(self.env[model].with_user(user).has_access(operation), letter in allowed)

    def test_own_all_and_other_company(self):
        other_company = self.env["res.company"].create({"name": "Khác"})
        lead = self.make_lead()
        call = self.rate(lead)
        everyone = new_test_user(self.env, login="sees_all", groups=GROUPS["all_leads"])
        foreign = new_test_user(
            self.env, login="foreign", groups=GROUPS["manager"], company_id=other_company.id, company_ids=[(6, 0, other_company.ids)]
        )
        lead.company_id = self.env.company
        (lead.sop_move_ids | lead.sop_move_ids).sudo().write({"company_id": self.env.company.id})
        call.sudo().company_id = self.env.company
        for user, sees in ((self.seller, True), (everyone, True), (self.boss, True), (self.colleague, False), (foreign, False)):
            with self.subTest(user=user.login):
                self.assertEqual(bool(self.env["sop.call"].with_user(user).search([("id", "=", call.id)])), sees)
                self.assertEqual(bool(self.env["sop.stage.move"].with_user(user).search([("lead_id", "=", lead.id)])), sees)
                if not sees:
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        call.with_user(user).action_answered()

    def test_portal_and_public_reach_no_method(self):
        lead = self.make_lead()
        call = self.call(lead)
        for role in ("public", "portal", "internal"):
            user = new_test_user(self.env, login=f"door_{role}", groups=GROUPS[role])
            doors = (
                lambda user=user: lead.with_user(user).action_sop_call(),
                lambda user=user: lead.with_user(user).action_sop_verify(),
                lambda user=user: call.with_user(user).action_answered(),
                lambda user=user: call.with_user(user).action_rate("interested"),
                lambda user=user: call.with_user(user).get_client_data(),
                lambda user=user: self.sop.with_user(user).action_sop_adopt(),
                lambda user=user: self.env["sop.team.adopt"].with_user(user).create({"team_id": self.sop.id}),
            )
            for number, door in enumerate(doors):
                with self.subTest(role=role, door=number), self.assertRaises(AccessError), self.cr.savepoint():
                    door()
            self.assertEqual(
                self.env["sop.call"].with_user(user).get_todo(), {"dialing": False, "waiting": [], "waiting_count": 0, "to_rate": [], "count": 0}
            )

    def test_salesman_cannot_switch_the_team(self):
        with self.assertRaises(AccessError):
            self.sop.with_user(self.seller).sop_process = False

    def test_adopting_context_cannot_come_from_a_client(self):
        """The flag that lets a team switch past the checks is a signal, which no request can carry."""
        lead = self.make_lead()
        foreign = self.env["crm.stage"].search([("sop_code", "=", False)], limit=1)
        for flag in (True, 1, "SWITCHING", {}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                lead.with_context(sop_switching=flag).web_save({"stage_id": foreign.id}, {"stage_id": {}})
            lead.with_context(sop_switching=flag).stage_id = foreign
            self.assertTrue(lead.stage_id._is_allowed_for(lead.team_id))
        self.assertEqual(lead.sop_code, "collect")
