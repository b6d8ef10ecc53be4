import logging

from odoo import api, fields, models
from odoo.tools import html2plaintext, plaintext2html

from odoo.addons.sop_pipeline.tools.signals import send
from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS

from ...tools.words import fold, has_word
from .chatbot_script_step import TRIES

_logger = logging.getLogger(__name__)

REST_HOURS = 8  # between two runs of a script in one conversation
LATE_HOURS = 1  # what comes later than this is no talk any more: a person answers
TALK_HOURS = 1  # a person who replied so lately is still there, whatever the working hours
WAIT_MINUTES = 15  # a question of a script without answer: people take over
STEPS = 50  # said in a row at most, should a script go in circles


class SopConversationBot(models.AbstractModel):
    """Live chat's scripts in a conversation on a page or an official account.

    The site's live chat is driven by the visitor's browser; here what the customer writes drives the script. Steps, answers
    and what they lead to are core's; everything said goes through the outbox, where window and limits apply.
    """

    _name = "sop.conversation.bot"
    _inherit = "sop.conversation.part.mixin"
    _description = "Script in a Conversation"

    def _is_running(self):
        """Whether a script waits for this customer's answer, and not for too long."""
        conversation = self.conversation
        if conversation.provider == "livechat" or not conversation.channel_id.sudo().chatbot_current_step_id:  # sudo: only whether
            return False
        return conversation.last_message_at > fields.Datetime.subtract(fields.Datetime.now(), minutes=WAIT_MINUTES)

    @api.model
    def _without(self, conversations):
        """Return those in which no script is just asking the customer something."""
        return conversations.filtered(lambda conversation: not self.browse(conversation.id)._is_running())

    def _stop(self):
        """A person answers: the script is over."""
        channel = self.conversation.channel_id.sudo()  # sudo: staff may not write chats
        if channel.chatbot_current_step_id:
            channel.chatbot_current_step_id = False

    def _on_inbound(self, message):
        """The customer wrote: go on with the script, or begin one. What breaks in a script never costs the message."""
        conversation = self.conversation
        if conversation.kind != "message" or conversation.provider == "livechat" or conversation.state == "spam":
            return
        try:
            with self.env.cr.savepoint():
                self._take(message)
        except CONFLICTS:
            raise
        except Exception:  # pylint: disable=broad-except
            _logger.exception("the script of conversation %s broke", self.id)
            self._stop()

    def _take(self, message):
        step = self._channel().chatbot_current_step_id
        if not step and not self.env["im_livechat.channel.rule"]._sop_ids_of(self.conversation.account_id.id):
            return
        late = message.date < fields.Datetime.subtract(fields.Datetime.now(), hours=LATE_HOURS)
        if late or not self.conversation._get_window()["open"] or (step and not step.chatbot_script_id.active):
            self._stop()
        elif step:
            self._answer(step, message)
        elif script := self._script_to_begin(message):
            self._channel().chatbot_message_ids.unlink()  # answers of an earlier run decide nothing, as core's own restart has it
            self._go(script.script_step_ids[:1])

    def _channel(self):
        # sudo: the customer drives the script and may write nothing
        return self.conversation.channel_id.sudo().with_context(lang=self._language())

    def _language(self):
        return self.conversation.company_id.partner_id.lang or self.env.lang

    # === BEGIN ===

    def _script_to_begin(self, message):
        """Return the script this message begins: at the start of a talk, or whenever no agent works and none has just answered."""
        conversation, rules = self.conversation, self.env["im_livechat.channel.rule"]
        rule = rules._sop_match(conversation.account_id, self._has_people)
        ran_at = max(self._channel().chatbot_message_ids.mapped("create_date"), default=None)
        if not rule or ran_at and ran_at > fields.Datetime.subtract(fields.Datetime.now(), hours=REST_HOURS):
            return rule.chatbot_script_id.browse()
        begins = conversation.opened_at == message.date
        replied = conversation.last_outbound_at
        talking = replied and replied > fields.Datetime.subtract(fields.Datetime.now(), hours=TALK_HOURS)
        closed = rule.chatbot_enabled_condition == "sop_closed"
        return rule.chatbot_script_id if (begins or closed) and not talking else rule.chatbot_script_id.browse()

    def _has_people(self):
        """Whether a person who answers this conversation's customers is on duty."""
        conversation = self.conversation
        users = conversation.team_id.crm_team_member_ids.user_id if conversation.team_id else None
        domain = [("on_duty", "=", True), *([("user_id", "in", users.ids)] if users is not None else [])]
        duties = self.env["sop.duty"].sudo().search(domain)  # sudo: only whether
        return any(duty.user_id._sop_can_work(conversation.company_id) for duty in duties)

    # === GO ON ===

    def _answer(self, step, message):
        """The customer answered a step."""
        step = step.with_context(lang=self._language())
        channel, said, chooses = self._channel(), message.body or "", step.step_type == "question_selection"
        answer = self._chosen(step, html2plaintext(said)) if chooses else step.answer_ids.browse()
        if not (answer if chooses else step._sop_understands(said)):
            asked = step._sop_asked(channel).mail_message_id.mapped("date")
            if asked and message.date < max(asked):
                return  # written before the question was there: one of several messages in a row, a button pressed twice
            if chooses:
                self._ask_again(step)
                return
        if answer:
            self._note_answer(step, answer)
        self._go(step._process_answer(channel, said))

    @api.model
    def _chosen(self, step, said):
        """Return the choice these words name: by its number, its name, or as the only one whose name stands in them."""
        answers, plain = step.answer_ids.sorted(), fold(said).strip(" .,!)\n")
        if plain.isascii() and plain.isdigit() and len(plain) < 4:
            return answers[int(plain) - 1 : int(plain)] if int(plain) else answers.browse()
        named = answers.filtered(lambda answer: fold(answer.name).strip(" .,!)\n") == plain)
        named = named or answers.filtered(lambda answer: has_word(said, [answer.name]))
        # "I do not agree" also names "I agree"
        named = named.filtered(lambda answer: not any(fold(answer.name) in fold(other.name) for other in named - answer))
        return named if len(named) == 1 else answers.browse()

    def _note_answer(self, step, answer):
        """Keep which choice was taken where core looks for it; a link of the choice is sent."""
        asked = step._sop_asked(self._channel())[:1]
        asked.write({"user_script_answer_id": answer.id, "user_raw_script_answer_id": answer.id})
        if answer.redirect_link:
            self._chat()._chatbot_post_message(step.chatbot_script_id, plaintext2html(answer.redirect_link))

    def _ask_again(self, step):
        """No choice was understood: once more, and then people take over."""
        if len(step._sop_asked(self._channel())) < TRIES:
            send(step, sop_ask_again=True)._process_step(self._chat())
        else:
            self._stop()

    def _go(self, step):
        """Say step after step until one waits for an answer, a person takes over, or the script is over."""
        channel = self._channel()
        for _number in range(STEPS):
            if not step:
                break
            channel.chatbot_current_step_id = step.id
            step = step.with_context(lang=self._language())
            step._process_step(self._chat(step))
            if not channel.chatbot_current_step_id or self._waits(step):
                return
            step = step._fetch_next_step(channel.chatbot_message_ids.user_script_answer_id)
        self._stop()

    @api.model
    def _waits(self, step):
        return step.step_type.startswith(("question_", "free_input_"))

    def _chat(self, step=None):
        """Return the chat whose next message is the script's, with the choices of a question as buttons where the platform has them."""
        names = step.answer_ids.sorted().mapped("name") if step and step.step_type == "question_selection" else []
        return self._channel()._sop_posting("auto", payload={"type": "question", "choices": names} if names else None)

    def _hand_over(self, step, chat):
        """A step gives the customer to a person: where one is there it is said and the script ends, else it goes on with its further steps.

        :return: the ``mail.message`` said, or none
        """
        message = self.env["mail.message"]
        if self.conversation._holder() or self._has_people():
            message = chat._post_current_chatbot_step_message(step)
            self._stop()
        return message
