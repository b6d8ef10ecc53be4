from odoo import models


class IrWebsocket(models.AbstractModel):
    """Staff of the inbox hear that conversations of their companies changed (ids only)."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        channels = list(channels)
        if self.env.user.has_group("sop_inbox.sop_inbox_group_user"):
            channels += [(company, "sop_inbox") for company in self.env.user.company_ids]
        return super()._build_bus_channel_list(channels)
