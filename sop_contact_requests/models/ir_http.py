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

    def session_info(self):
        """For staff what the bus had told before this page was made, so that it does not ring for it again; see core for the contract."""
        info = super().session_info()
        if self.env.user.has_group("sop_contact_requests.group_user"):
            info["sop_requests_heard"] = self.env["bus.bus"].sudo()._bus_last_id()  # sudo: a counter that only grows
        return info

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The seller's page uses their language in its scripts too; see core for the contract."""
        return [*super()._get_translation_frontend_modules_name(), "sop_contact_requests"]
