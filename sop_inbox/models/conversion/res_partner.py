from odoo import api, fields, models

CONSENT_PROOF = {"sop_tracking_consent_at", "sop_tracking_consent_by_id", "sop_tracking_consent_text"}


class ResPartner(models.Model):
    """Whether a customer lets the shop send advertising platforms what they buy, and the text they agreed to."""

    _name = "res.partner"
    _inherit = ["res.partner", "sop.guard.mixin"]

    sop_tracking_consent = fields.Boolean(
        "Ad Measurement Allowed",
        copy=False,
        tracking=True,
        help="The customer agreed that carts and orders are reported to the advertising platform. Empty until they did: nothing is reported without.",
    )
    sop_tracking_consent_at = fields.Datetime("Allowed Since", readonly=True, copy=False)
    sop_tracking_consent_by_id = fields.Many2one("res.users", "Recorded By", readonly=True, copy=False)
    sop_tracking_consent_text = fields.Text("Text Agreed To", readonly=True, copy=False, help="As they stood in the settings that day.")

    @api.model
    def _sop_kept(self):
        """The proof of a consent is written with it."""
        return super()._sop_kept() | CONSENT_PROOF

    @api.model_create_multi
    def create(self, vals_list):
        """Keep when, by whom and to which words the consent was given, however it came in."""
        partners = super().create([dict(vals) for vals in vals_list])  # core adds to them
        given = partners.filtered(lambda partner: partner.sop_tracking_consent and not partner.sop_tracking_consent_at)
        given._keep_consent(True)
        return partners

    def write(self, vals):
        """Keep when, by whom and to which words the consent was given or taken back; saying it again proves nothing new."""
        if "sop_tracking_consent" not in vals or CONSENT_PROOF & vals.keys():  # a merge brings the proof along
            return super().write(vals)
        given = bool(vals["sop_tracking_consent"])
        changed = self.filtered(lambda partner: partner.sop_tracking_consent != given)
        result = super().write(vals)
        changed._keep_consent(given)
        return result

    def _keep_consent(self, given):
        """Write what proves what is recorded now."""
        if self:
            self._sop_keeping().write(self._consent_values(given))

    @api.model
    def _consent_values(self, given):
        """Columns that prove what is recorded now."""
        now, text = fields.Datetime.now(), self.env.company._get_consent_text() if given else False
        return {"sop_tracking_consent_at": now, "sop_tracking_consent_by_id": self.env.uid, "sop_tracking_consent_text": text}


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """What a person said of ad measurement is one statement with its proof: of merged contacts the latest counts, never a mixture."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """See core for the contract."""
        said = (src_partners | dst_partner).filtered("sop_tracking_consent_at")
        latest = said.sorted(lambda partner: (partner.sop_tracking_consent_at, not partner.sop_tracking_consent))[-1:]
        statement = latest.read(["sop_tracking_consent", *CONSENT_PROOF], load=None)
        super()._update_values(src_partners, dst_partner)
        for values in statement:
            del values["id"]
            dst_partner._sop_keeping().write(values)
