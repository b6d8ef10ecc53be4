from odoo import api, models

from ..tools.rendering import rendering


class IrQweb(models.AbstractModel):
    """Pages and mails reach no hidden field; what they show of one is handed to them."""

    _inherit = "ir.qweb"

    @api.model
    def _render_iterall(self, view_ref, method, values, directive="render"):
        """Render a template, or a part of one that was put off; see core for the contract. The parts are made at once."""
        with rendering(self.env):
            return iter(list(super()._render_iterall(view_ref, method, values, directive=directive)))
