from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.signals import received, send

#: fact -> the team's switch for the move it causes
FACT_SWITCHES = {
    "profile_completed": "sop_auto_profile",
    "call_answered": "sop_auto_rating",
    "call_rated": "sop_auto_rating",
    "quotation_sent": "sop_auto_quotation",
    "order_confirmed": "sop_auto_order",
    "order_cancelled": "sop_auto_cancel",
}


class CrmTeam(models.Model):
    """A team runs the five-stage process or keeps its own stages (row P1)."""

    _inherit = "crm.team"

    sop_process = fields.Boolean(
        string="Five-Stage Process",
        copy=False,
        help="The team's leads go through Collect, Evaluate, Contact, Convert, Close. Other teams keep their stages.",
    )
    sop_auto_profile = fields.Boolean("Profile completed", default=True)
    sop_auto_rating = fields.Boolean("Call answered and rated", default=True, help="Evaluate while the customer is talked to, Contact once rated.")
    sop_auto_quotation = fields.Boolean("Quotation sent", default=True)
    sop_auto_order = fields.Boolean("Order confirmed", default=True)
    sop_auto_cancel = fields.Boolean("Order cancelled", default=True)
    sop_requirement_ids = fields.One2many("sop.stage.requirement", "team_id", "Required Fields", copy=True, groups="sales_team.group_sale_salesman")

    def write(self, vals):
        """A change of ``sop_process`` takes the team's leads along, in the same transaction."""
        switched = self.filtered(lambda team: "sop_process" in vals and team.sop_process != bool(vals["sop_process"]))
        result = super().write(vals)
        for team in switched:
            mapping = received(self.env, "sop_mapping")
            team._sop_move_leads(mapping, as_it_was=received(self.env, "sop_as_it_was", not mapping))
        return result

    # === ACTIONS ===

    def action_sop_adopt(self):
        """Open the wizard that puts the team on the process, or takes it off (row P8).

        :return: window action
        :raise AccessError: for users who may not change the team
        """
        self.ensure_one()
        self.check_access("write")
        leaving = self.sop_process
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Leave the five stages") if leaving else self.env._("Run the five stages"),
            "res_model": "sop.team.adopt",
            "view_mode": "form",
            "target": "new",
            "context": {"default_team_id": self.id},
        }

    # === PROCESS ===

    def _sop_enabled_facts(self):
        """:return: tuple of the facts that may move this team's leads"""
        return tuple(fact for fact, switch in FACT_SWITCHES.items() if self[switch])

    def _sop_get_stages(self, process):
        """The stages of this team if it ran the process, or if it did not, in order."""
        self.ensure_one()
        team = self.new({"sop_process": process}, origin=self)
        domain = self.env["crm.stage"]._get_team_domain(team)
        return self.env["crm.stage"].search(domain, order="sequence, id")

    def _sop_default_mapping(self, process):
        """Propose where each stage's leads go when the team joins or leaves the process.

        Won goes to won; the others keep their relative place on the ladder.

        :param bool process: whether the team is about to run the process
        :return: dict of stage -> stage, covering every stage the team's leads may be in
        """
        before, after = self._sop_get_stages(not process), self._sop_get_stages(process)
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)  # sudo: leads the user may not see move along with their team
        before |= Lead._read_group([("team_id", "=", self.id), ("stage_id.sop_process", "!=", process)], [], ["stage_id:recordset"])[0][0]
        won = after.filtered("is_won")[:1]
        ladder = after.filtered(lambda stage: not stage.is_won) or after
        steps = before.filtered(lambda stage: not stage.is_won).sorted()
        mapping = {stage: won or ladder[-1:] for stage in before if stage.is_won}
        for index, stage in enumerate(steps):
            place = index * (len(ladder) - 1) // max(len(steps) - 1, 1)
            mapping[stage] = ladder[place : place + 1]
        return mapping

    def _sop_team_leads(self):
        """All leads of the team, archived and lost ones too, and those the user may not see: they move along."""
        # sudo: see above
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False, mail_notrack=True)
        return Lead.search([("team_id", "=", self.id)])

    def _sop_former_stages(self, process):
        """Where leads would go if all were as it was before the team last switched the other way: dict of stage -> leads."""
        self.ensure_one()
        allowed = set(self._sop_get_stages(process).ids)
        return self._sop_team_leads()._sop_former_stages("leave" if process else "adopt", allowed)

    def _sop_move_leads(self, mapping=None, as_it_was=True):
        """Bring the team's leads to stages it may show, after ``sop_process`` has changed.

        Archived and lost leads move too; history keeps the cause, no mail is sent.

        :param mapping: dict of stage id -> stage id from the wizard; what it leaves out
            goes by :meth:`_sop_default_mapping`
        :param bool as_it_was: leads that have not moved since the team switched the other way go back
            to the very stage each came from, whatever the mapping says
        :raise UserError: when a target is not a stage of the team
        """
        self.ensure_one()
        process = self.sop_process
        targets = {stage.id: target.id for stage, target in self._sop_default_mapping(process).items()}
        targets.update(mapping or {})
        allowed = set(self._sop_get_stages(process).ids)
        if not allowed:
            raise UserError(self.env._("There is no stage the leads of %(team)s could go to.", team=self.name))
        leads = send(self._sop_team_leads(), sop_cause="adopt" if process else "leave", sop_switching=True)
        for stage, group in self._sop_former_stages(process).items() if as_it_was else ():
            group.with_env(leads.env)._sop_switch_stage(stage.id)
        for stage, group in leads.filtered(lambda lead: lead.stage_id.id not in allowed).grouped("stage_id").items():
            target = targets.get(stage.id)
            if target not in allowed:
                raise UserError(
                    self.env._("%(stage)s is not a stage %(team)s can use.", stage=self.env["crm.stage"].browse(target).name, team=self.name)
                )
            group._sop_switch_stage(target)
