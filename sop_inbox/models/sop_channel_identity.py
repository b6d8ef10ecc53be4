from odoo import fields, models


class SopIdentity(models.Model):
    """A person at a vendor: whether he follows the shop there."""

    _inherit = "sop.identity"

    is_following = fields.Boolean(readonly=True, copy=False)
    follow_told_at = fields.Datetime(readonly=True, copy=False)
