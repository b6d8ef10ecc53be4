from odoo import models


class SaleOrderLine(models.Model):
    """Distinguishes goods from what makes them cheaper."""

    _inherit = "sale.order.line"

    def _sop_is_discount(self):
        """Rewards and discounts: lines that take something off or give something away."""
        self.ensure_one()
        product = self.order_id.company_id.sudo().sale_discount_product_id  # sudo: which product it is, nothing else
        return bool(self.is_reward_line or product and self.product_id == product)
