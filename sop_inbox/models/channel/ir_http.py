from odoo import api, models


class IrHttp(models.AbstractModel):
    """The screen learns once which platforms there are."""

    _inherit = "ir.http"

    @api.private  # the page itself calls it; no client does
    def session_info(self):
        """Add the signs of the platforms; see core for the contract."""
        result = super().session_info()
        if self.env.user._is_internal():
            result["sop_channels"] = {name: service._icons for name, service in self.env["sop.provider"]._installed().items()}
        return result
