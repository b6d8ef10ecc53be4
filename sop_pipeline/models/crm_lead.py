from itertools import chain

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.moves import CODES, next_code
from ..tools.signals import received, send
from ..tools.values import written
from .crm_stage import SOP_STAGES

INTERESTS = [
    ("not_interested", "Not interested"),
    ("thinking", "Thinking"),
    ("interested", "Interested"),
]

#: Sub-statuses inside a stage; the part before the dot is the stage's code. Those of Contact are
#: the three interests of the source, and one for who was moved there by hand; the others are our own (docs/decisions.md).
STATUSES = [
    ("collect.new", "New"),
    ("collect.duplicate", "Duplicate"),
    ("collect.no_phone", "No phone"),
    ("collect.junk", "Junk"),
    ("evaluate.pending", "Not evaluated"),
    ("evaluate.qualified", "Qualified"),
    ("evaluate.unsuitable", "Unsuitable"),
    ("contact.unrated", "Not rated yet"),
    ("contact.interested", "Interested"),
    ("contact.thinking", "Thinking"),
    ("contact.not_interested", "Not interested"),
    ("convert.quoted", "Quotation sent"),
    ("convert.negotiating", "Negotiating"),
    ("convert.postponed", "Postponed"),
    ("convert.deposit", "Deposit paid"),
    ("convert.cancelled", "Order cancelled"),
    ("close.done", "Closed"),
    ("close.waiting", "Waiting for confirmation"),
    ("close.returned", "Returned"),
]
FIRST_STATUS = {
    "collect": "collect.new",
    "evaluate": "evaluate.pending",
    "convert": "convert.negotiating",
    "close": "close.done",
}
#: What makes a profile complete in a team that names no fields for Evaluate
PROFILE_FIELDS = ("contact_name", "phone")


class CrmLead(models.Model):
    """Leads of a team that runs the process: its five stages, and the facts that move them."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "sop.customer.card.mixin"]

    stage_id = fields.Many2one(domain="[('sop_process', '=', sop_process), '|', ('team_ids', '=', False), ('team_ids', 'in', team_id)]")
    sop_process = fields.Boolean(related="team_id.sop_process", export_string_translation=False)
    sop_code = fields.Selection(SOP_STAGES, string="Process Stage", compute="_compute_sop_code", store=True)
    sop_status = fields.Selection(
        STATUSES,
        string="Stage Status",
        compute="_compute_sop_status",
        inverse="_inverse_sop_status",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
    )
    sop_interest = fields.Selection(
        INTERESTS,
        string="Interest",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="What the customer thought of the product on the last rated call.",
    )
    sop_waiting_code = fields.Selection(
        SOP_STAGES,
        string="Waits for Stage",
        readonly=True,
        copy=False,
        help="A fact called for this stage, but required fields are empty. The lead follows as soon as they are filled.",
    )
    sop_waiting_cause = fields.Char(readonly=True, copy=False, prefetch=False, export_string_translation=False)
    sop_missing_fields = fields.Char("Missing Fields", compute="_compute_sop_missing_fields")

    # === COMPUTE ===

    @api.depends("team_id", "type")
    def _compute_stage_id(self):
        """A lead whose new team runs the process, or does not, goes to a stage it may be in."""
        for lead in self.filtered(lambda lead: lead.stage_id and not lead.stage_id._is_allowed_for(lead.team_id)):
            lead.stage_id = lead._stage_find(domain=[("is_won", "=", lead.stage_id.is_won)])
        # core looks the first stage up for each lead; leads of one team share it
        for leads in self.filtered(lambda lead: not lead.stage_id).grouped("team_id").values():
            leads.stage_id = leads._stage_find(domain=[("fold", "=", False)])
        return super()._compute_stage_id()

    @api.depends("stage_id.sop_code")
    def _compute_sop_code(self):
        for stage_id, leads in self.grouped(lambda lead: lead.stage_id.id).items():
            leads.sop_code = self.env["crm.stage"].browse(stage_id).sop_code

    @api.depends("sop_code")
    def _compute_sop_status(self):
        """A lead that enters a stage gets the stage's first status, unless it has one of the stage already."""
        for (code, status), leads in self.grouped(lambda lead: (lead.sop_code, lead.sop_status)).items():
            if code == "contact":
                for interest, rated in leads.grouped("sop_interest").items():
                    rated.sop_status = f"contact.{interest or 'unrated'}"
            elif not (code and status and status.startswith(f"{code}.")):
                leads.sop_status = FIRST_STATUS.get(code, False)

    def _inverse_sop_status(self):
        """Refuse a status of another stage. Only what people choose is looked at: what is computed fits.

        :raise ValidationError: naming the first such lead
        """
        for lead in self:
            if lead.sop_status and not lead.sop_status.startswith(f"{lead.sop_code}."):
                raise ValidationError(
                    self.env._("The status of “%(lead)s” belongs to another stage than %(stage)s.", lead=lead.name, stage=lead.stage_id.name)
                )

    @api.depends("sop_waiting_code", "team_id.sop_requirement_ids")
    def _compute_sop_missing_fields(self):
        for lead in self:
            missing = lead._sop_get_missing(lead.sop_waiting_code) if lead.sop_waiting_code else []
            lead.sop_missing_fields = ", ".join(missing)

    # === CONSTRAINTS ===

    @api.constrains("stage_id", "team_id")
    def _check_sop_stage(self):
        """A team's leads are in its own stages, and hold what the stage asks for (rows P1, P9).

        A stage foreign to the team is refused when a user chose it on a screen, and fitted for other code:
        see :meth:`_sop_fit_stages`.
        """
        if received(self.env, "sop_switching"):
            return
        required = self.env["sop.stage.requirement"]._get_required()
        for team_id, leads in self.grouped(lambda lead: lead.team_id.id).items():
            team = self.env["crm.team"].browse(team_id)
            for stage in leads.stage_id:
                if not stage._is_allowed_for(team) and received(self.env, "sop_on_screen"):
                    raise ValidationError(
                        self.env._(
                            "%(stage)s is not a stage of %(team)s: choose one of its own.",
                            stage=stage.name,
                            team=team.name or self.env._("leads without a team"),
                        )
                    )
                if (team.id, stage.sop_code) in required:
                    leads.filtered_domain([("stage_id", "=", stage.id)])._sop_check_required(stage)

    # === ORM ===

    @api.model
    def _sop_kept(self):
        """What follows from facts: stage code, interest, and the stage a lead waits for."""
        return super()._sop_kept() | {"sop_code", "sop_interest", "sop_waiting_code", "sop_waiting_cause", "sop_last_call_at", "sop_wrong_number"}

    @api.model_create_multi
    def create(self, vals_list):
        """Name new leads, put them where they fit, add the tags that say facts and begin their history; see core for the contract."""
        leads = super().create([self._sop_named(vals) for vals in vals_list])
        leads._sop_fit_stages()
        leads._sop_complete_tags(vals_list)
        leads._sop_begin_journal()
        return leads

    def web_save(self, vals, specification, next_id=None):
        """What is saved on a screen was chosen by a person; see core for the contract."""
        records = super(CrmLead, send(self, sop_on_screen=True))
        return records.web_save(vals, specification, next_id=next_id)

    def _sop_fit_stages(self):
        """Put leads whose stage is foreign to their team where they fit, and say so in their chatter. Batch.

        Other apps, imports and scripts choose stages without knowing the process: no lead is lost for that.
        """
        foreign = self.filtered(lambda lead: lead.stage_id and not lead.stage_id._is_allowed_for(lead.team_id))
        for (team, stage), leads in foreign.grouped(lambda lead: (lead.team_id, lead.stage_id)).items():
            fitting = team._sop_default_mapping(team.sop_process).get(stage) if team else None
            fitting = fitting or leads._stage_find(team_id=team.id, domain=[("is_won", "=", stage.is_won)])
            ready = leads.filtered(lambda lead: not lead._sop_get_missing(fitting.sop_code))  # noqa: B023
            ready.stage_id = fitting
            (leads - ready).stage_id = leads._stage_find(team_id=team.id)
            for lead in leads:
                lead._message_log(
                    body=self.env._(
                        "%(wanted)s is not a stage of %(team)s: put in %(stage)s.",
                        wanted=stage.name,
                        team=team.name or self.env._("leads without a team"),
                        stage=lead.stage_id.name,
                    )
                )

    def write(self, vals):
        """Refuse moves by hand against a fact, and let follow from the values what the process says; see core for the contract.

        Steps of this model's other files are called here by name, because their order counts: a lead is where it fits
        before its tags are decided, and its move is flushed after both.
        """
        vals = self._sop_with_chosen_deadline(vals)
        process_before = self._sop_process_before(vals)
        if "stage_id" in vals:
            self._sop_check_hand_move(vals)
        if received(self.env, "sop_merging"):
            vals = self._sop_fit_merged_stage(vals)
        incomplete = self._sop_incomplete(vals)
        result = super().write(vals)
        if ("stage_id" in vals or "team_id" in vals) and not received(self.env, "sop_switching"):
            self._sop_fit_stages()
        incomplete._sop_profile_changed()
        self._sop_switch_tags(vals, process_before)
        self._sop_flush_move(vals)
        if "partner_id" in vals:
            self._sop_hand_over_interactions()
        return result

    def _sop_check_hand_move(self, vals):
        """Refuse moves by hand that would contradict a fact: lost leads, and won ones with a running order.

        :raise UserError: naming the lead and what to do instead
        """
        if received(self.env, "sop_cause"):
            return
        stage = written(self, vals, "stage_id")
        if stage.is_won:
            return
        for lead in self.filtered(lambda lead: lead.sop_code == "close" or not lead.active):
            if lead.sop_code and not lead.active and not vals.get("active") and lead.stage_id != stage:
                raise UserError(self.env._("“%(lead)s” is lost or archived. Restore it before moving it.", lead=lead.name))
            # sudo: an order the user may not see still stands
            order = lead.sop_code == "close" and stage.sop_code and lead.sudo().order_ids.filtered(lambda order: order.state == "sale")[:1]
            if order:
                raise UserError(
                    self.env._(
                        "“%(lead)s” is closed by order %(order)s. Cancel the order, and the lead goes back by itself.",
                        lead=lead.name,
                        order=order.name,
                    )
                )

    @api.model
    def _sop_stage_teams(self):
        """Teams whose stages the current screen shows as columns.

        A team named by the action wins. On one's own pipeline it is the user's teams, or the one core gives the leads of
        people without a team: what is made in a column must be allowed there. Other screens show every process team.
        """
        Team = self.env["crm.team"]
        team = Team.browse(self.env.context.get("default_team_id")).exists()
        if not team and self.env.context.get("show_user_team_stages"):
            team = self.env.user.crm_team_ids or Team._get_default_team_id()
        return team or Team.search([("sop_process", "=", True)])

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Columns: the stages in the result, and those of the teams on screen; core adds its shared ones only for teams without the process."""
        teams = self._sop_stage_teams()
        process = teams.filtered("sop_process")
        if not process:
            shown = super()._read_group_stage_ids(stages, domain)
            return shown.filtered(lambda stage: not stage.sop_process or stage in stages)
        # sudo: columns are the same for everyone, as in core
        visible = Domain("id", "in", stages.ids) | self.env["crm.stage"]._get_team_domain(teams)
        return stages.browse(stages.sudo()._search(visible, order=stages._order))

    def _stage_find(self, team_id=False, domain=None, order="sequence, id", limit=1):
        """Restrict core's search to stages the teams may be in; see core for the contract."""
        teams = self.env["crm.team"].browse(team_id or []) | self.team_id
        allowed = self.env["crm.stage"]._get_team_domain(teams)
        return super()._stage_find(team_id=team_id, domain=list(Domain(domain or Domain.TRUE) & allowed), order=order, limit=limit)

    # === MERGE ===

    def _merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True, max_length=5):
        """Let the merged lead land in a stage of its team; see core for the contract."""
        merging = send(self, sop_merging=True, sop_cause="merge", sop_keeping=True)
        merged = super(CrmLead, merging)._merge_opportunity(user_id=user_id, team_id=team_id, auto_unlink=auto_unlink, max_length=max_length)
        return merged.with_env(self.env)

    def _sop_fit_merged_stage(self, vals):
        """Core chooses the merged lead's stage without knowing the process: correct it."""
        team = written(self, vals, "team_id") if "team_id" in vals else self.team_id
        stage = written(self, vals, "stage_id") or self.stage_id
        if stage and len(team) < 2 and not stage._is_allowed_for(team):
            fitting = self._stage_find(team_id=team.id, domain=[("sop_process", "=", team.sop_process), ("is_won", "=", stage.is_won)])
            vals = {**vals, "stage_id": fitting.id}
        return vals

    def _merge_get_fields(self):
        return super()._merge_get_fields() + ["sop_interest", "sop_gender", "sop_birthdate", "sop_product_id"]

    # === AUTOMATIC MOVES ===

    def _sop_apply_fact(self, fact, source=None):
        """Record on leads that something happened; they move if the rules of their team say so (row V1).

        The only way a stage changes by itself. Batch, idempotent: a fact recorded twice moves
        once. Where required fields are empty the lead stays, remembers the stage it waits for and
        says so in its chatter; it follows when they are filled.

        :param str fact: a key of ``tools.moves.TARGETS``
        :param source: the record that is the fact, kept in the history
        """
        for (team, code), leads in self.grouped(lambda lead: (lead.team_id, lead.sop_code)).items():
            target = team.sop_process and next_code(code, fact, team._sop_enabled_facts())
            if target:
                leads._sop_move_to(target, fact, source)

    def _sop_move_to(self, code, cause, source=None):
        """Move leads to a stage because of a fact, or let them wait for their required fields."""
        ready = self.filtered(lambda lead: not lead._sop_get_missing(code))
        if ready:
            values = {"stage_id": self.env["crm.stage"]._get_by_code(code).id, "sop_waiting_code": False, "sop_waiting_cause": False}
            if code == "close":
                values["lost_reason_id"] = False
            ready._sop_with_cause(cause, source)._sop_keeping().write(values)
            if cause == "quotation_sent":
                ready.write({"sop_status": "convert.quoted"})
            elif cause == "order_cancelled":
                ready.write({"sop_status": "convert.cancelled"})
        for lead in self - ready:
            if lead.sop_waiting_code != code:
                lead._sop_keeping().write({"sop_waiting_code": code, "sop_waiting_cause": cause})
                lead._message_log(
                    body=self.env._(
                        "Waits to enter %(stage)s until these are filled in: %(fields)s.",
                        stage=self.env["crm.stage"]._get_by_code(code).name,
                        fields=", ".join(lead._sop_get_missing(code)),
                    )
                )

    def _sop_profile_fields(self):
        """Names of the fields that make this lead's profile complete: those its team requires for Evaluate."""
        self.ensure_one()
        required = self.env["sop.stage.requirement"]._get_required()
        return required.get((self.team_id.id, "evaluate"), PROFILE_FIELDS)

    def _sop_incomplete(self, vals):
        """Leads that a write of ``vals`` could complete: still collecting, or waiting for fields."""
        required = self.env["sop.stage.requirement"]._get_required().values()
        if {"partner_id", *PROFILE_FIELDS, *chain(*required)}.isdisjoint(vals) or not {"stage_id", "team_id"}.isdisjoint(vals):
            return self.browse()
        return self.filtered(
            lambda lead: lead.sop_waiting_code or (lead.sop_code == "collect" and not all(lead[name] for name in lead._sop_profile_fields()))
        )

    def _sop_profile_changed(self):
        """Move leads whose profile is complete now, and those whose required fields are there now."""
        for lead in self:
            if lead.sop_waiting_code:
                code = lead.sop_waiting_code
                if CODES.index(code) <= CODES.index(lead.sop_code or "close"):
                    lead._sop_keeping().write({"sop_waiting_code": False, "sop_waiting_cause": False})
                elif not lead._sop_get_missing(code):
                    lead._sop_move_to(code, lead.sop_waiting_cause)
            elif all(lead[name] for name in lead._sop_profile_fields()):
                lead._sop_apply_fact("profile_completed")

    def _sop_switch_stage(self, stage_id):
        """Move leads because their team joined or left the process; won stays won, lost stays lost.

        :param int stage_id: a stage the team may show
        """
        for active, leads in self.grouped("active").items():
            values = {"stage_id": stage_id, "sop_waiting_code": False, "sop_waiting_cause": False}
            if not active:  # a won stage would restore the lead
                stage = self.env["crm.stage"].browse(stage_id)
                if stage.is_won:
                    values["stage_id"] = leads._stage_find(domain=[("is_won", "=", False)]).id
            leads.write(values)
        self._compute_tag_ids()

    # === DEMO ===

    @api.model
    def _sop_load_demo(self):
        """Called by the demo data alone: three months of leads."""
        from ..demo import leads

        leads.load(self.env)
