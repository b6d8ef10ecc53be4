from odoo import models


class SopConversationPanel(models.AbstractModel):
    """The panel also shows what brought the customer, where the conversation goes on, and what waits to be sent."""

    _inherit = "sop.conversation.panel"

    def _panel_values(self):
        conversation, related = self.conversation, self.conversation.related_conversation_id
        return super()._panel_values() | {
            "referral": " ".join(filter(None, [conversation.referral_source, conversation.referral_ref])),
            "can_ask_info": conversation._sending._can_ask_info(),
            "twin": {"id": related.id, "kind": related.kind} if related else False,
            "scheduled": self.env["sop.conversation.later"].browse(self.id).get_scheduled() if conversation.has_scheduled else [],
        }
