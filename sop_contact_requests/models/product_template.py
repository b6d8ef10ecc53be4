from odoo import api, fields, models
from odoo.fields import Domain
from odoo.http import request


class ProductTemplate(models.Model):
    """A listing has a seller; a package is a product that gives its buyer days of use."""

    _name = "product.template"
    _inherit = ["product.template", "sop.guard.mixin"]

    sop_seller_id = fields.Many2one(
        "res.partner", "Seller", index="btree_not_null", ondelete="restrict", tracking=True, help="Whose listing this is. Empty: the company's own."
    )
    sop_is_package = fields.Boolean("Contact list package", help="Paying for it entitles the customer to receive contact requests.")
    sop_package_days = fields.Integer("Package days", default=30)

    _sop_package_days_positive = models.Constraint(
        "CHECK (NOT sop_is_package OR sop_package_days BETWEEN 1 AND 3660)", "A package lasts between one day and ten years."
    )

    @api.model
    def _sop_links(self):
        """The seller gets the listing's buyers: a user who sets the seller may see them, in the product's company."""
        return super()._sop_links() | {"sop_seller_id": "read"}

    def _sop_get_seller(self, company=None):
        """Seller of this listing: always a company, or a person without one.

        :param company: whose listing it is when the product has no company (default current)
        """
        self.ensure_one()
        seller = self.sop_seller_id or (self.company_id or company or self.env.company).partner_id
        return seller.commercial_partner_id

    def _sop_get_button_state(self, company=None, opened=None):
        """Whether the page of this listing shows the button (rows C1, C3): the seller, or none.

        :param datetime opened: naive UTC moment at which a form was opened: it is still taken when the
            seller's right has merely run out since
        """
        self.ensure_one()
        company = self.company_id or company or self.env.company
        seller = self.sudo()._sop_get_seller(company)  # sudo: visitors may not read partners
        right = seller.with_company(company)
        entitled = right.sop_entitled or (opened and right._sop_was_entitled(opened))
        return seller if entitled and seller.active and not self.sop_is_package else seller.browse()

    @api.model
    def _sop_get_listings(self, seller, limit=200):
        """The listings of a seller and of their people, shown now or not."""
        return self.search(Domain("sop_seller_id", "child_of", seller.id) & Domain("sop_is_package", "=", False), limit=limit)

    def _sop_get_package_domain(self):
        """Packages a seller can buy in the shop."""
        return Domain("sop_is_package", "=", True) & Domain("sale_ok", "=", True) & Domain("is_published", "=", True)

    def _sop_get_prices(self, website):
        """What these packages cost the current visitor, tax included: the price that is paid. In a request of the shop.

        :return: dict product -> price in the website's currency
        """
        prices = request.pricelist._compute_price_rule(self, 1.0)
        result = {}
        for product in self:
            taxes = product.sudo().taxes_id._filter_taxes_by_company(self.env.company)  # sudo: as the shop's own price
            mapped = request.fiscal_position.map_tax(taxes)
            price = product.product_variant_id._get_tax_included_unit_price_from_price(prices[product.id][0], taxes, product_taxes_after_fp=mapped)
            result[product] = mapped.compute_all(price, website.currency_id, 1, product, self.env.user.partner_id)["total_included"]
        return result

    @api.model
    def _sop_get_package_words(self):
        """What a package does that the current user buys now, when they have a right already; None for everybody else.

        :return: dict ``partner`` (a partner without a known end: they need none), ``until``; or None
        """
        user = self.env.user
        if user._is_public():
            return None
        right = user.commercial_partner_id.sudo().with_company(self.env.company)._sop_get_right()  # sudo: their own
        return right if any(right.values()) else None
