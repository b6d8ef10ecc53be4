from odoo import models


class DiscussChannel(models.Model):
    """Lets structured content ride in messages of conversations."""

    _inherit = "discuss.channel"

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {"sop_payload"}
