from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.person import Person


class SopContactEntry(models.Model):
    """What a buyer left with one press of the button; a request gathers those of 24 hours.

    Read by the server only: it holds the number, and its private link shows a
    buyer exactly what they typed, never what another person left on the same number
    (row C14).
    """

    _name = "sop.contact.entry"
    _inherit = ["sop.hidden.mixin"]
    _description = "Form of a contact request"
    _order = "id"

    request_id = fields.Many2one("sop.contact.request", required=True, index=True, ondelete="cascade")
    nonce = fields.Char(required=True, groups=fields.NO_ACCESS, help="Number of the form: sent twice, it is stored once.")
    name = fields.Char(required=True, groups=fields.NO_ACCESS)
    phone = fields.Char(required=True, groups=fields.NO_ACCESS)
    message = fields.Text(groups=fields.NO_ACCESS)
    consent_text_id = fields.Many2one("sop.consent.text", ondelete="restrict")
    consent_at = fields.Datetime(default=fields.Datetime.now)
    allow_zalo = fields.Boolean("May be written to on Zalo")
    allow_sms = fields.Boolean("May be sent text messages")
    withdrawn_at = fields.Datetime(index="btree_not_null")

    _nonce_unique = models.UniqueIndex("(nonce)", "This form was sent already.")

    def _correct(self, name, phone, message):
        """The buyer corrects what they left; idempotent. Values are checked by the caller.

        Alone on its request, the form changes it in place; with a changed number beside other
        forms it moves to a request of its own, so that those others stay as they are.
        """
        self.ensure_one()
        before, changed_phone = self.message, phone != self.phone
        self.write({"name": name, "phone": phone, "message": message})
        request = self.request_id
        if changed_phone and len(request.entry_ids) > 1:
            moved = request._create_from_entry_values(self._get_request_values())
            self.request_id = moved
            self.invalidate_recordset(["request_id"])
            request._recompose(before)
        else:
            request._recompose(before, message)

    def _get_request_values(self):
        """Values for a request of this form's own."""
        old = self.request_id
        return {
            "listing_id": old.listing_id.id,
            "listing_name": old.listing_name,
            "external_url": old.external_url,
            "external_ref": old.external_ref,
            "seller_id": old.seller_id.id,
            "company_id": old.company_id.id,
            "website_id": old.website_id.id,
            "buyer_name": self.name,
            "phone": self.phone,
            "message": self.message,
            "consent_text_id": self.consent_text_id.id,
            "consent_at": self.consent_at,
        }

    def _withdraw(self):
        """The buyer wants no more calls; idempotent. The number cannot be revealed any more.

        All forms sent under the same name are meant. One under another name may be that of
        somebody else who typed the same number, and stays.
        """
        for entry in self.filtered(lambda e: not e.withdrawn_at):
            request, now = entry.request_id, fields.Datetime.now()
            request.entry_ids.filtered(lambda e, own=entry: not e.withdrawn_at and e.name.casefold() == own.name.casefold()).write(
                {"withdrawn_at": now}
            )
            if all(request.entry_ids.mapped("withdrawn_at")):
                # touched_at: no person has done anything
                request.write({"consent_withdrawn_at": now, "reminder_at": False, "touched_at": request.touched_at})
                request.lead_id._sop_withdraw_consent()
                request._notify_taken_back()

    def _get_reveals(self):
        """Log lines of the number since this form was sent: what was before may be another person's business."""
        self.ensure_one()
        return self.request_id.reveal_ids.filtered(lambda line: line.revealed_at >= self.consent_at)

    def _erase(self):
        """The buyer deletes what they left; the last form takes the whole request, and what was made of it, along; sudo."""
        if self:
            self.env["sop.privacy"]._erase(Person(self))

    def _export(self):
        """What is kept of this form, and of what was made of it alone, in words; see ``sop.privacy._export``; sudo."""
        return self.env["sop.privacy"]._export(Person(self))

    def _check_open(self):
        """:raise UserError: when there is nothing left to change"""
        if not self.exists() or self.request_id.erased_at:
            raise UserError(self.env._("This has been deleted already."))
