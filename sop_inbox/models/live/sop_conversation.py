from odoo import models


class SopConversation(models.Model):
    """The panel shows whether a livestream runs below the post."""

    _inherit = "sop.conversation"

    def _panel_post(self):
        post = super()._panel_post()
        return post and {**post, "live": self.post_id.sudo().is_live}  # sudo: see the post's words
