from odoo import api, models


class SopInboxScreen(models.AbstractModel):
    """A chip of replies that did not reach their customers."""

    _inherit = "sop.inbox.screen"

    @api.model
    def _chip_domains(self):
        return super()._chip_domains() | {"unsent": [("has_unsent", "=", True)]}
