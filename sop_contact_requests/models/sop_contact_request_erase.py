from odoo import fields, models
from odoo.fields import Domain


class SopContactRequest(models.Model):
    """Erasure of a buyer: on his request, and after the retention time (row C14)."""

    _inherit = 'sop.contact.request'

    def action_erase(self):
        """Erase the personal data of these requests' buyers for good. Idempotent.

        Access: managers of the contact list. Kept: that there was a request, when, on which
        listing, and who revealed its number.
        """
        self.check_access('write')
        if not self.env.user.has_group('sop_contact_requests.group_manager'):
            self.env['sop.contact.reveal'].check_access('read')  # raises the usual message
        self.sudo()._erase()  # sudo: fields nobody may write; the right was checked above
        return True

    def _erase(self):
        """See :meth:`action_erase`; sudo. Removes data from everything made of the request."""
        for request in self.filtered(lambda r: not r.erased_at):
            request.entry_ids.unlink()
            request._release_lead()
            request.activity_ids.unlink()
            request._unlink_messages()
            request.with_context(tracking_disable=True).write({
                'buyer_name': '—', 'phone': False, 'message': False, 'message_full': False, 'note': False,
                'reminder_at': False, 'touched_at': request.touched_at or fields.Datetime.now(),
                'erased_at': fields.Datetime.now(), 'active': False})
        self.flush_recordset()

    def _release_lead(self):
        """Erase the buyer in the lead made of this request, unless another request of his still needs it; sudo.

        A lead that was only found by its number holds what the shop knew of its customer before.
        Anybody can type that number into the form and delete it again: it stays as it is.
        """
        lead = self.lead_id
        if not self.lead_made:
            return
        heir = (lead.sop_request_ids - self).filtered(lambda request: not request.erased_at)[:1]
        if heir:
            heir.lead_made = True
            if lead.contact_name == self.buyer_name:
                lead.contact_name = heir.buyer_name
        else:
            lead._sop_erase_buyer()
        self.lead_made = False

    def _unlink_messages(self):
        """Remove the chatter of these requests: staff may have written about the buyer there."""
        self.env['mail.message'].search(
            Domain('model', '=', self._name) & Domain('res_id', 'in', self.ids)).unlink()

    def _get_export(self):
        """What is kept about a buyer, in words, for the person itself (right of access); sudo."""
        self.ensure_one()
        return {
            'listing': self.listing_name, 'seller': self.seller_id.name, 'requested_at': self.requested_at,
            'times': self.request_count, 'status': dict(self._fields['state']._description_selection(self.env))[self.state],
            'consent': self.consent_text_id.version, 'consent_at': self.consent_at,
            'revealed': len(self.reveal_ids),
        }
