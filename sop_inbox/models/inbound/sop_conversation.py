from odoo import fields, models


class SopConversation(models.Model):
    """The post a thread of comments stands below."""

    _inherit = "sop.conversation"

    post_id = fields.Many2one("sop.channel.post", "Post on the Platform", ondelete="set null", readonly=True, index="btree_not_null")

    def _panel_values(self):
        """The panel also shows the post."""
        return super()._panel_values() | {"post": self._panel_post()}

    def _panel_post(self):
        post = self.post_id.sudo()  # sudo: words and picture of a public post
        if not post:
            return False
        picture = f"/web/image/sop.channel.post/{post.id}/image_512" if post.image_512 else ""
        return {"id": post.id, "text": post.message or "", "url": post.url or "", "picture": picture}
