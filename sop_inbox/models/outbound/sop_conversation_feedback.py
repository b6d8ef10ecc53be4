import re

from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.transactions import replayed

ASK_DAYS = 30  # a customer is asked once in so many days
ANSWER_DAYS = 7  # and their answer is one so long
WAIT_MINUTES = 5  # after Done, which may be undone meanwhile
MARK = re.compile(r"\s{0,9}([1-5])\s{0,3}(?:/\s{0,3}5|sao|điểm|diem|⭐{0,5}|★{0,5})[\s.!]{0,9}", re.IGNORECASE)


class SopConversation(models.Model):
    """When the customer is asked how it was."""

    _inherit = "sop.conversation"

    feedback_due_at = fields.Datetime(readonly=True, copy=False)

    _feedback_idx = models.Index("(feedback_due_at) WHERE feedback_due_at IS NOT NULL")

    def _done_values(self):
        """Ask in some minutes, when it is still done then."""
        return super()._done_values() | self._feedback_values()

    def _feedback_values(self):
        """Return the columns that have the customer asked in some minutes; none where the team does not ask, or has not replied."""
        if not (self.team_id.sop_ask_rating and self.kind == "message" and self.provider != "livechat" and self.last_outbound_at):
            return {}
        at = fields.Datetime.add(fields.Datetime.now(), minutes=WAIT_MINUTES)
        # sudo: ordinary staff may not wake scheduled jobs
        self.env.ref("sop_inbox.sop_conversation_cron_feedback").sudo()._trigger(at=at)
        return {"feedback_due_at": at}

    def _ask_after_delivery(self):
        """The goods are there: ask, too, where the talk is over; in one that goes on the question comes after Done."""
        if self.state == "done" and (values := self._feedback_values()):
            self.write(values)

    def _open_values(self):
        return super()._open_values() | {"feedback_due_at": False}

    def _post_inbound(self, body, attachments=None, at=None, identity=None, auto=False, **kwargs):
        """The answer to the question how it was is no work for agents: it opens nothing and waits for nothing; see the conversation's own."""
        asked, mark = self.env["sop.conversation.feedback"].browse(self.id)._asked(body) if not (auto or attachments) else (None, 0)
        message = super()._post_inbound(body, attachments, at, identity, auto or bool(asked), **kwargs)
        if asked:
            asked.write({"rating": mark, "consumed": True, "message_id": message.id})
        return message


class SopConversationFeedback(models.AbstractModel):
    """Asks customers of pages and official accounts how it was, and keeps their answer where core keeps those of the live chat."""

    _name = "sop.conversation.feedback"
    _inherit = "sop.conversation.part.mixin"
    _description = "Feedback of Customers"

    @api.model
    @replayed
    def _cron_ask(self):
        """Ask those whose time has come; each once: the row is locked and looked at again."""
        domain = [("feedback_due_at", "<=", fields.Datetime.now()), ("state", "=", "done")]
        due = self.env["sop.conversation"].search(domain, limit=200).try_lock_for_update().filtered_domain(domain)
        due.feedback_due_at = False
        for conversation in due:
            self.browse(conversation.id)._ask()

    def _ratings(self, days):
        """Return the questions of the last days in this chat, answered or not."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=days)
        domain = [("res_model", "=", "discuss.channel"), ("res_id", "=", self.conversation.channel_id.id), ("create_date", ">=", since)]
        return self.env["rating.rating"].sudo().search(domain)  # sudo: ratings are core's; the worker asks

    def _ask(self):
        conversation = self.conversation
        window = conversation._get_window()
        if not window["open"] or window["tag"] or self._ratings(ASK_DAYS):
            return
        model = self.env["ir.model"]._get("discuss.channel")
        self.env["rating.rating"].sudo().create(  # sudo: see _ratings
            {
                "res_model_id": model.id,
                "res_id": conversation.channel_id.id,
                "rated_partner_id": (conversation.done_by_id or conversation.user_id).partner_id.id,
                "partner_id": conversation.partner_id.id,
            }
        )
        speaker = conversation.with_context(lang=conversation.company_id.partner_id.lang or self.env.lang)
        shop = conversation.company_id.name
        text = speaker.env._("Are you content with %(shop)s? Please answer with a number from 1 (not at all) to 5 (very).", shop=shop)
        conversation._post_outbound(text, auto=True, payload={"type": "question", "choices": [f"{number} ⭐" for number in range(1, 6)]})

    def _asked(self, words):
        """Return the open question these words answer: a bare number, soon after it was asked; in a talk that goes on it may be a quantity."""
        if self.conversation.state != "done" or len(words or "") > 40 or not (found := MARK.fullmatch(words or "")):
            return self.env["rating.rating"], 0
        return self._ratings(ANSWER_DAYS).filtered(lambda rating: not rating.consumed)[:1], int(found[1])


class CrmTeam(models.Model):
    """Whether a team asks its customers how it was."""

    _inherit = "crm.team"

    sop_ask_rating = fields.Boolean(
        "Ask Whether the Customer is Content",
        help="1 to 5 after Done, or when the parcel is delivered, inside the platform's window, once in 30 days.",
    )
