from odoo import models

from ..tools.phone import normalize_phone


class MailThreadPhone(models.AbstractModel):
    """Numbers written the old way (eleven digits) are the same number (row P12)."""

    _inherit = "mail.thread.phone"

    def _phone_format_number(self, number, country, force_format="E164", raise_exception=False):
        """Renumbers Vietnamese mobiles given up in 2018 before core formats them; see core for the contract."""
        if country and country.code == "VN" and number:
            number = normalize_phone(number) or number
        return super()._phone_format_number(number, country, force_format=force_format, raise_exception=raise_exception)
