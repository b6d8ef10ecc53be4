from odoo import fields, models

from odoo.addons.sop_pipeline.tools.arguments import clean_text


class ResUsers(models.Model):
    """A seller's person and their devices: each says for themselves what is pushed to them."""

    _inherit = "res.users"

    sop_news_push = fields.Boolean(
        "New requests on my devices", default=True, help="New contact requests are announced on the devices on which this person allowed it."
    )

    def _sop_get_device(self, endpoint):
        """This person's own device with this address at its push service, as the browser knows it, or none; sudo.

        :param endpoint: whatever the client sent
        """
        self.ensure_one()
        endpoint = clean_text(endpoint) if isinstance(endpoint, str) else ""
        # sudo: core's list of devices, which no portal user may read; their own alone
        return self.env["mail.push.device"].sudo().search([("partner_id", "=", self.partner_id.id), ("endpoint", "=", endpoint)])
