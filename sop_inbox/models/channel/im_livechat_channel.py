from odoo import fields, models

from .sop_channel_account import READERS


class ImLivechatChannel(models.Model):
    """A site's live chat is an account of the inbox, made at its first conversation."""

    _inherit = "im_livechat.channel"

    sop_account_ids = fields.One2many("sop.channel.account", "livechat_channel_id", "Inbox Account", groups=READERS)
