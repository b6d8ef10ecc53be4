from odoo import api, fields, models


class SaleOrder(models.Model):
    """An order remembers the conversation it was made in; the conversation counts it."""

    _inherit = "sale.order"

    sop_conversation_id = fields.Many2one("sop.conversation", "Conversation", index="btree_not_null", ondelete="set null", copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._sop_recount(orders.sop_conversation_id)
        return orders

    def write(self, vals):
        before = self.sop_conversation_id if vals.keys() & {"sop_conversation_id", "state"} else self.env["sop.conversation"]
        result = super().write(vals)
        if vals.keys() & {"sop_conversation_id", "state"}:
            self._sop_recount(before | self.sop_conversation_id)
        return result

    def unlink(self):
        conversations = self.sop_conversation_id
        result = super().unlink()
        self._sop_recount(conversations)
        return result

    def _sop_recount(self, conversations):
        """Keep the number of orders of conversations true, in the order's own transaction."""
        # sudo: who confirms an order (a customer on the portal, a payment) may not write conversations
        conversations = conversations.sudo().exists()
        before = {conversation: conversation.order_count for conversation in conversations}
        self.env.add_to_compute(conversations._fields["order_count"], conversations)
        conversations.filtered(lambda c: c.order_count != before[c])._push_update()
