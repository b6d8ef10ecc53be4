from odoo import models

from odoo.addons.sop_inbox.tools.signature import check

from . import pigeon


class SopProviderPigeon(models.AbstractModel):
    """Chats of Pigeon: words and pictures, for 24 hours after the customer's last message."""

    _name = "sop.provider.pigeon"
    _inherit = "sop.provider"
    _description = "Pigeon"

    _parts = frozenset({"text", "file"})
    _text_limit = 500
    _window_hours = 24
    _marks_echo = True
    _icons = {"message": "fa-paper-plane", "color": "#475569"}
    _tools = pigeon
    _api = pigeon

    def verify(self, app, raw, headers):
        """Pigeon signs the bytes with the app's secret."""
        return check(app.app_secret or "", raw, headers.get("X-Pigeon-Signature"))

    def refuse(self, message):
        """Pigeon carries pictures and no other files."""
        if message.attachment_id and not message.attachment_id.mimetype.startswith("image/"):
            return "part"
        return super().refuse(message)
