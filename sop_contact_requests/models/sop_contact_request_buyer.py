from odoo import api, models

from odoo.addons.sop_pipeline.tools.phone import normalize_phone

from ..tools import stamp
from ..tools.masking import mask_numbers
from .sop_contact_request import NOTE_LENGTH
from .sop_contact_request_form import MESSAGE_LENGTH, NAME_LENGTH


class SopContactRequest(models.Model):
    """The buyer's private link: see, correct, withdraw, delete what they left (row C14)."""

    _inherit = "sop.contact.request"

    def _get_buyer_path(self, entry):
        """Path of the buyer's private link; its holder counts as the buyer."""
        token = stamp.sign(self._get_secret(), "buyer", [entry.nonce], 0)
        return f"/sop/my-request/{token}"

    @api.model
    def _get_entry_of(self, token):
        """The form behind a private link, sudo; empty for any other text, and once erased."""
        entries = self.env["sop.contact.entry"].sudo()  # sudo: the signed link is the key
        try:
            [nonce], _moment = stamp.verify(self._get_secret(), "buyer", token)
        except stamp.StampError:
            return entries
        return entries.search([("nonce", "=", nonce)], limit=1)

    @api.model
    def _handle_buyer(self, token, action, params):
        """What the buyer asked for on the private page; a repeat changes nothing more.

        :return: tuple (words for the buyer or None, errors)
        """
        entry = self._get_entry_of(token)
        if not entry:
            return None, {}
        if action == "correct":
            errors = self._correct_form(entry, params)
            return (None if errors else self.env._("Your corrections are saved.")), errors
        if action == "withdraw":
            entry._withdraw()
            return self.env._("Your consent is withdrawn: you are not called any more, and what you left will be erased within 15 days."), {}
        if action == "delete":
            entry._erase()
        return None, {}

    @api.model
    def _correct_form(self, entry, params):
        """The buyer corrects the form. :return: dict of errors, empty when it is done"""
        name = self._clean(params.get("buyer_name"))
        message = self._clean(params.get("message"), multiline=True)
        phone = normalize_phone(self._clean(params.get("phone")))
        if not 0 < len(name) <= NAME_LENGTH:
            return {"form": self.env._("Please enter your name, at most %(count)s characters.", count=NAME_LENGTH)}
        if len(message) > MESSAGE_LENGTH:
            return {"form": self.env._("The message has at most %(count)s characters.", count=MESSAGE_LENGTH)}
        if not phone or not self._is_mobile(phone):
            return {"phone": self.env._("Please enter a Vietnamese mobile number, e.g. 0912 345 678.")}
        entry._correct(name, phone, message)
        return {}

    def _recompose(self, before, after=None):
        """Name, number and message are those of the forms again; a correction highlights the request anew.

        The name is the first form's: a later one on the same number may be a stranger's.

        :param before: message of the changed form until now; in the note it is replaced where it still stands
        :param after: its message from now on; None when the form is gone, which is no news for the seller
        """
        self.ensure_one()
        first = self.entry_ids.sorted("id")[:1]
        note = self.note or ""
        numbers = self._get_numbers()
        old, new = mask_numbers(before or "", numbers), mask_numbers(after or "", numbers)
        if old and old in note:
            note = note.replace(old, new, 1).strip()
        elif new and new not in note:
            note = f"{note}\n{new}".strip()
        self._correct_lead(first)
        self.write(
            {
                **self._get_message_values("\n".join(filter(None, self.entry_ids.mapped("message"))), numbers),
                "note": note[:NOTE_LENGTH],
                "touched_at": self.touched_at if after is None else False,
                "buyer_name": mask_numbers(first.name, numbers),
                "phone": first.phone,
            }
        )

    def _correct_lead(self, entry):
        """Carry a corrected name and number into the lead that was made of this request alone; sudo."""
        lead = self.lead_id
        if self.lead_made and lead.sop_request_ids == self:
            changed = {"phone": entry.phone} if lead.phone_sanitized == self.phone != entry.phone else {}
            name = mask_numbers(entry.name, self._get_numbers())
            if lead.contact_name == self.buyer_name != name:
                changed["contact_name"] = name
            lead.write(changed)
