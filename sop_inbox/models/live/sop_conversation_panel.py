from odoo import models


class SopConversationPanel(models.AbstractModel):
    """The panel shows whether a livestream runs below the post."""

    _inherit = "sop.conversation.panel"

    def _panel_post(self):
        post = super()._panel_post()
        return post and {**post, "live": self.conversation.post_id.sudo().is_live}  # sudo: see the post's words
