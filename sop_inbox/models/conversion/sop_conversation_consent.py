from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.sop_pipeline.tools.arguments import flag, takes

from ...tools.words import fold

ANSWER_DAYS = 7  # so long an answer is one to the question
ANSWER_LENGTH = 100  # a message longer than this is no answer
YES = {"dong y", "toi dong y", "minh dong y", "em dong y", "i agree"}
REFUSED = {"khong dong y", "toi khong dong y", "minh khong dong y", "em khong dong y", "i do not agree"}  # says what is refused, whenever it is said
NO = REFUSED | {"khong"}
POLITE = {"da", "vang", "a", "nhe", "nha", "shop"}  # words that change nothing


class SopConversation(models.Model):
    """When the customer was asked whether the shop may report what they buy."""

    _inherit = "sop.conversation"

    consent_asked_at = fields.Datetime("Consent Asked", readonly=True, copy=False)


class SopConversationConsent(models.AbstractModel):
    """Consent to ad measurement, asked and kept where the customer is."""

    _name = "sop.conversation.consent"
    _inherit = "sop.conversation.part.mixin"
    _description = "Consent of a Conversation's Customer"

    def _matters(self):
        """Whether this channel's platform takes reports at all."""
        return self.conversation.provider in self.env["sop.conversion.event"]._platforms()

    def get_consent(self):
        """Return what is known: dict ``state`` (given, refused, asked or none), ``at``, ``by``, ``text``; False where nothing is reported anyway."""
        conversation = self._open("read")
        if not self._matters():
            return False
        partner = conversation.partner_id.sudo()  # sudo: the consent of the customer one talks to
        state = "given" if partner.sop_tracking_consent else "refused" if partner.sop_tracking_consent_at else ""
        asked = conversation.consent_asked_at
        at = partner.sop_tracking_consent_at or asked
        return {
            "state": state or ("asked" if asked else "none"),
            "at": fields.Datetime.to_string(at) if at else False,
            "by": partner.sop_tracking_consent_by_id.name or "",
            "text": conversation.company_id._get_consent_text(),
        }

    def action_ask(self):
        """Send the customer the text of the consent, with an answer to press where the platform has buttons.

        :return: id of the message
        """
        conversation = self._open("write")
        if not self._matters() or conversation.kind != "message":
            raise UserError(self.env._("Nothing is reported from this channel: there is nothing to ask."))
        speaker = conversation.with_context(lang=conversation.company_id.partner_id.lang or self.env.lang)
        choices = [speaker.env._("I agree"), speaker.env._("I do not agree")]
        text = f"{conversation.company_id._get_consent_text()}\n{' / '.join(choices)}?"
        message = conversation._post_outbound(text, payload={"type": "question", "choices": choices})
        conversation.sudo().consent_asked_at = message.date  # sudo: a column only our code writes
        return message.id

    @takes(given=flag)
    def action_set(self, given):
        """Keep what the customer said, with who recorded it and the words they agreed to. Idempotent."""
        conversation = self._open("write")
        if not conversation.partner_id:
            conversation.action_create_partner()
        partner = conversation.partner_id
        partner.check_access("write")
        self._keep(partner, given)
        return self.get_consent()

    def _keep(self, partner, given):
        partner = partner.with_company(self.conversation.company_id)  # whose words they are
        if bool(partner.sop_tracking_consent) != given:
            partner.sop_tracking_consent = given
        elif not given:
            partner._keep_consent(False)  # refused without ever having agreed: kept, too

    def _is_asked(self, at):
        """Whether what was said at this time can be an answer to the question: not from before it, and not to something the shop said since."""
        asked = self.conversation.consent_asked_at
        if not asked or asked > at or asked < fields.Datetime.subtract(fields.Datetime.now(), days=ANSWER_DAYS):
            return False
        ours = [("model", "=", "discuss.channel"), ("res_id", "=", self.conversation.channel_id.id), ("sop_side", "in", ("out", "auto"))]
        # sudo: only whether there is one
        return not self.env["mail.message"].sudo().search_count([*ours, ("date", ">", asked), ("date", "<=", at)], limit=1)

    def _is_taken_back(self, answer):
        return answer in REFUSED and self.conversation.partner_id.sop_tracking_consent

    def _on_answer(self, message):
        """The customer answers the question in the chat, or takes back what they agreed to: it is kept, and noted with the conversation."""
        conversation = self.conversation
        if not conversation.consent_asked_at and not conversation.partner_id.sop_tracking_consent:
            return  # nothing to answer and nothing to take back: of most messages the words are not read
        said = " ".join(html2plaintext(message.body or "").split()) if len(message.body or "") < ANSWER_LENGTH else ""
        answer = " ".join(word for part in fold(said).split() if (word := part.strip(".,!")) not in POLITE)
        if answer not in YES | NO or not (self._is_asked(message.date) or self._is_taken_back(answer)):
            return
        if not conversation.partner_id:
            conversation.action_create_partner()
        self._keep(conversation.partner_id, answer in YES)
        conversation.consent_asked_at = False
        conversation._message_log(body=self.env._("Consent to ad measurement, the customer's answer: %(words)s", words=said))


class SopConversationPanel(models.AbstractModel):
    """The customer's consent stands with the customer."""

    _inherit = "sop.conversation.panel"

    def _panel_values(self):
        return super()._panel_values() | {"consent": self.env["sop.conversation.consent"].browse(self.id).get_consent()}


class DiscussChannel(models.Model):
    """An answer to the question is kept as it comes in."""

    _inherit = "discuss.channel"

    def _sop_after_inbound(self, message):
        super()._sop_after_inbound(message)
        if conversation := self._sop_conversation():
            self.env["sop.conversation.consent"].browse(conversation.id)._on_answer(message)
