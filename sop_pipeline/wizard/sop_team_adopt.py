from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.signals import send


class SopTeamAdopt(models.TransientModel):
    """Puts a team on the five-stage process, or takes it off: which stage goes where, and how many leads (row P8)."""

    _name = "sop.team.adopt"
    _description = "Run or Leave the Five Stages"
    _inherit = ["sop.guard.mixin"]

    team_id = fields.Many2one("crm.team", required=True, readonly=True)
    leaving = fields.Boolean(compute="_compute_leaving", store=True)
    lead_count = fields.Integer("Leads to Move", compute="_compute_lead_count")
    return_count = fields.Integer("Leads to Return", compute="_compute_return_count")
    as_it_was = fields.Boolean(
        "As it was",
        default=True,
        help="Leads that have not moved since go back to the very stage each came from; the others go as shown.",
    )
    line_ids = fields.One2many("sop.team.adopt.line", "wizard_id", compute="_compute_line_ids", store=True, readonly=False)

    @api.depends("team_id")
    def _compute_leaving(self):
        """What the wizard was opened for; kept, so that a colleague's switch meanwhile is noticed."""
        for wizard in self:
            wizard.leaving = wizard.team_id.sop_process

    @api.depends("line_ids.lead_count")
    def _compute_lead_count(self):
        for wizard in self:
            wizard.lead_count = sum(wizard.line_ids.mapped("lead_count"))

    @api.depends("team_id")
    def _compute_return_count(self):
        for wizard in self:
            former = wizard.team_id._sop_former_stages(not wizard.leaving) if wizard.team_id else {}
            wizard.return_count = sum(map(len, former.values()))

    @api.depends("team_id")
    def _compute_line_ids(self):
        for wizard in self:
            mapping = wizard.team_id._sop_default_mapping(not wizard.leaving) if wizard.team_id else {}
            wizard.line_ids = [Command.clear()] + [
                Command.create({"from_stage_id": stage.id, "to_stage_id": target.id}) for stage, target in mapping.items()
            ]

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"team_id": "write"}

    def action_apply(self):
        """Switch the team and move its leads, all or nothing.

        :return: action that closes the dialog and shows how many leads moved
        :raise UserError: when a stage has no target, or somebody switched the team meanwhile
        """
        self.ensure_one()
        self.check_access("write")
        self.team_id.check_access("write")
        if self.leaving != self.team_id.sop_process:
            raise UserError(self.env._("Somebody has switched this team in the meantime. Open the wizard again."))
        incomplete = self.line_ids.filtered(lambda line: not line.to_stage_id)
        if incomplete:
            raise UserError(self.env._("Choose where the leads of %(stage)s go.", stage=incomplete[0].from_stage_id.name))
        mapping = {line.from_stage_id.id: line.to_stage_id.id for line in self.line_ids}
        moved = self.lead_count
        send(self.team_id, sop_mapping=mapping, sop_as_it_was=self.as_it_was).sop_process = not self.leaving
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s leads moved.", count=moved),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
