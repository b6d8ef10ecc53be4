from odoo import api, models

from ..tools.masking import mask_numbers


class SopRequestWordsMixin(models.AbstractModel):
    """Texts that people write beside a contact request: its number is masked in them as in the request's own.

    For core's models that hang on any record by a model's name and an id.
    """

    _name = "sop.request.words.mixin"
    _description = "Texts About a Contact Request"

    @api.model
    def _sop_words(self):
        """Return (field with the model's name, names of the text fields). Hook."""
        return "", ()

    @api.model_create_multi
    def create(self, vals_list):
        """Store texts about a request without its number; see core for the contract."""
        records = super().create(vals_list)
        records._sop_mask_words()
        return records

    def write(self, vals):
        """Store texts about a request without its number; see core for the contract."""
        result = super().write(vals)
        if vals.keys() & set(self._sop_words()[1]):
            self._sop_mask_words()
        return result

    def _sop_mask_words(self):
        """Take the numbers of the requests these texts are about out of them. Idempotent."""
        model, names = self._sop_words()
        for record in self.sudo():  # sudo: who wrote it may not write it again, and reads no number
            if record[model] != "sop.contact.request" or not record.res_id:
                continue
            numbers = self.env["sop.contact.request"].browse(record.res_id).exists()._get_numbers()
            masked = {name: mask_numbers(record[name], numbers, others=False) for name in names}
            if changed := {name: text for name, text in masked.items() if text != record[name]}:
                record.write(changed)
