from odoo import models


class SopParcel(models.Model):
    """A parcel that was delivered is a purchase, where the company reports purchases then; and its customer is asked how it was."""

    _inherit = "sop.parcel"

    def _moved(self, before):
        super()._moved(before)
        order, conversation = self.order_id, self.conversation_id
        if self.state != "delivered" or not conversation:
            return
        if order.company_id.sop_purchase_at == "delivery":
            self.env["sop.conversion.event"]._record(order, "purchase")
        if thread := conversation._personal_thread():
            thread._ask_after_delivery()
