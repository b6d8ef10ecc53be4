from odoo import models


class SaleOrder(models.Model):
    """Orders of several currencies are never added up as if they were one."""

    _inherit = "sale.order"

    def _sop_sum(self, currency):
        """Return what these orders come to in ``currency``, each by the rate of its day."""
        return currency.round(
            sum(order.currency_id._convert(order.amount_total, currency, order.company_id, order.date_order.date()) for order in self)
        )

    def _sop_dong(self, amount):
        """Return an amount of this order in đồng, which is all that carriers and their cash know."""
        self.ensure_one()
        dong = self.env.ref("base.VND")
        return round(self.currency_id._convert(amount, dong, self.company_id, self.date_order.date()))
