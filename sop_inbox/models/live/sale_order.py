from odoo import models


class SaleOrder(models.Model):
    """Orders of a livestream: what one gives back goes to who waits for it."""

    _inherit = "sale.order"

    def write(self, vals):
        """A cancelled order gives its pieces back, one taken up again asks for them; see core for the contract."""
        result = super().write(vals)
        if "state" in vals:
            self._sop_live_claims()._on_order_state()
        return result

    def unlink(self):
        """What a livestream had sold in the orders goes to who waits for it; see core for the contract."""
        self._sop_live_claims()._withdraw()
        return super().unlink()

    def _sop_live_claims(self):
        """Return the livestream requests that went into these orders, as superuser."""
        # sudo: who confirms or cancels an order need not know of livestreams
        orders = self.sudo().filtered(lambda order: order.sop_conversation_id.kind == "comment")
        return orders.env["sop.live.claim"].search([("order_id", "in", orders.ids)]) if orders else orders.env["sop.live.claim"]
