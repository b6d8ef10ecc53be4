from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import each, record_id, takes, text


class SopConversation(models.Model):
    """Templates the platform has approved: what still goes when the window is closed; and what is left of free replies."""

    _inherit = "sop.conversation"

    quota_left = fields.Integer("Free Replies Left", readonly=True, copy=False, help="As the platform said at the last reply.")
    quota_at = fields.Datetime("Free Reply Quota Checked At", readonly=True, copy=False)

    @takes(template_id=record_id, values=each(text(1000), 50))
    def action_send_template(self, template_id, values=None):
        """Send one of the page's approved templates, whatever the window.

        :param values: list of texts that fill the template's blanks, in their order
        :return: id of the message shown in the conversation
        """
        self.ensure_one()
        conversation = self._sudo_checked()
        # sudo: only templates of the conversation's page are found, and the conversation was checked
        template = self.env["sop.channel.template"].sudo()._open_for(conversation).filtered(lambda row: row.id == template_id)
        if not template:
            raise UserError(self.env._("This template cannot be sent here: fetch the page's templates again."))
        text = template._fill(values)
        message = conversation._post_outbound(text, user=self.env.user, sent=True)
        payload = {"name": template.name, "language": template.language, "values": list(values or [])}
        self.env["sop.channel.message"]._queue(conversation, "utility", message, text=text, payload=payload)
        return message.id
