from odoo import fields, models


class SopExchangeExtension(models.Model):
    """Whose telephone an extension of the exchange is."""

    _name = "sop.exchange.extension"
    _description = "Extension of a Telephone Exchange"
    _order = "exchange_id, extension"
    _rec_name = "extension"

    exchange_id = fields.Many2one("sop.exchange", required=True, ondelete="cascade", index=True)
    extension = fields.Char(required=True, help="Number or name of the extension, as the exchange writes it.")
    user_id = fields.Many2one("res.users", "Salesperson", required=True, domain="[('share', '=', False)]")

    _extension_unique = models.UniqueIndex("(exchange_id, extension)", "This extension is listed already.")
