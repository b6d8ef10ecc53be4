from odoo import fields, models


class ResPartner(models.Model):
    """Whether a customer lets the shop tell vendors of advertising what he buys."""

    _inherit = "res.partner"

    sop_tracking_consent = fields.Boolean(
        "Ad Measurement Allowed",
        copy=False,
        help="The customer agreed that carts and orders are told to Meta. Empty until he did: nothing is told without.",
    )
    sop_tracking_consent_at = fields.Datetime("Allowed Since", readonly=True, copy=False)
    sop_tracking_consent_by_id = fields.Many2one("res.users", "Recorded By", readonly=True, copy=False)

    def write(self, vals):
        """Keep when and by whom the consent was recorded or taken back."""
        if "sop_tracking_consent" in vals:
            vals = vals | {"sop_tracking_consent_at": fields.Datetime.now(), "sop_tracking_consent_by_id": self.env.uid}
        return super().write(vals)
