from odoo import models


class ResPartner(models.Model):
    """Contacts carry the customer card."""

    _name = "res.partner"
    _inherit = ["res.partner", "sop.customer.card.mixin"]

    _sop_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")
