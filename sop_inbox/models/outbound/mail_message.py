from odoo import models
from odoo.addons.mail.tools.discuss import Store


class MailMessage(models.Model):
    """Messages of conversations show how far they came on the platform."""

    _inherit = "mail.message"

    def _to_store_defaults(self, target):
        result = super()._to_store_defaults(target)
        if target.is_internal(self.env) and any(self.sudo().mapped("sop_side")):  # sudo: a column of messages being shown
            states = self._sop_delivery()
            result.append(Store.Attr("sop_delivery", value=lambda m: states.get(m.id, False), predicate=lambda m: m.id in states))
        return result

    def _sop_delivery(self):
        """Return what the screen shows of each message's way to or from the platform: dict id -> values. Batch, two queries at most."""
        # sudo: the readers of a message may know its delivery state
        rows = self.env["sop.channel.message"].sudo().search([("mail_message_id", "in", self.ids)])
        private = rows._private_rows()
        return {message.id: of_one._delivery_values(private) for message, of_one in rows.grouped("mail_message_id").items()}
