from odoo import models


class SopConversationPanel(models.AbstractModel):
    """A closed window offers the templates that still go."""

    _inherit = "sop.conversation.panel"

    def _panel_window(self):
        """A closed window offers the templates."""
        window = super()._panel_window()
        if not window["open"] and self.conversation.last_inbound_at:
            templates = self.env["sop.channel.template"]._open_for(self.conversation)
            window["templates"] = [{"id": row.id, "name": row.display_name, "text": row.body or "", "blanks": row._blanks()} for row in templates]
        return window
