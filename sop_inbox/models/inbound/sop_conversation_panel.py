from odoo import models


class SopConversationPanel(models.AbstractModel):
    """The panel also shows the post a thread of comments stands below."""

    _inherit = "sop.conversation.panel"

    def _panel_values(self):
        """The panel also shows the post, and what brought the customer, each time."""
        touches = self.conversation.sudo().ad_touch_ids[:10]  # sudo: of a conversation the reader sees
        shown = [{"id": touch.id, "at": self._moment(touch.at), "name": touch.title or touch.ref or touch.ad_ref} for touch in touches]
        return super()._panel_values() | {"post": self._panel_post(), "touches": shown}

    def _panel_post(self):
        post = self.conversation.post_id.sudo()  # sudo: words and picture of a public post
        if not post:
            return False
        picture = f"/web/image/sop.channel.post/{post.id}/image_512" if post.image_512 else ""
        return {"id": post.id, "text": post.message or "", "url": post.url or "", "picture": picture}
