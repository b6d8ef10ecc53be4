from odoo import fields, models
from odoo.tools import SQL


class CrmLead(models.Model):
    """Interactions of a lead: they become the customer's as soon as the lead has one."""

    _inherit = "crm.lead"

    sop_interaction_ids = fields.One2many("sop.interaction", "lead_id", string="Interactions", readonly=True)

    def _sop_hand_over_interactions(self):
        """Leads that got a customer hand their interactions over. Step of ``write``."""
        for partner, leads in self.filtered("partner_id").grouped("partner_id").items():
            leads._sop_transfer_interactions(partner.id)

    def _sop_transfer_interactions(self, partner_id):
        """Give a customer what was recorded before anybody knew who they are."""
        self.env["sop.interaction"].flush_model()
        handed = self.env.execute_query(
            SQL("UPDATE sop_interaction SET partner_id = %s WHERE lead_id = ANY(%s) AND partner_id IS NULL RETURNING id", partner_id, self.ids)
        )
        if handed:
            self.env["sop.interaction"].browse(row_id for (row_id,) in handed).invalidate_recordset(["partner_id"], flush=False)
            self.env["res.partner"].browse(partner_id)._sop_recompute_phase()

    def _sop_record_call(self, call):
        """A rated call is an interaction, also one that belongs to no lead."""
        self.env["sop.interaction"]._sop_record("call", partner=self.partner_id or call.partner_id, lead=self, source=call, at=call.started_at)
