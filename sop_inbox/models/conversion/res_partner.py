from odoo import api, fields, models


class ResPartner(models.Model):
    """Whether a customer lets the shop tell vendors of advertising what he buys, and what he agreed to."""

    _inherit = "res.partner"

    sop_tracking_consent = fields.Boolean(
        "Ad Measurement Allowed",
        copy=False,
        tracking=True,
        help="The customer agreed that carts and orders are told to Meta. Empty until he did: nothing is told without.",
    )
    sop_tracking_consent_at = fields.Datetime("Allowed Since", readonly=True, copy=False)
    sop_tracking_consent_by_id = fields.Many2one("res.users", "Recorded By", readonly=True, copy=False)
    sop_tracking_consent_text = fields.Text("Words Agreed To", readonly=True, copy=False, help="As they stood in the settings that day.")

    @api.model_create_multi
    def create(self, vals_list):
        """Keep when, by whom and to which words the consent was given."""
        return super().create([vals | (self._consent_values(True) if vals.get("sop_tracking_consent") else {}) for vals in vals_list])

    def write(self, vals):
        """Keep when, by whom and to which words the consent was given or taken back; saying it again proves nothing new."""
        if "sop_tracking_consent" not in vals:
            return super().write(vals)
        given = bool(vals["sop_tracking_consent"])
        changed = self.filtered(lambda partner: partner.sop_tracking_consent != given)
        super(ResPartner, self - changed).write(vals)
        return super(ResPartner, changed).write(vals | self._consent_values(given))

    @api.model
    def _consent_values(self, given):
        """Columns that prove what is recorded now."""
        now, text = fields.Datetime.now(), self.env.company._get_consent_text() if given else False
        return {"sop_tracking_consent_at": now, "sop_tracking_consent_by_id": self.env.uid, "sop_tracking_consent_text": text}
