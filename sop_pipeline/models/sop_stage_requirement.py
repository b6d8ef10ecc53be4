from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_stage import SOP_STAGES


class SopStageRequirement(models.Model):
    """Fields that must be filled before a team's lead may enter a stage (row P9)."""

    _name = "sop.stage.requirement"
    _description = "Required Fields of a Stage"
    _order = "team_id, sequence, id"
    _rec_name = "sop_code"

    team_id = fields.Many2one("crm.team", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    sop_code = fields.Selection(SOP_STAGES, string="Stage", required=True)
    field_ids = fields.Many2many(
        "ir.model.fields", string="Required Fields", required=True,
        domain="[('model', '=', 'crm.lead'), ('ttype', 'not in', ('one2many', 'boolean', 'reference', 'many2one_reference', 'properties', 'properties_definition')),"
               " ('readonly', '=', False)]",
    )

    _stage_unique = models.UniqueIndex("(team_id, sop_code)", "Each stage of a team is listed once: add the fields to its line.")

    @api.constrains("field_ids")
    def _check_field_ids(self):
        for requirement in self:
            # sudo: sales managers set requirements but may not read the catalogue of fields
            wrong = requirement.sudo().field_ids.filtered(lambda field: field.model != "crm.lead")
            if wrong:
                raise ValidationError(self.env._("%(field)s is not a field of a lead.", field=wrong[0].display_name))
