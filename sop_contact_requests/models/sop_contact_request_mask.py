from odoo import api, models

from ..tools.masking import mask_numbers

#: Texts of a request that are shown
TEXTS = ("buyer_name", "message", "note")


class SopContactRequest(models.Model):
    """No text of a request shows its number, however it is written (row C5).

    Texts are masked where they are stored, so that no list, search, mail, export or lead can show more: in
    ``create`` and ``write`` here, and in the chatter by ``sop.request.words.mixin``.
    """

    _inherit = "sop.contact.request"

    def _get_numbers(self):
        """Numbers of these requests: what must not be read in any text about them; sudo inside."""
        requests = self.sudo()  # sudo: no user may read them
        return set(filter(None, [*requests.mapped("phone"), *requests.entry_ids.mapped("phone")]))

    @api.model
    def _get_message_values(self, message, numbers=()):
        """The message as sellers see it, and in full where only a reveal reaches it.

        :param numbers: the request's own
        """
        shown = mask_numbers(message, numbers)
        return {"message": shown, "message_full": message if shown != message else False}

    def _mask_values(self, vals):
        """Values as they may be written on these requests; a changed number is taken out of the texts that stay."""
        if not vals.keys() & {*TEXTS, "phone"}:
            return vals
        numbers = self._get_numbers() | {vals.get("phone")} - {None, False}
        staying = {name: self[name] for name in TEXTS if name not in vals} if len(self) == 1 and vals.get("phone") else {}
        return {**vals, **{name: mask_numbers(text, numbers, others=False) for name, text in (vals | staying).items() if name in TEXTS}}

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        """Mails and bells carry what the chatter keeps, not what was typed."""
        if msg_vals:
            stored = message.sudo()  # sudo: what was posted by this very call
            msg_vals = {**msg_vals, **{name: stored[name] for name in ("body", "subject") if name in msg_vals}}
        return super()._notify_thread(message, msg_vals, **kwargs)
