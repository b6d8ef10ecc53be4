from odoo import fields, models


class SopConversation(models.Model):
    """The post a thread of comments stands below."""

    _inherit = "sop.conversation"

    post_id = fields.Many2one("sop.channel.post", "Post on the Platform", ondelete="set null", readonly=True, index="btree_not_null")
    ad_touch_ids = fields.One2many("sop.ad.touch", "conversation_id", "Ad Touches")

    def _note_referral(self, referral, at):
        """Each time is kept, not only the first."""
        self.env["sop.ad.touch"]._record(self, referral, at)
        return super()._note_referral(referral, at)
