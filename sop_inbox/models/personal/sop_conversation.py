from odoo import api, models
from odoo.fields import Domain


class SopConversation(models.Model):
    """A conversation is its customer's: deleted with them."""

    _name = "sop.conversation"
    _inherit = ["sop.conversation", "sop.personal.data.mixin"]

    _sop_personal_sequence = 20

    @api.model
    def _sop_personal_fields(self):
        names = ("name", "phone", "phones", "search_text", "preview", "thread_ref", "thread_title", "thread_url", "referral_source", "referral_ref")
        return super()._sop_personal_fields() | dict.fromkeys((name for name in names if name in self._fields), False)

    @api.model
    def _sop_personal_domain(self, person):
        domain = super()._sop_personal_domain(person) | Domain("identity_id", "in", person.ids("sop.identity"))
        return domain | Domain("partner_id", "in", person.contacts())

    def _sop_personal_learn(self, person):
        """The chat, and the lead that was made in it; one with an order is kept as the order is, unless its person is erased as a whole."""
        super()._sop_personal_learn(person)
        person.learn(self.mapped("phone"))
        person.add(self.identity_id)
        person.add(self.channel_id)
        person.add(self.lead_id if person.wide else self.lead_id.filtered(lambda lead: not lead.order_ids))

    def _sop_personal_erase(self, person):
        self.related_conversation_id.related_conversation_id = False
        self.unlink()

    def _sop_personal_export(self, person):
        names = ["provider", "account_id", "kind", "last_message_at", *self._sop_personal_fields()]
        return [conversation._sop_personal_pairs(names) for conversation in self]
