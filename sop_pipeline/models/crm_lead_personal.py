from odoo import api, models
from odoo.fields import Domain


class CrmLead(models.Model):
    """A lead is about a person: it stays for the reports, without them."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        names = (
            "contact_name",
            "partner_name",
            "function",
            "phone",
            "email_from",
            "email_cc",
            "website",
            "street",
            "street2",
            "zip",
            "city",
            "description",
            "referred",
            "lead_properties",
            "sop_gender",
            "sop_birthdate",
            "sop_verified_contact",
            "sop_verified_how",
        )
        return {**super()._sop_personal_fields(), "name": self.env._("Erased customer"), **dict.fromkeys(names, False)}

    @api.model
    def _sop_personal_find(self, person):
        found = self._sop_personal_by_signs(person, ("phone_sanitized", "phone"), "email_normalized", "contact_name")
        return found | self.search(Domain("partner_id", "in", person.contacts()))

    def _sop_personal_learn(self, person):
        super()._sop_personal_learn(person)
        person.learn([*self.mapped("phone_sanitized"), *self.mapped("phone")], self.mapped("email_normalized"))
        if person.wide:
            person.add(self.partner_id.filtered(lambda partner: person.is_called(partner.name)))

    def _sop_personal_erase(self, person):
        super()._sop_personal_erase(person)
        for lead in self:
            lead._sop_erasing().name = self.env._("Erased customer %(id)s", id=lead.id)

    def _sop_personal_export(self, person):
        fields_ = [*self._sop_personal_fields(), "create_date", "stage_id", "team_id", "user_id", "tag_ids"]
        return [lead._sop_personal_pairs(fields_) for lead in self]
