from odoo import api, models


class PaymentTransaction(models.Model):
    """Online payments: done without an invoice starts a package; refund or chargeback ends it."""

    _inherit = "payment.transaction"

    @api.constrains("sale_order_ids")
    def _check_sop_account(self):
        """No way of paying leads past the account that gets the package."""
        self.sale_order_ids._sop_check_account()

    def _sop_answer(self):
        """A package starts with the money; in a rush the books come later."""
        result = super()._sop_answer()
        self._sop_sync_packages()
        return result

    def _post_process(self):
        """Runs once per state at least, sometimes more: the facts decide, not the call."""
        result = super()._post_process()
        self._sop_sync_packages()
        return result

    def _sop_sync_packages(self):
        """Packages on the orders of these transactions, or of those they refund."""
        for tx in self:
            orders = tx.sale_order_ids | tx.source_transaction_id.sale_order_ids
            paid_at = tx.last_state_change if tx.state == "done" and tx.operation != "refund" else None
            orders.order_line._sop_sync_packages(paid_at)
