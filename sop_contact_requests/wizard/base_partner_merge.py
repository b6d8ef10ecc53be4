from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging moves links in SQL, below every rule: sellers that become one are put in order behind it."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # Marks of mails that went out: two alike would stop the merge, and one is enough.
        self.env["sop.seller.notice"].sudo().search([("seller_id", "in", src_partners.ids)]).unlink()  # sudo: marks of our own
        super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        super()._update_values(src_partners, dst_partner)
        self.env.invalidate_all()
        dst_partner._sop_follow()
