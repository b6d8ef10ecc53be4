from odoo import models


class MailMessage(models.Model):
    """A colleague's reaction to a message between us and a customer is shown to the customer too."""

    _inherit = "mail.message"

    def _message_reaction(self, content, action, partner, guest, store=None):
        """Hand a colleague's reaction on to the platform; see core for the contract.

        :raise UserError: when the customer cannot be shown it: then it is not shown here either
        """
        result = super()._message_reaction(content, action, partner, guest, store)
        if partner and self.model == "discuss.channel" and self.sop_side:
            # sudo: a user who may react may know that the chat is a conversation of the inbox
            conversation = self.env["discuss.channel"].sudo().browse(self.res_id).sop_conversation_id
            if conversation:
                conversation._sending._message_reacted(self, action)
        return result
