from odoo import api, fields, models


class SaleOrder(models.Model):
    """What an order leaves after its goods, its carrier's fees and what came back."""

    _inherit = "sale.order"

    sop_parcel_cost = fields.Monetary(
        "Carrier's Fees", compute="_compute_sop_left", groups="account.group_account_invoice,sales_team.group_sale_manager"
    )
    sop_goods_cost = fields.Monetary(
        "Cost of the Goods", compute="_compute_sop_left", groups="account.group_account_invoice,sales_team.group_sale_manager"
    )
    sop_left = fields.Monetary(
        "Left after Carrier and Returns",
        compute="_compute_sop_left",
        groups="account.group_account_invoice,sales_team.group_sale_manager",
        help="Untaxed sum less credit notes, the cost of goods that are gone and the carrier's fees; nothing was sold where all came back.",
    )

    @api.depends("amount_untaxed", "order_line.qty_delivered", "sop_parcel_ids.state", "sop_parcel_ids.carrier_fee", "invoice_ids.state")
    def _compute_sop_left(self):
        for order in self:
            whole = order.sudo()  # sudo: sums of the order, for who may see its margin
            parcels = whole.sop_parcel_ids.filtered(lambda parcel: parcel.tracking_ref and parcel.state != "cancelled")
            back = bool(parcels) and all(parcel.state in ("returning", "returned") for parcel in parcels)
            gone = bool(parcels) and all(parcel.state in ("returning", "returned", "lost", "damaged") for parcel in parcels)
            credit = whole.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_refund")
            revenue = 0 if gone or order.state == "cancel" else order.amount_untaxed - sum(credit.mapped("amount_untaxed"))
            order.sop_parcel_cost = whole._sop_own_currency(sum(parcel._cost() for parcel in parcels))
            order.sop_goods_cost = 0 if back or order.state == "cancel" else whole._sop_own_currency(whole._sop_cost_of_goods())
            order.sop_left = revenue - order.sop_goods_cost - order.sop_parcel_cost

    def _sop_cost_of_goods(self):
        """Return the cost of the goods that left, or will, in the company's currency."""
        goods = self.with_company(self.company_id).order_line.filtered(lambda line: line.product_id.type == "consu" and not line.display_type)
        sent = any(picking.state == "done" for picking in self.picking_ids)
        total = 0
        for line in goods:
            quantity = line.product_uom_id._compute_quantity(line.qty_delivered if sent else line.product_uom_qty, line.product_id.uom_id)
            total += quantity * line.product_id.standard_price
        return total

    def _sop_own_currency(self, amount):
        """Return an amount of the company's currency in the order's."""
        currency = self.company_id.currency_id
        return currency._convert(amount, self.currency_id, self.company_id, (self.date_order or fields.Datetime.now()).date())


class SopParcel(models.Model):
    """What a parcel really costs."""

    _inherit = "sop.parcel"

    line_ids = fields.One2many("sop.cod.line", "parcel_id", "Lines of Statements", readonly=True, groups="account.group_account_invoice")

    def _cost(self):
        """Return what the carrier takes for this parcel: by its statements, else what it reported, else what it quoted."""
        lines = self.line_ids.filtered(lambda line: line.statement_id.state in ("accepted", "paying", "paid"))
        if lines:
            return sum(abs(line.fee) + abs(line.return_fee) for line in lines)
        return self.carrier_fee or self.price
