from odoo import api, fields, models


class CrmLead(models.Model):
    """What the rules have planned for a lead."""

    _inherit = "crm.lead"

    sop_next_action_ids = fields.One2many("sop.next.action", "lead_id", string="Planned Next Actions", readonly=True)

    @api.model
    def _sop_wake_next_actions(self):
        """Let the rules look at what happened now, not at the job's next time."""
        cron = self.env.ref("sop_pipeline.ir_cron_next_action", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()  # sudo: a salesperson may wake the job that everyone's rules share
