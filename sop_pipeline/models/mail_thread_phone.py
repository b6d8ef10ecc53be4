from odoo import models

from ..tools.phone import normalize_phone, read_cell


class MailThreadPhone(models.AbstractModel):
    """Numbers written the old way (eleven digits) are the same number, and a cell may hold more than a number (row P12).

    What was typed or imported is kept as it is: the first number in it is the one that is called, each is found.
    """

    _inherit = "mail.thread.phone"

    def _phone_format_number(self, number, country, force_format="E164", raise_exception=False):
        """Renumbers Vietnamese mobiles given up in 2018 before core formats them; see core for the contract."""
        if country and country.code == "VN" and number:
            numbers = [normalize_phone(number)] if force_format != "E164" else read_cell(number)
            number = next(filter(None, numbers), number)
        return super()._phone_format_number(number, country, force_format=force_format, raise_exception=raise_exception)
