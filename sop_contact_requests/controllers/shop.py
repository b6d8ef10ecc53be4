from odoo.addons.website_sale.controllers.main import WebsiteSale
from odoo.http import request


class ContactRequestShop(WebsiteSale):
    """Checkout of packages."""

    def _check_cart(self, order_sudo):
        """Core's hook of each step: a package without an account goes back to the cart, where it is said why."""
        if redirection := super()._check_cart(order_sudo):
            return redirection
        return request.redirect("/shop/cart") if order_sudo._sop_needs_account() else None
