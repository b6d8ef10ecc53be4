from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .crm_stage import SOP_STAGES


class MissingFieldsError(ValidationError):
    """A lead cannot enter a stage yet; the screen gets the fields it lacks, so that it can ask for them.

    :param lead: the lead, one that is stored
    :param stage: the stage
    :param list names: of the fields it lacks that the user may write; where there are none the sentence has to do
    """

    def __init__(self, message, lead, stage, names):
        super().__init__(message)
        self.context = {"sop_missing": {"lead_id": lead.id, "stage_id": stage.id, "stage": stage.name, "fields": names}}


class SopStageRequirement(models.Model):
    """Fields that must be filled before a team's lead may enter a stage (row P9)."""

    _name = "sop.stage.requirement"
    _inherit = ["sop.cached.mixin", "sop.guard.mixin"]
    _description = "Required Fields of a Stage"
    _order = "team_id, sequence, id"
    _rec_name = "sop_code"

    team_id = fields.Many2one("crm.team", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    sop_code = fields.Selection(SOP_STAGES, string="Stage", required=True)
    field_ids = fields.Many2many(
        "ir.model.fields",
        string="Required Fields",
        required=True,
        domain="[('model', '=', 'crm.lead'), ('readonly', '=', False),"
        " ('name', 'not in', ('color', 'priority', 'stage_id', 'team_id', 'type', 'company_id')),"
        " ('ttype', 'in', ('char', 'text', 'html', 'selection', 'many2one', 'many2many', 'date', 'datetime', 'integer', 'float', 'monetary'))]",
    )

    _stage_unique = models.UniqueIndex("(team_id, sop_code)", "Each stage of a team is listed once: add the fields to its line.")

    @api.constrains("field_ids")
    def _check_field_ids(self):
        for requirement in self:
            wrong = requirement.field_ids.filtered(lambda field: field.model != "crm.lead")
            if wrong:
                raise ValidationError(self.env._("%(field)s is not a field of a lead.", field=wrong[0].display_name))

    # === ORM ===

    @api.model
    def _sop_links(self):
        """What a team requires binds its leads: the user who sets it needs the right to change the team."""
        return super()._sop_links() | {"team_id": "write", "field_ids": "read"}

    @api.model
    @tools.ormcache()
    def _get_required(self):
        """What all teams require, kept in memory because every write of a lead asks.

        :return: dict of (team id, stage code) -> tuple of field names
        """
        return {
            (requirement.team_id.id, requirement.sop_code): tuple(requirement.field_ids.mapped("name"))
            # sudo: people without access to the team's settings are bound by them all the same
            for requirement in self.sudo().search([])
        }
