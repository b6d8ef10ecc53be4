import re

from odoo import api, fields, models

from ...tools.words import fold
from ..outbound.sop_channel_message import MARKS

_PROVINCE = re.compile("^(thanh pho|tinh|tp) ")
_SHORT = {"hcm": "ho chi minh", "sai gon": "ho chi minh", "hn": "ha noi"}


class SopIdentity(models.Model):
    """A person on a platform: whether they follow the shop, and how they are forgotten."""

    _inherit = "sop.identity"

    is_following = fields.Boolean(readonly=True, copy=False)
    follow_reported_at = fields.Datetime(readonly=True, copy=False)

    delivered_until = fields.Datetime(readonly=True, copy=False)
    read_until = fields.Datetime(readonly=True, copy=False)

    def _note_form(self, said):
        """What the customer wrote into the platform's form fills what is empty, here and on their contact.

        :param said: dict of texts: phone, street, ward, district, province
        """
        self.ensure_one()
        self._name_once(said.get("name"))
        state = self._read_state(said.get("province", ""))
        place = [said.get("ward"), said.get("district"), "" if state else said.get("province")]
        values = {"phone": said.get("phone"), "street": said.get("street"), "city": ", ".join(filter(None, place)), "state_id": state.id}
        self.write({name: value for name, value in values.items() if value and not self[name]})
        partner = self.partner_id or self.conversation_ids.filtered("partner_id")[:1].partner_id
        address = {"street", "city", "state_id"}
        if partner and not any(partner[name] for name in address):  # two halves of two places are no address
            partner.write({name: values[name] for name in address if values[name]})

    @api.model
    def _read_state(self, text):
        """Return the province a person wrote, none when it is not clear."""
        words = _PROVINCE.sub("", " ".join(re.findall(r"[a-z]+", fold(text))))
        words = _SHORT.get(words, words)
        states = self.env.ref("base.vn").state_ids
        found = states.filtered(lambda state: words and _PROVINCE.sub("", " ".join(re.findall(r"[a-z]+", fold(state.name)))) == words)
        return found if len(found) == 1 else found.browse()

    def _note_mark(self, state, until):
        """The customer's app has, or they have read, everything until a moment; an older mark does nothing.

        :param state: "delivered" or "read"
        """
        column = MARKS[state]
        if not self[column] or until > self[column]:
            self[column] = until
            for conversation in self.conversation_ids.filtered(lambda conversation: conversation.kind == "message"):
                domain = [("conversation_id", "=", conversation.id), ("state", "in", ("sent", "delivered")), ("at", "<=", until)]
                self.env["sop.channel.message"].sudo().search(domain)._mark(self)  # sudo: users cannot write rows
