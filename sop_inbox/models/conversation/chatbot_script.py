from odoo import models


class ChatbotScript(models.Model):
    """A script that is tried by a person of ours says what it says to customers."""

    _inherit = "chatbot.script"

    def _post_welcome_steps(self, discuss_channel):
        """What a script says is the bot's, whoever opened the chat; see core for the contract."""
        # sudo: as core has it for all later steps; a person's own message in a chat with a customer names no other author
        return super()._post_welcome_steps(discuss_channel.sudo()).with_env(discuss_channel.env)
