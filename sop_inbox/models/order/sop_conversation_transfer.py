from odoo import api, fields, models


@api.depends("order_ids.sop_awaits_transfer")
def compute_awaits_transfer(conversations):
    """Whether an order of the chat waits for money."""
    for conversation in conversations:
        conversation.awaits_transfer = any(conversation.order_ids.mapped("sop_awaits_transfer"))


class SopConversation(models.Model):
    """Conversations whose customer has a transfer to make."""

    _inherit = "sop.conversation"

    awaits_transfer = fields.Boolean("Waits for a Transfer", compute=compute_awaits_transfer, store=True, compute_sudo=True)

    _transfer_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE awaits_transfer IS TRUE")
