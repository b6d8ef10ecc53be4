from odoo import fields, models


class SopStageMove(models.Model):
    """When leads were merged: up to then each of them was a lead of its own (row P13)."""

    _inherit = "sop.stage.move"

    merged_at = fields.Datetime("Merged on", readonly=True)
