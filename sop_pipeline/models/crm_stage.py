from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.moves import CODES

SOP_STAGES = [
    ("collect", "Collect"),
    ("evaluate", "Evaluate"),
    ("contact", "Contact"),
    ("convert", "Convert"),
    ("close", "Close"),
]
assert tuple(code for code, _label in SOP_STAGES) == CODES


class CrmStage(models.Model):
    """Stages of the five-stage process carry a code; every other stage has none.

    Who sees which stage follows from one rule, :meth:`_get_team_domain`: a team that runs
    the process sees exactly the stages with a code, every other team the ones without.
    """

    _inherit = "crm.stage"

    sop_code = fields.Selection(
        SOP_STAGES,
        string="Process Stage",
        readonly=True,
        copy=False,
        help="The stage's place in the five-stage process. Rules and reports go by it, never by the name.",
    )
    sop_process = fields.Boolean(compute="_compute_sop_process", store=True, export_string_translation=False)

    _sop_code_unique = models.UniqueIndex("(sop_code) WHERE sop_code IS NOT NULL", "The process has each stage once.")

    @api.depends("sop_code")
    def _compute_sop_process(self):
        for stage in self:
            stage.sop_process = bool(stage.sop_code)

    @api.model
    def _get_team_domain(self, teams):
        """Domain of the stages that leads of some teams may be in.

        :param teams: ``crm.team`` records; none means leads without a team
        :return: Domain on ``crm.stage``
        """
        plain = teams.filtered(lambda team: not team.sop_process)
        domain = Domain.FALSE
        if teams - plain:
            domain |= Domain("sop_process", "=", True)
        if plain or not teams:
            shared = Domain("team_ids", "=", False) | Domain("team_ids", "in", plain.ids)
            domain |= Domain("sop_process", "=", False) & shared
        return domain

    @api.model
    def _get_by_code(self, code):
        """The process stage with this code (empty when an administrator removed the data)."""
        return self.search([("sop_code", "=", code)], limit=1)

    def _is_allowed_for(self, team):
        """Whether a lead of ``team`` may be in this stage: both in the process, or neither."""
        self.ensure_one()
        return self.sop_process == team.sop_process

    def write(self, vals):
        """Keep the process winnable by its last stage alone; see core for the contract.

        :raise UserError: when a stage of the process would win or no longer win
        """
        if "is_won" in vals and any(stage.sop_code and stage.is_won != bool(vals["is_won"]) for stage in self):
            raise UserError(self.env._("Which stage of the process wins a lead is fixed: Close, and no other."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_process(self):
        """The process is five stages or none: a missing one would leave its teams without a ladder."""
        if self.filtered("sop_code"):
            raise UserError(self.env._("The five stages of the process cannot be deleted. Let each team leave the process instead."))
