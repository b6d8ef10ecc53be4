from odoo import api, fields, models


class SopTeamAdoptLine(models.TransientModel):
    """One of the team's stages and where its leads go."""

    _name = "sop.team.adopt.line"
    _description = "Where the Leads of a Stage Go"
    _inherit = ["sop.guard.mixin"]

    wizard_id = fields.Many2one("sop.team.adopt", required=True, ondelete="cascade")
    from_stage_id = fields.Many2one("crm.stage", "From", required=True, readonly=True)
    to_stage_id = fields.Many2one("crm.stage", "To", domain="[('id', 'in', allowed_stage_ids)]")
    allowed_stage_ids = fields.Many2many("crm.stage", compute="_compute_allowed_stage_ids")
    lead_count = fields.Integer("Leads", compute="_compute_lead_count")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | dict.fromkeys(("wizard_id", "from_stage_id", "to_stage_id"), "read")

    @api.depends("wizard_id.team_id")
    def _compute_allowed_stage_ids(self):
        for line in self:
            team = line.wizard_id.team_id
            line.allowed_stage_ids = team._sop_get_stages(not team.sop_process) if team else False

    @api.depends("from_stage_id", "wizard_id.team_id")
    def _compute_lead_count(self):
        # sudo: leads the manager may not see move along, so they are counted
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        counts = dict(Lead._read_group([("team_id", "in", self.wizard_id.team_id.ids)], ["stage_id"], ["__count"]))
        for line in self:
            line.lead_count = counts.get(line.from_stage_id, 0)
