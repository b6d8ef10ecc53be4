from odoo import fields, models


class ProductTemplate(models.Model):
    """Some goods are sold before they are there (made to order, on their way)."""

    _inherit = "product.template"

    sop_sell_without_stock = fields.Boolean(
        "Sell without Stock",
        help="Orders made in a conversation may be confirmed although the warehouse has less than they ask for.",
    )
