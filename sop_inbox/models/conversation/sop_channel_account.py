from odoo import fields, models


class SopChannelAccount(models.Model):
    """The conversations of a page or official account."""

    _inherit = "sop.channel.account"

    conversation_ids = fields.One2many("sop.conversation", "account_id")
    chatbot_rule_ids = fields.One2many("im_livechat.channel.rule", "sop_account_id", "Scripts")
