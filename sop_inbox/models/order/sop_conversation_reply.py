from odoo import models


class SopConversationReply(models.AbstractModel):
    """The order form knows which product a card was of."""

    _inherit = "sop.conversation.reply"

    def action_send_product(self, product_id):
        """A product's card also notes for the order form which product it was.

        :return: id of the message
        """
        message_id = super().action_send_product(product_id)
        # sudo: users cannot edit messages; the card was posted a moment ago by this very call
        self.env["mail.message"].sudo().browse(message_id).sop_payload = {"type": "product", "product_id": product_id}
        return message_id
