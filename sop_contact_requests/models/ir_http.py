from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _serve_fallback(cls):
        """An address with a NUL is no page of any site: the database would refuse to look for it; see core for the contract."""
        if "\x00" in request.httprequest.path:
            return None
        return super()._serve_fallback()

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The seller's page uses their language in its scripts too; see core for the contract."""
        return [*super()._get_translation_frontend_modules_name(), "sop_contact_requests"]
