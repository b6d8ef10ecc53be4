from odoo import models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """A draft whose customer is not known yet; nobody is told of it, and it is confirmed for a customer only."""

    _inherit = "sale.order"

    def _sop_find_customer(self):
        """Make a customer of who talks in the conversation, where a draft has none yet.

        :raise UserError: the conversation is gone
        """
        for order in self.filtered(lambda order: order.partner_id.sudo().sop_is_unknown):  # sudo: only whether it is
            if not order.sop_conversation_id:
                raise UserError(self.env._("Order %(name)s has no customer yet.", name=order.name))
            order.sop_conversation_id.action_create_partner()

    def _sop_take_customer(self, partner):
        """Give a draft of the unknown customer to a customer, at their prices and taxes. As superuser."""
        self.ensure_one()
        order = self.with_company(self.company_id)
        currency, terms = order.currency_id, (order.pricelist_id, order.fiscal_position_id)
        lines = order._sop_goods()
        by_hand = lines._sop_discounts_by_hand()
        order.write({"partner_id": partner.id, "note": order.note})  # the terms of the company would replace an agent's note
        if order.state != "draft":  # a cancelled one is only named
            return
        if order.currency_id != currency:  # what was typed in the other one
            order.order_line.filtered(lambda line: line._sop_is_discount() and not line.is_reward_line).unlink()
            order._sop_set_carrier(order.carrier_id.browse())
        if (order.pricelist_id, order.fiscal_position_id) != terms:
            order._recompute_taxes()
            order._recompute_prices()
            for line, discount in by_hand.items():
                line.discount = discount
        order._sop_apply_promotions()
        if order.carrier_id and not order.sop_fee_by_hand:
            order.recompute_delivery_price = True
        order._sop_link_lead()
        order._sop_mark_call()

    def action_quotation_sent(self):
        """A quotation is sent to a customer; see core for the contract."""
        self._sop_find_customer()
        return super().action_quotation_sent()

    def _allow_nominative_programs(self):
        """No card is the unknown customer's; see core for the contract."""
        return not self.partner_id.sop_is_unknown and super()._allow_nominative_programs()

    def _get_lang(self):
        """Goods are described in the shop's language as they will be to the customer; see core for the contract."""
        return self.partner_id.lang if self.partner_id.sop_is_unknown and self.partner_id.lang else super()._get_lang()


class SaleOrderLine(models.Model):
    """A discount an agent gave stays when prices become another customer's."""

    _inherit = "sale.order.line"

    def _sop_discounts_by_hand(self):
        """Return the lines whose discount is not the price list's: dict line -> discount."""
        given = {line: line.discount for line in self}
        self.discount = 0
        self._compute_discount()
        by_hand = {line: discount for line, discount in given.items() if discount != line.discount}
        for line, discount in by_hand.items():
            line.discount = discount
        return by_hand


class SopOrderForm(models.AbstractModel):
    """Choosing goods makes no contact: the draft of somebody of whom nothing is known is the unknown customer's of the company."""

    _inherit = "sop.order.form"

    def _draft_partner(self):
        """Return whose draft it becomes: the customer, one with the person's number, or the unknown customer.

        Who sent an address (a form of the platform) is a customer at once: carriers are asked for it.
        """
        conversation, identity = self.conversation, self.conversation.identity_id
        known = conversation.partner_id or conversation._find_partner(conversation.phone or identity.phone, identity.email)[0]
        if known or identity.street or identity.city or identity.state_id:
            return self._order_partner()
        return self.env["res.partner"]._sop_unknown(conversation.company_id)

    def _order_customer_name(self, order):
        """Return whose order it is, to who may read the order; as long as nothing is known, the name in the chat."""
        partner = order.partner_id.sudo()  # sudo: see above
        return self.conversation.name if partner.sop_is_unknown else partner.name


class SopConversation(models.Model):
    """Once the customer of a conversation is known, its draft is theirs."""

    _inherit = "sop.conversation"

    def write(self, vals):
        """See core for the contract."""
        result = super().write(vals)
        if vals.get("partner_id"):
            # sudo: whoever links the customer (a message with a number, too), the draft may be a colleague's
            drafts = self.env["sale.order"].sudo().search([("sop_conversation_id", "in", self.ids), ("partner_id.sop_is_unknown", "=", True)])
            for draft in drafts:
                draft._sop_take_customer(draft.sop_conversation_id.partner_id)
        return result
