from odoo import models


class SopChannelMessage(models.Model):
    """What a platform says of its free replies, each time it takes one."""

    _inherit = "sop.channel.message"

    def _after_sent(self, found):
        super()._after_sent(found)
        left = found.get("left") or ""
        if self.conversation_id and left.isdecimal() and len(left) < 7:
            self.conversation_id.write({"quota_left": int(left), "quota_at": self.env.cr.now()})
