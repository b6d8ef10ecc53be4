from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.person import Person


class SopIdentity(models.Model):
    """A person at a platform: deleted with all they wrote."""

    _name = "sop.identity"
    _inherit = ["sop.identity", "sop.personal.data.mixin"]

    _sop_personal_sequence = 30

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("name", "external_id", "phone", "email", "street", "city", "image_128"), False)

    @api.model
    def _sop_personal_find(self, person):
        found = self._sop_personal_by_signs(person, ("phone",), "email", "name")
        partners = person.contacts()
        linked = Domain("partner_id", "in", partners) | Domain("author_id", "in", partners) | Domain("guest_id", "in", person.ids("mail.guest"))
        return found | self.search(linked)

    def _sop_personal_learn(self, person):
        super()._sop_personal_learn(person)
        person.learn(self.mapped("phone"), self.mapped("email"), self.mapped("name"))
        person.add(self.conversation_ids)
        person.add(self.guest_id)

    def _sop_personal_erase(self, person):
        self.unlink()

    def action_erase(self):
        """Delete everything this person said and gave: events, messages, files, queues, search columns. For good.

        Orders stay, which the law asks a shop to keep; their link to the conversation goes. The customer's
        record in the address book is not a platform's and is erased there. Idempotent, batch; managers only.
        """
        if not self.env.user.has_group("sop_inbox.sop_inbox_group_manager"):
            raise AccessError(self.env._("Only a manager of the inbox may erase a customer."))
        self.check_access("read")
        if existing := self.exists():
            self.env["sop.privacy"]._erase(Person(existing))
        return True
