import re

from odoo import models
from odoo.addons.mail.tools.discuss import Store
from odoo.tools import html2plaintext

from ...tools.address import read_addresses

# a kind of place, or a part that goes on after a comma: what has neither is no address, and is not read
_MAYBE = re.compile(r"phường|phuong|quận|quan|huyện|huyen|xã|xa\s|thị trấn|\b[pqfh]\s?[.\d]|\btp|tỉnh|tinh|,|hcm|hn\b|\d\s", re.IGNORECASE)
SHOWN = 3  # addresses of one message


class MailMessage(models.Model):
    """A customer's message that holds an address says so beside it."""

    _inherit = "mail.message"

    def _to_store_defaults(self, target):
        result = super()._to_store_defaults(target)
        if target.is_internal(self.env) and any(self.sudo().mapped("sop_side")):  # sudo: a column of messages being shown
            found = self._sop_addresses()
            result.append(Store.Attr("sop_addresses", value=lambda m: found.get(m.id, False), predicate=lambda m: m.id in found))
        return result

    def _sop_addresses(self):
        """Return dict id -> the addresses of what customers wrote, as the screen shows them."""
        found = {}
        for message in self.sudo().filtered(lambda message: message.sop_side == "in"):  # sudo: messages being shown
            words = html2plaintext(message.body or "")
            if len(words) > 8 and _MAYBE.search(words) and (matches := read_addresses(words)):
                found[message.id] = [{"text": words[match.start : match.end], "sure": bool(match.ward_code)} for match in matches[:SHOWN]]
        return found
