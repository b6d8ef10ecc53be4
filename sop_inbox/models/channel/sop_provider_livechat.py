from odoo import models


class SopProviderLivechat(models.AbstractModel):
    """The site's own live chat: messages travel through Odoo itself, so nothing is sent or parsed."""

    _name = "sop.provider.livechat"
    _inherit = "sop.provider"
    _description = "Live chat of the site"

    def window(self, conversation):
        """Open until the visitor ends the session; then his e-mail or phone is what is left."""
        result = super().window(conversation)
        if conversation.channel_id.livechat_end_dt:
            result.update(
                open=False,
                reason=self.env._("The visitor has left this live chat; a reply would reach nobody."),
                alternative=self.env._("Call, or write an e-mail."),
            )
        return result
