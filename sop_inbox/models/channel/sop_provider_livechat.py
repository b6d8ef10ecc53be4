from odoo import models


class SopProviderLivechat(models.AbstractModel):
    """The site's own live chat: messages travel through Odoo itself, so nothing is sent or parsed."""

    _name = "sop.provider.livechat"
    _inherit = "sop.provider"
    _description = "Live chat of the site"

    _is_remote = False
    _uses = frozenset()
    _reactions = None
    _icons = {"message": "fa-globe", "livechat": "fa-globe", "comment": "fa-comments", "color": "#7c3aed"}

    def label(self):
        """Its name in the user's language: no brand."""
        return self.env._("Live chat")

    def window(self, conversation):
        """Open until the visitor ends the session; then their e-mail or phone is what is left."""
        result = super().window(conversation)
        if conversation.channel_id.livechat_end_dt:
            result.update(
                open=False,
                reason=self.env._("The visitor has left this live chat; a reply would not reach them."),
                alternative=self.env._("Call, or write an e-mail."),
            )
        return result
