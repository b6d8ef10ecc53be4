from odoo import fields, models


class ResPartner(models.Model):
    """A customer and his conversations on every channel."""

    _inherit = "res.partner"

    sop_conversation_ids = fields.One2many("sop.conversation", "partner_id", "Conversations")
    sop_identity_ids = fields.One2many("sop.identity", "partner_id", "Known on Channels as")
