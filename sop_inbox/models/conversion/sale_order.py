from odoo import fields, models


class SaleOrder(models.Model):
    """What was sent to an advertising platform about an order."""

    _inherit = "sale.order"

    sop_conversion_event_ids = fields.One2many("sop.conversion.event", "order_id", groups="sop_inbox.sop_inbox_group_manager")

    def _sop_take_customer(self, partner):
        """The draft of a customer who is known now is a filled cart."""
        super()._sop_take_customer(partner)
        if self.state == "draft" and self.order_line:
            self.env["sop.conversion.event"]._record(self, "add_to_cart")

    def _sop_after_confirm(self):
        """A confirmed order of a conversation is a purchase, unless the company counts what was delivered."""
        orders = self.filtered(lambda order: order.state == "sale")
        later = orders.filtered(lambda order: order.company_id.sop_purchase_at == "delivery")
        self.env["sop.conversion.event"]._record(later, "add_to_cart")
        self.env["sop.conversion.event"]._record(orders - later, "add_to_cart", "purchase")
        super()._sop_after_confirm()

    def action_cancel(self):
        """Cancelling an order of a conversation also takes back events that were not sent yet."""
        result = super().action_cancel()
        cancelled = self.filtered(lambda order: order.state == "cancel" and order.sop_conversation_id)
        if cancelled:
            self.env["sop.conversion.event"]._take_back(cancelled)
        return result
