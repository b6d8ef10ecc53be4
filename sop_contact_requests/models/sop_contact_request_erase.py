from odoo import api, fields, models

from odoo.addons.sop_pipeline.tools.person import Person


class SopContactRequest(models.Model):
    """Erasure and access of a buyer (row C14): of one form through its private link, of a request by a manager or the job."""

    _name = "sop.contact.request"
    _inherit = ["sop.contact.request", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {
            **super()._sop_personal_fields(),
            "buyer_name": "—",
            **dict.fromkeys(("phone", "message", "message_full", "note", "reminder_at"), False),
        }

    @api.model
    def _sop_personal_find(self, person):
        found = self._sop_personal_by_signs(person, ("phone",), name="buyer_name")
        return found.filtered(lambda request: not request.erased_at and all(map(person.is_called, request.entry_ids.mapped("name"))))

    def _sop_personal_learn(self, person):
        """A request holds what all its forms left: it goes with the last of them, and what was made of it with the last of those."""
        super()._sop_personal_learn(person)
        person.add(self.entry_ids)
        person.learn(self.mapped("phone"), names=self.mapped("buyer_name"))
        whole = self.browse(person.ids(self._name))
        for lead in whole.lead_id:
            made = lead.sop_request_ids.filtered("lead_made")
            if made and not (lead.sop_request_ids - whole).filtered(lambda request: not request.erased_at):
                person.add(lead)

    def _sop_personal_erase(self, person):
        """Empty the requests; that there was one, when and who revealed its number is not the buyer's data."""
        super()._sop_personal_erase(person)
        for request in self.filtered(lambda request: not request.erased_at):
            request._leave_lead(person)
            request._sop_erasing().write(
                {"touched_at": request.touched_at or fields.Datetime.now(), "erased_at": fields.Datetime.now(), "active": False}
            )
            request._notify_taken_back()

    def _leave_lead(self, person):
        """Hand a lead that was made of this request, and that another request of the buyer still needs, over to that one.

        A lead that was only found by its number holds what the shop knew of its customer before.
        Anybody can type that number into the form and delete it again: it stays as it is.
        """
        lead = self.lead_id
        if self.lead_made and lead.id not in person.ids("crm.lead"):
            going = self.browse(person.ids(self._name))
            heir = (lead.sop_request_ids - going).filtered(lambda request: not request.erased_at)[:1]
            heir.lead_made = True
            if heir and lead.contact_name and person.is_called(lead.contact_name):
                lead.contact_name = heir.buyer_name
        self.lead_made = False

    def _sop_personal_export(self, person):
        names = ["listing_name", "seller_id", "requested_at", "last_requested_at", "request_count", "state"]
        names += ["note"] if person.wide else []
        return [request._sop_personal_pairs(names) for request in self]

    def action_erase(self):
        """Erase the personal data of these requests' buyers for good. Idempotent.

        Access: managers of the contact list. Kept: that there was a request, when, on which
        listing, and who revealed its number.
        """
        self.check_access("write")
        if not self.env.user.has_group("sop_contact_requests.group_manager"):
            self.env["sop.contact.reveal"].check_access("read")  # raises the usual message
        self.sudo()._erase()  # sudo: fields no user may write; the right was checked above
        return True

    def _erase(self):
        """Erase these requests with all that was made of them; sudo."""
        if requests := self.filtered(lambda request: not request.erased_at):
            self.env["sop.privacy"]._erase(Person(requests))


class SopContactEntry(models.Model):
    """What one buyer typed with one press of the button."""

    _name = "sop.contact.entry"
    _inherit = ["sop.contact.entry", "sop.personal.data.mixin"]

    _sop_personal_sequence = 40

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), **dict.fromkeys(("name", "phone", "message"), False)}

    @api.model
    def _sop_personal_find(self, person):
        return self._sop_personal_by_signs(person, ("phone",), name="name")

    def _sop_personal_learn(self, person):
        super()._sop_personal_learn(person)
        person.learn(self.mapped("phone"), names=self.mapped("name"))
        ours = set(person.ids(self._name))
        person.add(self.request_id.filtered(lambda request: not request.erased_at and ours.issuperset(request.entry_ids.ids)))

    def _sop_personal_erase(self, person):
        """Delete the forms; a request that others left something on is put together again of theirs."""
        left = {request: entries.mapped("message") for request, entries in self.grouped("request_id").items()}
        self.unlink()
        whole = set(person.ids("sop.contact.request"))
        for request, messages in left.items():
            for message in messages if request.id not in whole else []:
                request._recompose(message)

    def _sop_personal_export(self, person):
        return [
            entry._sop_personal_pairs(["name", "phone", "message", "consent_at", "allow_zalo", "allow_sms", "withdrawn_at"])
            + [
                (entry._fields["consent_text_id"]._description_string(self.env), entry.consent_text_id.body),
                (
                    self.env._("Number shown to the seller on"),
                    [fields.Datetime.to_string(fields.Datetime.context_timestamp(entry, line.revealed_at)) for line in entry._get_reveals()],
                ),
            ]
            for entry in self
        ]
