from odoo import fields, models


class MailMessage(models.Model):
    """A message that is more than its words: a channel may send it in the platform's own form."""

    _inherit = "mail.message"

    sop_payload = fields.Json(
        "Structured Content",
        readonly=True,
        copy=False,
        help="Dict with a key 'type' ('receipt', 'quotation' or 'order_cancelled' for orders); the body has the same as text.",
    )
