from odoo import api, fields, models

COUNTED = {"draft": "draft", "sent": "draft", "sale": "sale"}  # what an order of a known customer counts as; a cancelled one as nothing


class SaleOrder(models.Model):
    """An order remembers the conversation it was made in; the conversation counts it."""

    _name = "sale.order"
    _inherit = ["sale.order", "sop.guard.mixin"]

    sop_conversation_id = fields.Many2one(
        "sop.conversation", "Conversation", index="btree_not_null", ondelete="set null", copy=False, groups="base.group_user"
    )

    @api.model
    def _sop_links(self):
        """An order speaks to its conversation's customer: who links the two may work there."""
        return super()._sop_links() | {"sop_conversation_id": "write"}

    @api.model
    def _sop_kept(self):
        """What quoting, marking, calling and sending have noted, and the channel, which follows from the conversation."""
        noted = {"sop_carrier_cost", "sop_fee_by_hand", "sop_call_first", "sop_request_ref", "sop_receipt_at", "sop_account_id"}
        called = {"sop_call_rule_ids", "sop_call_outcome", "sop_called_by_id", "sop_called_at", "sop_address_mark"}
        return super()._sop_kept() | noted | called

    @api.model_create_multi
    def create(self, vals_list):
        """Count the new orders in their conversations; those that come confirmed (an import) say whether their customer comes first."""
        orders = super().create(vals_list)
        orders._sop_recount(orders.sop_conversation_id)
        self._sop_weigh(orders._sop_sold().partner_id)
        return orders

    def write(self, vals):
        """Count the orders again, judge again whether to call, and whether the customer comes first; see core for the contract."""
        counts = bool(vals.keys() & {"sop_conversation_id", "state", "partner_id"})
        weighs = bool(vals.keys() & {"state", "partner_id"})
        sold = self._sop_sold() if weighs else self.browse()
        buyers = sold.partner_id
        counted = self._sop_counted() if counts else {}
        result = super().write(vals)
        if counts:
            self._sop_recount_changed(counted)
        if "partner_shipping_id" in vals:
            self._sop_judge_new_address()
        if weighs:
            self._sop_weigh_changed(sold, buyers)
        return result

    def unlink(self):
        """Count again where the orders were."""
        conversations = self.sop_conversation_id
        result = super().unlink()
        self._sop_recount(conversations.exists())
        return result

    def _sop_counted(self):
        """Return where each order is counted, and as what: dict order -> (conversation, what)."""
        return {order: (order.sop_conversation_id, order._sop_counted_as()) for order in self}

    def _sop_recount_changed(self, before):
        """Count again where an order came, went, got its customer, was confirmed, cancelled or taken up again.

        :param dict before: what :meth:`_sop_counted` said
        """
        after = self._sop_counted()
        changed = self.filtered(lambda order: before[order] != after[order])
        self._sop_recount(changed.sop_conversation_id.union(*(before[order][0] for order in changed)))

    def _sop_counted_as(self):
        return COUNTED.get(self.state) if not self.sudo().partner_id.sop_is_unknown else None  # sudo: a seller may not read every customer

    def _sop_recount(self, conversations):
        """Keep the number of orders of conversations true, in the order's own transaction."""
        # sudo: who confirms an order (a customer on the portal, a payment) may not write conversations
        conversations = conversations.sudo()
        before = {conversation: (conversation.order_count, conversation.sold_count) for conversation in conversations}
        for name in ("order_count", "sold_count"):
            self.env.add_to_compute(conversations._fields[name], conversations)
        conversations.filtered(lambda c: (c.order_count, c.sold_count) != before[c])._push_update()
        self._sop_end_drop(conversations)
