from odoo import api, models
from odoo.fields import Domain


class DiscussChannel(models.Model):
    """The chat of a conversation; its messages and files go with it."""

    _name = "discuss.channel"
    _inherit = ["discuss.channel", "sop.personal.data.mixin"]

    _sop_personal_sequence = 25

    @api.model
    def _sop_personal_domain(self, person):
        return super()._sop_personal_domain(person) | Domain("sop_conversation_id", "in", person.ids("sop.conversation"))

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []  # its messages are exported with all others


class MailGuest(models.Model):
    """A customer writes in chats as a guest."""

    _name = "mail.guest"
    _inherit = ["mail.guest", "sop.personal.data.mixin"]

    _sop_personal_sequence = 35

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("name", "email"), False)

    def _sop_personal_erase(self, person):
        self.unlink()


class MailScheduledMessage(models.Model):
    """Replies that wait for their time go with the customer they are for."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("body", "subject"), False)

    @api.model
    def _sop_personal_find(self, person):
        return self.search(Domain("sop_conversation_id", "in", person.ids("sop.conversation")))

    def _sop_personal_erase(self, person):
        self.unlink()
