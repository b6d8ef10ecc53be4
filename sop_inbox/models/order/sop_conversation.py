from odoo import models


class SopConversation(models.Model):
    """The order form's doors that clients know here; what they take and give is said in ``sop.order.form``."""

    _inherit = "sop.conversation"

    @property
    def _order_form(self):
        return self.env["sop.order.form"].browse(self._ids)

    def action_create_order(self, vals):
        """Make an order in this conversation; see ``sop.order.form.action_create_order``.

        :return: id of the order
        """
        return self._order_form.action_create_order(vals)

    def action_update_order(self, vals):
        """Change the draft of this conversation; see ``sop.order.form.action_update_order``."""
        return self._order_form.action_update_order(vals)

    def get_order_form(self):
        """Return what the order form shows; see ``sop.order.form.get_order_form``."""
        return self._order_form.get_order_form()

    def get_shipping_quotes(self, vals=None):
        """Return what every carrier asks; see ``sop.order.form.get_shipping_quotes``."""
        return self._order_form.get_shipping_quotes(vals)

    def search_order_products(self, text="", limit=12):
        """Return products for the order form; see ``sop.order.form.search_order_products``."""
        return self._order_form.search_order_products(text, limit)

    def _price_terms(self):
        """Where a draft is open its terms are settled: the price given is what its next line charges."""
        draft = self.id and self._order_form._draft_order().sudo()  # sudo: its terms, to who may read the order
        if not draft:
            return super()._price_terms()
        kept = ("partner_id", "partner_shipping_id", "company_id", "pricelist_id", "fiscal_position_id", "currency_id", "date_order")
        return {name: draft[name] if name == "date_order" else draft[name].id for name in kept}
