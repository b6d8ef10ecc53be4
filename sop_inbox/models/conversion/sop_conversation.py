from odoo import models


class SopConversation(models.Model):
    """What happens in a conversation and is a conversion: a lead."""

    _inherit = "sop.conversation"

    def action_create_lead(self):
        """The first lead of a conversation is reported to its platform, with the customer's consent."""
        lead_id = super().action_create_lead()
        self.env["sop.conversion.event"]._record_lead(self.sudo())  # sudo: users cannot write events
        return lead_id
