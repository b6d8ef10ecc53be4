from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merged customer has the interactions of both: the phase follows from all of them. Proofs are kept as they are."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        super()._update_values(src_partners, dst_partner._sop_keeping())

    def _log_merge_operation(self, src_partners, dst_partner):
        super()._log_merge_operation(src_partners, dst_partner)
        self.env.invalidate_all()
        dst_partner._sop_recompute_phase()
