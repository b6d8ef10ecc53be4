from odoo import fields, models


class ResPartner(models.Model):
    """A customer and their conversations on every channel; a person of ours."""

    _inherit = "res.partner"

    sop_conversation_ids = fields.One2many("sop.conversation", "partner_id", "Conversations")
    sop_identity_ids = fields.One2many("sop.identity", "partner_id", "Known on Channels as")

    def _sop_is_staff(self):
        """Whether this is a person of ours, also one who has left: an archived user was staff when they wrote."""
        users = self.with_context(active_test=False).user_ids
        return any(not user.share for user in users)
