from odoo import api, fields, models

CODE = "sop_bank"


class PaymentProvider(models.Model):
    """Bank transfer with a reference: the way of paying whose money the bank's feed reports. One of each company."""

    _inherit = "payment.provider"

    code = fields.Selection(selection_add=[(CODE, "Bank transfer, confirmed by itself")], ondelete={CODE: "set default"})

    def _get_default_payment_method_codes(self):
        """Core's hook: the method this provider offers."""
        self.ensure_one()
        return {"bank_transfer"} if self.code == CODE else super()._get_default_payment_method_codes()

    @api.model
    def _sop_bank_provider(self, company, journal=None):
        """Return the provider of a company, made when there is none; sudo by the caller."""
        provider = self.search([("code", "=", CODE), ("company_id", "=", company.id)], limit=1)
        if not provider:
            self._setup_payment_method(CODE)
            method = self.env.ref("payment.payment_method_bank_transfer")
            provider = self.with_company(company).create(
                {
                    "name": self.env._("Bank transfer"),
                    "code": CODE,
                    "company_id": company.id,
                    "state": "enabled",
                    "is_published": False,
                    "pending_msg": False,  # core's speaks of an approval; the box with the code says what is waited for
                    "redirect_form_view_id": self.env.ref("sop_pipeline.bank_redirect_form").id,
                    "payment_method_ids": [(6, 0, method.ids)],
                }
            )
            method.active = True
        if journal and provider.journal_id != journal:
            provider.journal_id = journal
        return provider

    @api.model
    def _sop_bank_remove(self):
        """Before the addon goes: providers of ours become core's empty ones; what was paid through them stays."""
        providers = self.with_context(active_test=False).search([("code", "=", CODE)])
        providers.write(self._get_removal_values())
        method = self._get_provider_payment_method(CODE)
        if method and not self._check_existing_payment(method):
            method.unlink()
