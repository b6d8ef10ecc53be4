from odoo import models


class SaleOrderLine(models.Model):
    """A line a livestream sold that is taken out goes to who waits."""

    _inherit = "sale.order.line"

    def unlink(self):
        """A request whose line an agent removes is dropped; one that lost its quantity lost the line with it."""
        claims = self.order_id._sop_live_claims().filtered(lambda claim: claim.order_line_id in self and claim.state == "won")
        result = super().unlink()
        claims._withdraw()
        return result
