from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import email_normalize, html2plaintext, plaintext2html

from odoo.addons.sop_pipeline.tools.phone import find_phones
from odoo.addons.sop_pipeline.tools.signals import received, send

TRIES = 3  # times a question is asked before the script goes on without its answer


class ChatbotScriptStep(models.Model):
    """Steps that also do something with the conversation, and questions that look at their answers: on every channel alike."""

    _name = "chatbot.script.step"
    _inherit = ["chatbot.script.step", "sop.guard.mixin"]

    sop_tag_ids = fields.Many2many(
        "crm.tag",
        "sop_chatbot_step_tag_rel",
        "step_id",
        "tag_id",
        string="Tag",
        help="The conversation gets these tags when the script comes here.",
    )
    sop_team_id = fields.Many2one("crm.team", "Give to the Team", ondelete="set null", index="btree_not_null")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"sop_tag_ids": "read", "sop_team_id": "read"}

    def _process_answer(self, discuss_channel, message_body):
        """An answer that holds no number or address is asked for again, and after that done without; see core for the contract."""
        by_mail = self.step_type == "question_email" and discuss_channel.channel_type == "sop_inbox"  # the site's live chat looks at it itself
        if (by_mail or self.step_type == "question_phone") and not self._sop_understands(message_body):
            if len(self._sop_asked(discuss_channel)) < TRIES:
                return send(self, sop_ask_again=True)
            if by_mail:  # core would stop here
                return self._fetch_next_step(discuss_channel.sudo().chatbot_message_ids.user_script_answer_id)  # sudo: the customer's own answers
        if by_mail:
            message_body = plaintext2html(self._sop_address_in(message_body))
        return super()._process_answer(discuss_channel, message_body)

    def _sop_understands(self, body):
        """Whether these words answer this step; a step that asks for no number and no address takes any."""
        if self.step_type == "question_email":
            return bool(self._sop_address_in(body))
        return self.step_type != "question_phone" or self._sop_has_phone(body)

    @api.model
    def _sop_address_in(self, body):
        """Return the first e-mail address among these words, "" without one."""
        words = (word.strip(".,;:!?()") for word in html2plaintext(body or "").split() if "@" in word)
        return next(filter(None, map(email_normalize, words)), "")

    @api.model
    def _sop_has_phone(self, body):
        """Whether an answer holds a number of Vietnam, or is one of another country, written with its code."""
        text = html2plaintext(body or "").strip()
        return bool(find_phones(text) or (text.startswith("+") and self.env["res.partner"]._phone_format(number=text)))

    def _sop_asked(self, discuss_channel):
        """Return what the script has said of this step in a chat, as ``chatbot.message``."""
        bot = self.chatbot_script_id.operator_partner_id
        # sudo: a visitor's own chat
        return discuss_channel.sudo().chatbot_message_ids.filtered(lambda one: one.script_step_id == self and one.mail_message_id.author_id == bot)

    def _process_step(self, discuss_channel):
        """Tags and team come before what is said, so that who takes over is of the team; see core for the contract."""
        if received(self.env, "sop_ask_again"):
            return discuss_channel._chatbot_post_message(self.chatbot_script_id, plaintext2html(self._sop_again()))
        conversation = discuss_channel._sop_conversation()
        self._sop_act(conversation)
        if conversation and discuss_channel.channel_type == "sop_inbox" and self.step_type == "question_selection":
            return discuss_channel._chatbot_post_message(self.chatbot_script_id, self._sop_question())
        return super()._process_step(discuss_channel)

    def _sop_again(self):
        if self.step_type == "question_phone":
            return self.env._("That does not look like a phone number. Please send it again, for example 0901 234 567.")
        if self.step_type == "question_email":
            return self.env._("That does not look like an e-mail address. Please send it again, for example an@example.com.")
        return self.env._("Please answer with one of the choices above, or its number.")

    def _sop_question(self):
        """Return a question with its numbered choices: where there are no buttons, the number is the answer."""
        lines = [f"{number}. {answer.name}" for number, answer in enumerate(self.answer_ids.sorted(), 1)]
        return (self.message or "") + plaintext2html("\n".join(lines))

    def _sop_act(self, conversation):
        """Tag the conversation and give it to the step's team. Batch over steps."""
        if not conversation:
            return
        tags = self.sop_tag_ids - conversation.tag_ids
        team = self.sop_team_id.filtered(lambda team: team.company_id <= conversation.company_id)[-1:]
        values = {"tag_ids": [Command.link(tag.id) for tag in tags]} if tags else {}
        if team and team != conversation.team_id:
            values["team_id"] = team.id
        if values:
            conversation.write(values)

    def _process_step_create_lead(self, discuss_channel):
        """The conversation's lead, one whatever the channel; see core for the contract."""
        conversation = discuss_channel._sop_conversation()
        if not conversation or conversation.lead_id:
            return conversation.lead_id or super()._process_step_create_lead(discuss_channel)
        if discuss_channel.channel_type == "sop_inbox":
            return self.env["crm.lead"].browse(conversation.action_create_lead())
        conversation.lead_id = lead = super()._process_step_create_lead(discuss_channel)
        return lead
