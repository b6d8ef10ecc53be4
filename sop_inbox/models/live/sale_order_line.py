from odoo import models


class SaleOrderLine(models.Model):
    """A line a livestream sold that is taken out goes to who waits."""

    _inherit = "sale.order.line"

    def unlink(self):
        """A wish whose line a person takes out is dropped; one that lost its pieces lost the line with them."""
        claims = self.order_id._sop_live_claims().filtered(lambda claim: claim.order_line_id in self and claim.state == "won")
        result = super().unlink()
        claims._withdraw()
        return result
