from odoo import models


class SaleOrderLine(models.Model):
    """Tells goods from what makes them cheaper; a line a livestream sold that is taken out goes to who waits."""

    _inherit = "sale.order.line"

    def unlink(self):
        """A wish whose line a person takes out is dropped; one that lost its pieces lost the line with them."""
        claims = self.order_id._sop_live_claims().filtered(lambda claim: claim.order_line_id in self and claim.state == "won")
        result = super().unlink()
        claims._withdraw()
        return result

    def _sop_is_discount(self):
        """Rewards and discounts: lines that take something off or give something away."""
        self.ensure_one()
        product = self.order_id.company_id.sudo().sale_discount_product_id  # sudo: which product it is, nothing else
        return bool(self.is_reward_line or product and self.product_id == product)
