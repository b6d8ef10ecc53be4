from odoo import api, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """A draft of somebody who is not known yet is the person's who talks in its conversation, and goes with it."""

    _inherit = "sale.order"

    @api.model
    def _sop_personal_domain(self, person):
        of_chats = Domain("sop_conversation_id", "in", person.ids("sop.conversation")) & Domain("partner_id.sop_is_unknown", "=", True)
        return super()._sop_personal_domain(person) | of_chats

    def _sop_personal_erase(self, person):
        unknown = self.filtered("partner_id.sop_is_unknown")
        super(SaleOrder, self - unknown)._sop_personal_erase(person)
        unknown.unlink()
