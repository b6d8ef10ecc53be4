import re

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.sop_pipeline.tools.arguments import at_most, record_id, takes, text
from odoo.addons.sop_pipeline.tools.phone import find_phones

from ...tools.address import read_addresses

_NAME = re.compile(
    r"(?:^|[\n,;])\s{0,5}(?:họ\s?(?:và\s?)?tên|ho ten|tên|ten|người nhận|nguoi nhan)(?: người nhận)?\s{0,3}[:\-]\s{0,3}([^\n,;:\d]{2,60})",
    re.IGNORECASE,
)


class SopOrderForm(models.AbstractModel):
    """An address a customer wrote becomes the customer's, when a person says so and not before."""

    _inherit = "sop.order.form"

    @takes(message_id=record_id, index=at_most(20), ward_code=text(10))
    def action_use_address(self, message_id, index=0, ward_code=None):
        """Give the customer of this conversation the name, phone, street, ward and province of a message.

        A ward that is not sure is asked for: nothing is written until ``ward_code`` says which of the choices it is, or "none" that it
        is none of them.

        :param index: which of the message's addresses
        :return: dict ``choices`` (what to ask: list of dict ``code``, ``name``), or ``customer`` (see ``get_order_form``) and ``note``
            (what was not understood, "" when all was)
        """
        self._open("write")
        message = self._own_message(message_id)
        words = html2plaintext(message.body or "")
        matches = read_addresses(words)
        if index >= len(matches):
            raise UserError(self.env._("There is no address in this message."))
        match = matches[index]
        if match.choices and not ward_code:
            return {"choices": self._ward_choices(match), "why": self._address_reason(match)}
        if ward_code and ward_code != "none" and ward_code not in match.choices:
            raise UserError(self.env._("This ward is none of the address's."))
        code = match.ward_code or (ward_code if ward_code != "none" else None)
        values, note = self._address_values(match, code)
        self.conversation._lock()
        self._change_customer(self._person_values(words, match, len(matches)) | values)
        return {"customer": self._order_customer(), "note": note}

    def _own_message(self, message_id):
        message = self.env["mail.message"].browse(message_id).exists()
        # sudo: only whether it is of this conversation's chat
        if not message or (message.sudo().model, message.sudo().res_id) != ("discuss.channel", self.conversation.channel_id.id):
            raise UserError(self.env._("This message is not of this conversation."))
        message.check_access("read")
        return message

    def _ward_choices(self, match):
        """Return the wards to ask, likeliest first, each with the old ones it holds parts of."""
        wards = self.env["res.city"].search([("country_id.code", "=", "VN"), ("sop_code", "in", match.choices)])
        known = {ward.sop_code: ward for ward in wards}
        return [{"code": code, "name": known[code].display_name} for code in match.choices if code in known]

    def _address_values(self, match, code):
        """Return the values of an address, and what was not understood of it."""
        values = {"street": match.street} if match.street else {}
        if code:
            ward = self.env["res.city"].search([("country_id.code", "=", "VN"), ("sop_code", "=", code)], limit=1)
            return values | {"city": ward.name, "state_id": ward.state_id.id}, ""
        values["city"] = match.ward
        if match.province:
            vietnam = self.env.ref("base.vn")
            state = self.env["res.city"]._sop_states(vietnam).get(self.env["res.city"]._sop_province_key(match.province))
            values |= {"state_id": state.id} if state else {}
        return values, self._address_reason(match)

    def _address_reason(self, match):
        """Return why a ward is not sure, as a sentence."""
        ward = match.ward or self.env._("the ward")
        return {
            "divided": self.env._("%(ward)s was divided among several wards.", ward=ward),
            "same_name": self.env._("%(ward)s can be more than one ward.", ward=ward),
            "spelling": self.env._("%(ward)s is in no list; perhaps it is written otherwise.", ward=ward),
            "no_ward": self.env._("The address names no ward."),
            "district": self.env._("%(ward)s does not lie in this district.", ward=ward),
            "unknown": self.env._("%(ward)s is in no list of wards; it was kept as written.", ward=ward),
        }.get(match.reason, "")

    def _person_values(self, words, match, addresses):
        """Return who the address is of: the phone beside it, and a name written as one; none where a message has several addresses."""
        if addresses > 1:
            return {}
        values = {}
        if phones := find_phones(words):
            values["phone"] = phones[0].e164
        if named := _NAME.search(words):
            values["name"] = named[1].strip()
        return values
