from odoo import models


class SopConversation(models.Model):
    """Prices as the customer of this conversation pays them."""

    _inherit = "sop.conversation"

    def _customer_prices(self, products, quantity=1.0):
        """Return what one of each costs this customer, and in which currency; see ``product.product._sop_prices``.

        Without a conversation: what an unknown person pays in the current company.
        """
        return products._sop_prices(self._price_terms(), quantity)

    def _price_terms(self):
        """Hook: values of the order this customer would get: an unknown person's is that of the customer they would become."""
        company = self.company_id or self.env.company
        partner = self.partner_id or self._find_partner(self.phone or self.identity_id.phone, self.identity_id.email)[0]
        if not partner:
            values = {"name": "?", "company_id": company.id, "country_id": company.country_id.id}
            partner = self.env["res.partner"].sudo().with_company(company).new(values)  # sudo: a person for a moment, not stored
        return {"company_id": company.id, "partner_id": partner, "partner_shipping_id": partner}
