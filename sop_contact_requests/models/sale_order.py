from odoo import api, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """A package in the cart: its right goes to a seller's account, so there has to be one before the payment."""

    _inherit = "sale.order"

    def _sop_needs_account(self):
        """Whether this is a cart with a package of somebody without an account; sudo by the caller as for any cart."""
        self.ensure_one()
        cart = self.website_id and self.state == "draft" and self._sop_has_package()
        return bool(cart and not self.partner_id.user_ids)  # the public's own user is archived

    def _is_cart_ready(self):
        """Core's hook: what the buttons of the cart ask."""
        return super()._is_cart_ready() and not self._sop_needs_account()

    def _check_cart_is_ready_to_be_paid(self):
        """Core's hook before each payment of a cart. :raise ValidationError: for a package without an account"""
        self._sop_check_account()
        return super()._check_cart_is_ready_to_be_paid()

    def _sop_check_account(self):
        """:raise ValidationError: when one of these carts may not be paid yet, with what to do"""
        for order in self:
            if order._sop_needs_account():
                raise ValidationError(order._sop_get_account_words())

    def _sop_get_account_words(self):
        """What is said to somebody who wants to pay for a package without an account."""
        return self.env._("A package opens the contact list of an account. Please log in or sign up first; your cart stays as it is.")

    @api.model
    def _sop_get_waiting(self, seller):
        """Orders of packages of this seller whose transfer the bank has not confirmed yet; sudo by the caller."""
        waiting = self.env["payment.transaction"].search(
            [
                ("state", "=", "pending"),
                ("sale_order_ids.partner_id", "child_of", seller.id),
                ("sale_order_ids.order_line.product_id.sop_is_package", "=", True),
            ],
            limit=10,
        )
        return waiting.sale_order_ids.filtered(lambda order: order.state in ("draft", "sent") and order._sop_has_package())

    def _sop_has_package(self):
        """Whether something on these orders opens a contact list."""
        return any(self.order_line.product_id.mapped("sop_is_package"))
