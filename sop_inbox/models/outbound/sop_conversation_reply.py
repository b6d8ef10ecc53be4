from odoo import models

from odoo.addons.sop_pipeline.tools.signals import send


class SopConversationReply(models.AbstractModel):
    """Cards as the platform has them."""

    _inherit = "sop.conversation.reply"

    def action_send_product(self, product_id):
        """A product's card goes in the platform's own form where it has one."""
        return super(SopConversationReply, send(self, sop_card=product_id)).action_send_product(product_id)
