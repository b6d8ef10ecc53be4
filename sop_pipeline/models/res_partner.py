from odoo import api, models


class ResPartner(models.Model):
    """Contacts carry the customer card."""

    _name = "res.partner"
    _inherit = ["res.partner", "sop.customer.card.mixin"]

    _sop_phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")

    @api.model_create_multi
    def create(self, vals_list):
        """A phase that was typed is dropped, and city and ward are brought in line; see core for the contract."""
        partners = super().create([self._sop_without_phase(vals) for vals in vals_list])
        partners._sop_fit_ward(partners.filtered(lambda partner: partner.city or partner.city_id))
        return partners

    def write(self, vals):
        """See :meth:`create`; bringing city and ward in line writes at most once more."""
        result = super().write(self._sop_without_phase(vals))
        if not {"city", "state_id", "city_id"}.isdisjoint(vals):
            self._sop_fit_ward(self, chosen="city_id" in vals and vals["city_id"])
        return result
