from odoo import api, models

from ..tools.rendering import rendering


class IrQweb(models.AbstractModel):
    """Pages and mails reach no hidden field; what they show of one is handed to them."""

    _inherit = "ir.qweb"

    @api.model
    def _render(self, template, values=None, **options):
        """Render a template; see core for the contract."""
        with rendering(self.env):
            return super()._render(template, values, **options)
