from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SopExchangeExtension(models.Model):
    """Whose telephone an extension of the exchange is."""

    _name = "sop.exchange.extension"
    _inherit = ["sop.guard.mixin"]
    _description = "Extension of a Telephone Exchange"
    _order = "exchange_id, extension"
    _rec_name = "extension"

    exchange_id = fields.Many2one("sop.exchange", required=True, ondelete="cascade", index=True)
    extension = fields.Char(required=True, help="Number or name of the extension, as the exchange writes it.")
    user_id = fields.Many2one("res.users", "Salesperson", required=True, domain="[('share', '=', False)]")

    _extension_unique = models.UniqueIndex("(exchange_id, extension)", "This extension is listed already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"exchange_id": "read", "user_id": "read"}

    @api.constrains("user_id")
    def _check_user_id(self):
        if any(extension.user_id.share for extension in self):
            raise ValidationError(self.env._("An extension belongs to a colleague: portal users take no calls."))
