from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merged customer has the interactions and orders of both: phase and tags follow from all of them. Proofs are kept as they are."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        super()._update_values(src_partners, dst_partner._sop_keeping())

    def _log_merge_operation(self, src_partners, dst_partner):
        super()._log_merge_operation(src_partners, dst_partner)
        self.env.invalidate_all()
        dst_partner._sop_recompute_phase()
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)  # sudo: also leads of colleagues
        leads.search([("partner_id", "=", dst_partner.id)])._compute_tag_ids()
