from odoo import fields, models


class ResCompany(models.Model):
    """From which amount a shop rings a new customer before it sends the goods."""

    _inherit = "res.company"

    sop_call_amount = fields.Monetary(
        "Call to Confirm from",
        default=1_000_000,
        help="A first order of at least this amount, and every order of a customer who once returned goods,"
        " is marked to be confirmed by a call. 0 marks no first order.",
    )
    sop_call_holds = fields.Boolean("Goods Wait for the Call", help="A delivery is not done before the customer has confirmed by phone.")
