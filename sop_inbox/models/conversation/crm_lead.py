from odoo import fields, models

from ..channel.sop_channel_account import READERS


class CrmLead(models.Model):
    """A lead knows the conversations it came from."""

    _inherit = "crm.lead"

    sop_conversation_ids = fields.One2many("sop.conversation", "lead_id", "Conversations", groups=READERS)

    def _merge_dependences(self, opportunities):
        """Conversations follow their lead when it is merged away."""
        # sudo: merging leads moves conversations the user may not read
        opportunities.sudo().sop_conversation_ids.lead_id = self
        return super()._merge_dependences(opportunities)
