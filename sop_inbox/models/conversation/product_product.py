from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...tools.words import fold


class ProductProduct(models.Model):
    """What a customer pays for a product: one answer for every place that shows or keeps a price."""

    _inherit = "product.product"

    @api.model
    def _sop_offered_domain(self, company):
        """What a seller is offered to sell: not what core itself puts on orders, discounts and wallets' top-ups."""
        wallet, gift = (self.env["ir.model.data"]._xmlid_to_res_id(f"loyalty.{name}_product_50") or 0 for name in ("ewallet", "gift_card"))
        own = [*company.sudo().sale_discount_product_id.ids, wallet]  # sudo: which product it is, nothing else
        sold = Domain("sale_ok", "=", True) & Domain("company_id", "in", (False, company.id)) & Domain("id", "not in", own)
        return sold & (Domain("id", "!=", gift) | Domain("list_price", "!=", 50))  # a gift card whose price the shop has set is sold

    @api.model
    def _sop_words_domain(self, text):
        """Products of these words in their name, with or without accents, or of this code or barcode."""
        text = " ".join(text.split())
        named = [("name", "ilike", text)], [("product_tmpl_id.sop_folded", "ilike", fold(text))]
        return Domain.OR([*named, [("default_code", "ilike", text)], [("barcode", "=", text)]])

    def _sop_prices(self, terms, quantity=1.0):
        """Return what one of each costs, all taxes in it, as core's line of an order charges it. Batch.

        The lines are made in memory, so that price list, discount, fiscal position and rounding are core's own.

        :param terms: values of an order: ``company_id``, ``partner_id`` and whatever else is settled already
        :return: dict product id -> amount, and the currency of them all
        """
        # sudo: by which list and taxes the customer buys, for any user; numbers only
        orders = self.env["sale.order"].sudo().with_company(terms["company_id"])
        order = orders.new({"date_order": fields.Datetime.now(), **terms})
        pricelist, currency, date = order.pricelist_id, order.currency_id, order.date_order
        # the rules of all at once: a line asks for its own alone
        rules = pricelist._compute_price_rule(self.with_env(orders.env), quantity, currency=currency, date=date, compute_price=False)
        own = {"product_uom_qty": quantity, "name": "-", "analytic_distribution": {}}  # words and accounts are no part of a price
        lines = [Command.create({**own, "product_id": product.id, "pricelist_item_id": rules[product.id][1]}) for product in self]
        settled = {name: order[name] for name in ("pricelist_id", "currency_id", "fiscal_position_id", "date_order")}
        order = orders.new({**terms, **settled, "order_line": lines})
        return {line.product_id.id: line.price_reduce_taxinc for line in order.order_line}, currency.with_env(self.env)
