from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merged customer has the orders of both, and one address."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """A contact is in the list of old addresses once: two rows would stop the merge; see core for the contract."""
        self.env["sop.old.address"].sudo().search([("partner_id", "in", src_partners.ids)]).unlink()  # sudo: rows of our own
        super()._update_foreign_keys(src_partners, dst_partner)
        self.env["sale.order"]._sop_weigh(dst_partner)
