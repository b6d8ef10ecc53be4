from odoo import models


class SopConversationPanel(models.AbstractModel):
    """The panel also shows what brought the customer, and where the conversation goes on."""

    _inherit = "sop.conversation.panel"

    def _panel_values(self):
        """The panel also shows what brought the customer and where the talk goes on."""
        conversation, related = self.conversation, self.conversation.related_conversation_id
        return super()._panel_values() | {
            "referral": " ".join(filter(None, [conversation.referral_source, conversation.referral_ref])),
            "can_ask_info": conversation._sending._can_ask_info(),
            "twin": {"id": related.id, "kind": related.kind} if related else False,
        }
