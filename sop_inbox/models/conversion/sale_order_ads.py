from odoo import api, fields, models


class SaleOrder(models.Model):
    """What an order leaves after the ad that brought it, too."""

    _inherit = "sale.order"

    sop_ad_cost = fields.Monetary(
        "Ads",
        compute="_compute_sop_left",
        groups="account.group_account_invoice,sales_team.group_sale_manager",
        help="The order's share of what its ad cost in the month of the order: the ad the customer came by last, within 28 days before.",
    )
    sop_left = fields.Monetary(
        "Left after Carrier, Returns and Ads",
        help="Untaxed sum less credit notes, the cost of goods that are gone, the carrier's fees and the ads; nothing was sold where all came back.",
    )

    @api.depends("state", "date_order", "sop_conversation_id")
    def _compute_sop_left(self):
        super()._compute_sop_left()
        shares = self.env["sop.ad.spend"]._shares(self)
        for order in self:
            whole = order.sudo()  # sudo: currencies and rates, for who may see the order's margin
            order.sop_ad_cost = whole._sop_own_currency(shares.get(order._origin.id, 0))
            order.sop_left -= order.sop_ad_cost
