from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.person import Person

#: what an invoice shows of its customer
ON_DOCUMENTS = {"name", "street", "street2", "city", "zip", "state_id", "vat", "company_name", "company_registry"}


class ResPartner(models.Model):
    """A customer's record: where most of what is known of a person begins."""

    _name = "res.partner"
    _inherit = ["res.partner", "sop.personal.data.mixin"]

    _sop_personal_sequence = 70

    @api.model
    def _sop_personal_fields(self):
        names = (
            "street",
            "street2",
            "city",
            "city_id",
            "zip",
            "state_id",
            "vat",
            "company_name",
            "company_registry",
            "phone",
            "email",
            "website",
            "function",
            "comment",
            "ref",
            "barcode",
            "properties",
            "image_1920",
            "partner_latitude",
            "partner_longitude",
            "category_id",
            "sop_gender",
            "sop_birthdate",
            "sop_verified_contact",
            "sop_verified_how",
            "sale_warn_msg",
        )
        values = {name: False for name in names if name in self._fields}
        return {**super()._sop_personal_fields(), "name": self.env._("Erased customer"), **values}

    @api.model
    def _sop_personal_find(self, person):
        found = self._sop_personal_by_signs(person, ("phone_sanitized", "phone"), "email_normalized", "name")
        return found | self.search(Domain("parent_id", "in", person.ids("res.partner")) & Domain("type", "not in", ("contact", False)))

    def _sop_personal_learn(self, person):
        super()._sop_personal_learn(person)
        own = self.filtered(lambda partner: partner.type in ("contact", False))  # an address may name who takes the parcel
        person.learn(
            [*own.mapped("phone_sanitized"), *own.mapped("phone")], [*own.mapped("email_normalized"), *own.mapped("email")], own.mapped("name")
        )
        person.add(self.user_ids)

    def _sop_personal_check(self, person):
        super()._sop_personal_check(person)
        if self.env["res.company"].sudo().search_count([("partner_id", "in", self.ids)], limit=1):  # sudo: whether one is a company
            raise UserError(self.env._("This contact is a company of this database and cannot be erased."))

    def _sop_with_documents(self):
        """Return those of these contacts who stand on orders or invoices the law wants kept."""
        kept = self.browse()
        ways = {
            "sale.order": (("partner_id", "partner_invoice_id", "partner_shipping_id"), Domain("state", "=", "sale")),
            "account.move": (("partner_id", "partner_shipping_id"), Domain("state", "=", "posted")),
        }
        for name, (columns, domain) in ways.items():
            for column in columns:
                rows = self.env[name].sudo()._read_group(domain & Domain(column, "in", self.ids), [column])  # sudo: kept for every user
                kept |= self.browse(partner.id for (partner,) in rows)
        return kept | self.filtered(lambda partner: partner.child_ids & kept)

    def _sop_personal_erase(self, person):
        """Empty the records; those who stand on orders or invoices keep what is printed there, and stay."""
        values = self._sop_personal_fields()
        documents = self._sop_with_documents()
        others = self - documents
        others.bank_ids.unlink()
        if others:
            others._sop_erasing().write(values)
            # active_test: core looks whether one who logs in is left, and would find the log-in that was just closed
            others._sop_erasing().with_context(active_test=True).active = False
            for partner in others:
                partner._sop_erasing().name = f"{values['name']} {partner.id}"
        documents._sop_erasing().write({name: value for name, value in values.items() if name not in ON_DOCUMENTS})

    def action_sop_personal_data(self):
        """Open what is kept about this person, to hand it over or to erase it. Access: sales managers who may change the contact.

        :return: window action
        """
        self.ensure_one()
        self.env["sop.privacy"]._check_manager(self)
        wizard = self.env["sop.privacy.wizard"].create({"partner_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Personal data"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _sop_person(self):
        """Return the person behind this contact, to be looked for everywhere."""
        return Person(self, wide=True)
