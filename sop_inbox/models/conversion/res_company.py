from odoo import fields, models


class ResCompany(models.Model):
    """The text customers agree to before the shop sends an advertising platform what they buy."""

    _inherit = "res.company"

    sop_consent_text = fields.Text("Text of the Consent", help="Kept with each customer who agrees. Empty: the default text.")

    sop_purchase_at = fields.Selection(
        [("confirm", "The order is confirmed"), ("delivery", "The parcel is delivered")],
        "A Purchase Is Reported When",
        default="confirm",
        required=True,
        help="On delivery: what was refused at the door is never reported as a purchase.",
    )

    def _get_consent_text(self):
        """Return the text in force, in the company's language."""
        company = self.with_context(lang=self.partner_id.lang or self.env.lang)
        return company.sop_consent_text or company.env._(
            "I agree that %(company)s sends %(networks)s what I put into the cart and bought, and my phone and email in hashed form,"
            " to measure its advertising. I may withdraw this at any time.",
            company=company.name,
            networks=", ".join(filter(None, [service._ad_network for service in self.env["sop.provider"]._installed().values()])),
        )
