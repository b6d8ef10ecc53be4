from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        """The seller's page speaks his language in its scripts too; see core for the contract."""
        return [*super()._get_translation_frontend_modules_name(), 'sop_contact_requests']
