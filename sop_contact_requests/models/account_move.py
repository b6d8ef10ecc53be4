from odoo import models


class AccountMove(models.Model):
    """Every way an invoice becomes paid, unpaid or credited makes its packages look again."""

    _inherit = "account.move"

    def _sop_sync_packages(self):
        """Packages sold on these invoices and credit notes; see sale.order.line."""
        customer = self.filtered(lambda move: move.move_type in ("out_invoice", "out_refund"))
        # sudo: accountants and payers need no right on sale orders for this
        customer.sudo().invoice_line_ids.sale_line_ids._sop_sync_packages()

    def _invoice_paid_hook(self):
        """Called for paid invoices, again for in_payment -> paid, for zero ones and for refunds."""
        result = super()._invoice_paid_hook()
        self._sop_sync_packages()
        return result

    def _post(self, soft=True):
        """A credit note leaves a paid invoice 'paid': its posting is the fact that counts."""
        posted = super()._post(soft)
        posted.filtered(lambda move: move.move_type == "out_refund")._sop_sync_packages()
        return posted

    def button_draft(self):
        """Also the way of cancelling an entry."""
        result = super().button_draft()
        self._sop_sync_packages()
        return result

    def button_cancel(self):
        """A cancelled invoice pays for nothing."""
        result = super().button_cancel()
        self._sop_sync_packages()
        return result
