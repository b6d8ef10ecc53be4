from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.person import fold

from ..tools import masking


class CrmLead(models.Model):
    """Leads made of contact requests: a rated call closes the request, a merge keeps the link."""

    _inherit = "crm.lead"

    sop_from_request = fields.Boolean(
        "Made of a Contact Request",
        readonly=True,
        copy=False,
        help="While it has no salesperson, only its team and those who see all leads read it: the buyer's number is in it.",
    )
    sop_request_ids = fields.One2many("sop.contact.request", "lead_id", "Contact requests")

    sop_consent_withdrawn_at = fields.Datetime(
        "Consent Withdrawn on", readonly=True, copy=False, help="The buyer no longer wants to be called: the number is masked until they ask again."
    )

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"sop_from_request", "sop_consent_withdrawn_at"}

    def _sop_call_rated(self, call):
        """The customer was reached: their requests are contacted."""
        result = super()._sop_call_rated(call)
        # sudo: the user who rates the call may not see every seller's requests
        self.sudo().sop_request_ids.filtered(lambda request: request.state != "contacted").write({"state": "contacted"})
        return result

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        leads = (self | opportunities).sudo()  # sudo: requests follow their lead, also those the merging user may not see
        made = all(any(lead.sop_request_ids.mapped("lead_made")) for lead in leads)
        # With what the shop itself knew of the customer, the lead is no longer the buyer's to erase.
        # sudo: both are written by the system alone
        if any(leads.mapped("sop_from_request")):
            self.sudo().sop_from_request = True
        if withdrawn := leads.filtered("sop_consent_withdrawn_at"):
            self.sudo()._sop_mask_consent(max(withdrawn.mapped("sop_consent_withdrawn_at")))
        leads.sop_request_ids.write({"lead_id": self.id, **({} if made else {"lead_made": False})})
        return result

    def action_sop_requests(self):
        """Open the requests this lead was made of. Access: that of the requests."""
        self.ensure_one()
        self.check_access("read")
        self.env["sop.contact.request"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_contact_requests.sop_contact_request_action")
        action["domain"] = [("lead_id", "=", self.id)]
        return action

    # === CONSENT ===

    def action_sop_call(self):
        """See sop_pipeline. :raise UserError: when the buyer no longer wants to be called"""
        self.ensure_one()
        self.check_access("write")
        if self.sop_consent_withdrawn_at:
            raise UserError(self.env._("The buyer no longer wants to be contacted."))
        return super().action_sop_call()

    def _sop_withdraw_consent(self):
        """Flag and mask leads made of requests whose buyers have all withdrawn; idempotent, batch; sudo.

        A lead that was only found by its number is the shop's: a visitor who types that number into a form may not close it.
        """
        for lead in self.filtered(lambda lead: not lead.sop_consent_withdrawn_at):
            requests = lead.sop_request_ids.filtered(lambda request: not request.erased_at)
            if any(requests.mapped("lead_made")) and all(requests.mapped("consent_withdrawn_at")):
                lead._sop_mask_consent(max(requests.mapped("consent_withdrawn_at")))

    def _sop_mask_consent(self, moment):
        """Take the number out of these leads, their history, calls and plans; three digits stay, as in the list of requests; sudo."""
        calls = self.env["sop.call"].search([("lead_id", "in", self.ids)])
        contacts = self._sop_made_contacts()
        for lead in self._sop_erasing():
            lead.write(
                {
                    "sop_consent_withdrawn_at": moment,
                    "phone": masking.phone_hint(lead.phone_sanitized or lead.phone) or False,
                    "sop_verified_contact": False,
                    "sop_verified_how": False,
                }
            )
        for contact in contacts._sop_erasing():
            contact.write({"phone": masking.phone_hint(contact.phone_sanitized) or False, "sop_verified_contact": False})
        for call in calls:
            call.number = masking.phone_hint(call.number) or False
        phone = self.env["ir.model.fields"]._get("crm.lead", "phone") | self.env["ir.model.fields"]._get("res.partner", "phone")
        self.env["mail.tracking.value"].search(
            [
                ("field_id", "in", phone.ids),
                "|",
                "&",
                ("mail_message_id.model", "=", "crm.lead"),
                ("mail_message_id.res_id", "in", self.ids),
                "&",
                ("mail_message_id.model", "=", "res.partner"),
                ("mail_message_id.res_id", "in", contacts.ids),
            ]
        ).unlink()
        self.activity_ids.filtered(lambda activity: activity.activity_type_id.category == "phonecall").unlink()

    def _sop_renew_consent(self, phone):
        """The buyer asked again: the flag goes and the number they left now is there; sudo."""
        for lead in self.filtered("sop_consent_withdrawn_at"):
            masked = lead.partner_id.filtered(lambda partner: masking.DOT in (partner.phone or ""))
            lead._sop_erasing().write({"sop_consent_withdrawn_at": False, "phone": phone})
            masked._sop_erasing().write({"phone": phone})

    def _sop_made_contacts(self):
        """Return the contacts made of these leads' buyers, and of nothing else the shop knows; sudo.

        They came after the lead, have its number and its name, and no other lead, order, invoice or log-in.
        """
        leads = self.filtered("sop_from_request")
        contacts = leads.partner_id
        others = self.search([("partner_id", "in", contacts.ids), ("id", "not in", leads.ids)]).partner_id
        free = contacts - others - contacts._sop_with_documents() - contacts.filtered("user_ids")
        return leads.filtered(
            lambda lead: (
                lead.partner_id in free
                and lead.partner_id.create_date >= lead.create_date
                and lead.partner_id.phone_sanitized == lead.phone_sanitized
                and fold(lead.partner_id.name) == fold(lead.contact_name)
            )
        ).partner_id

    def _get_partner_phone_update(self, force_void=True):
        """A masked number is written into no contact, and a contact's number into no masked lead; see core for the contract."""
        return not self.sop_consent_withdrawn_at and super()._get_partner_phone_update(force_void)

    # === PERSONAL DATA ===

    def _sop_personal_learn(self, person):
        """A contact that was made of the buyer's lead, and that nothing else of the shop knows, is theirs too."""
        super()._sop_personal_learn(person)
        if not person.wide:
            person.add(self._sop_made_contacts())

    def _sop_personal_export(self, person):
        """The holder of a form's link is only shown that a lead exists: what staff found out may be about somebody else."""
        if person.wide:
            return super()._sop_personal_export(person)
        return [lead._sop_personal_pairs(["create_date", "contact_name", "sop_consent_withdrawn_at"]) for lead in self]
