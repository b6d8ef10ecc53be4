from odoo import models


class AccountPartialReconcile(models.Model):
    """Un-reconciling a payment takes the package with it (row C16)."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        """The invoices on both sides look again once they are no longer reconciled."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        result = super().unlink()
        moves.exists()._sop_sync_packages()
        return result
