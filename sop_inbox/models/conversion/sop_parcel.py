from odoo import models


class SopParcel(models.Model):
    """A parcel that was delivered is a purchase, where the company reports purchases then."""

    _inherit = "sop.parcel"

    def _moved(self, before):
        super()._moved(before)
        order = self.order_id
        if self.state == "delivered" and order.sop_conversation_id and order.company_id.sop_purchase_at == "delivery":
            self.env["sop.conversion.event"]._record(order, "purchase")
