from odoo import models

#: state an order enters -> the interaction it is
INTERACTIONS = {"sent": "quotation", "sale": "order"}


class SaleOrder(models.Model):
    """Quotations and orders are interactions; a cancelled order is none any more."""

    _inherit = "sale.order"

    def _sop_record_interactions(self):
        """Record the orders as interactions, and void those of cancelled ones."""
        Interaction = self.env["sop.interaction"]
        Interaction._sop_record_batch([order._sop_interaction_row() for order in self if order.state in INTERACTIONS])
        Interaction._sop_void(self.filtered(lambda order: order.state == "cancel"))

    def _sop_interaction_row(self):
        """The order as ``sop.interaction._sop_record_batch`` takes it."""
        self.ensure_one()
        return {
            "code": INTERACTIONS[self.state],
            "partner_id": self.partner_id.id,
            "lead_id": self.opportunity_id.id or None,
            "res_model": self._name,
            "res_id": self.id,
            "at": self.date_order if self.state == "sale" else None,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id or None,
            "note": self.name,
        }
