from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SopConsentText(models.Model):
    """A version of what buyers agree to. Each request keeps the version it was given (proof)."""

    _name = "sop.consent.text"
    _description = "Consent text"
    _inherit = ["sop.guard.mixin"]
    _order = "id desc"
    _rec_name = "version"

    version = fields.Char(required=True)
    body = fields.Text(required=True, translate=True)
    company_id = fields.Many2one("res.company", index="btree_not_null")
    active = fields.Boolean(default=True)

    _version_unique = models.UniqueIndex("(version, COALESCE(company_id, 0))", "This version exists already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"company_id": "read"}

    def write(self, vals):
        """A text somebody agreed to is evidence: translate or archive it, but word a new version anew.

        An upgrade may load its own text again; a context that a client sends does not make an upgrade.

        :raise UserError: for a used version's words or number
        """
        if {"version", "body"} & vals.keys() and not (self.env.su and self.env.context.get("install_mode")):
            # sudo: the author of the text may not see every seller's requests
            used = self.env["sop.contact.request"].sudo().with_context(active_test=False).search_count([("consent_text_id", "in", self.ids)], limit=1)
            if used:
                raise UserError(self.env._("Buyers have agreed to this text: add a new version instead of changing it."))
        return super().write(vals)

    @api.model
    def _get_current(self, company):
        """Newest version of *company*, or the common one; empty when there is none."""
        texts = self.search(Domain("company_id", "in", [company.id, False]))
        return (texts.filtered("company_id") or texts)[:1]
