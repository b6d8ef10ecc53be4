from odoo import fields, models


class SaleOrder(models.Model):
    """What a vendor of advertising was told of an order."""

    _inherit = "sale.order"

    sop_conversion_event_ids = fields.One2many("sop.conversion.event", "order_id", groups="sop_inbox.sop_inbox_group_manager")
