from odoo import models


class SopOrderForm(models.AbstractModel):
    """A filled cart is a conversion."""

    _inherit = "sop.order.form"

    def _order_extras(self, order, cleaned):
        super()._order_extras(order, cleaned)
        self.env["sop.conversion.event"]._record(order, "add_to_cart")

    def _after_lines(self, order):
        super()._after_lines(order)
        if order.order_line:
            self.env["sop.conversion.event"]._record(order, "add_to_cart")
