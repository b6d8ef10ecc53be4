from odoo import models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import each, record_id, takes, text


class SopConversation(models.Model):
    """Templates the platform has approved: what still goes when the window is closed."""

    _inherit = "sop.conversation"

    @takes(template_id=record_id, values=each(text(1000), 50))
    def action_send_template(self, template_id, values=None):
        """Send one of the page's approved templates, whatever the window.

        :param values: list of texts that fill the template's blanks, in their order
        :return: id of the message shown in the conversation
        """
        self.ensure_one()
        conversation = self._sudo_checked()
        template = conversation._open_templates().filtered(lambda row: row.id == template_id)
        if not template:
            raise UserError(self.env._("This template cannot be sent here: fetch the page's templates again."))
        text = template._fill(values)
        message = conversation._post_outbound(text, user=self.env.user, sent=True)
        payload = {"name": template.name, "language": template.language, "values": list(values or [])}
        self.env["sop.channel.message"]._queue(conversation, "utility", message, text=text, payload=payload)
        return message.id

    def _open_templates(self):
        """Return the templates that may go to this customer."""
        if self.kind != "message" or "templates" not in (self.account_id.uses or ""):
            return self.env["sop.channel.template"]
        return self.env["sop.channel.template"].search([("account_id", "=", self.account_id.id), ("state", "=", "approved")])

    def _panel_window(self):
        """A closed window offers the templates."""
        window = super()._panel_window()
        if not window["open"] and self.last_inbound_at:
            templates = self._open_templates()
            window["templates"] = [{"id": row.id, "name": row.name, "text": row.body or "", "blanks": row._blanks()} for row in templates]
        return window
