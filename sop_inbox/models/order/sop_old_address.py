from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.address import read_addresses

BATCH = 2000  # contacts read at one press


class SopOldAddress(models.Model):
    """A contact whose address still has a district, or no ward of today: what it can be, taken over by a person, and taken back.

    Rows are made by "Look for old addresses"; the contact is changed by ``action_accept`` alone.
    """

    _name = "sop.old.address"
    _description = "Address of the Old Kind"
    _inherit = ["sop.guard.mixin"]
    _order = "state, sure desc, id"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", "Contact", required=True, readonly=True, index=True, ondelete="cascade")
    street = fields.Char("Street Before", readonly=True)
    street2 = fields.Char("Second Line Before", readonly=True)
    city = fields.Char("Ward and District Before", readonly=True)
    state_id = fields.Many2one("res.country.state", "Province Before", readonly=True)
    new_street = fields.Char("Street", readonly=True)
    ward_id = fields.Many2one("res.city", domain="[('id', 'in', choice_ids)]", help="What it becomes; where there are several, choose one.")
    choice_ids = fields.Many2many("res.city", string="Possible Wards", readonly=True)
    sure = fields.Boolean("One Ward", readonly=True)
    state = fields.Selection([("todo", "To accept"), ("done", "Accepted"), ("undone", "Taken back")], default="todo", required=True, readonly=True)

    _once = models.UniqueIndex("(partner_id)", "This contact is in the list already.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"partner_id": "write", "ward_id": "read"}

    @api.model
    def _sop_kept(self):
        """What was read in the address."""
        return super()._sop_kept() | {"state_id", "choice_ids"}

    @api.model
    def action_look(self):
        """Put contacts with an address of the old kind in the list; those in it whose address was changed since are read again, others stay.

        :return: the list as an action
        """
        self.check_access("create")
        listed = self.search(Domain("state", "!=", "done") | Domain("partner_id.city_id", "=", False))
        listed._changed_since().sudo().unlink()  # sudo: rows of ours, which are made again
        known = [partner.id for (partner,) in self.sudo()._read_group([], ["partner_id"])]  # sudo: also those whose contact the reader may not see
        vietnam = self.env.ref("base.vn")
        domain = Domain("city_id", "=", False) & Domain("country_id", "in", (vietnam.id, False)) & Domain("id", "not in", known)
        domain &= Domain("city", "!=", False) | Domain("street2", "!=", False) | Domain("street", "like", ",")
        values = [found for partner in self.env["res.partner"].search(domain, limit=BATCH) if (found := self._read(partner))]
        self._sop_keeping().create(values)
        return self.env["ir.actions.act_window"]._for_xml_id("sop_inbox.sop_old_address_action")

    @api.model
    def _read(self, partner):
        """Return the values of a contact's row, None where its address says nothing of a ward."""
        text = ", ".join(filter(None, [partner.street, partner.street2, partner.city, partner.state_id.name]))
        matches = read_addresses(text)
        if len(matches) != 1 or not (matches[0].ward_code or matches[0].choices):
            return None
        match = matches[0]
        codes = [match.ward_code] if match.ward_code else match.choices
        wards = self.env["res.city"].search([("country_id.code", "=", "VN"), ("sop_code", "in", codes)])
        return {
            "partner_id": partner.id, "street": partner.street, "street2": partner.street2, "city": partner.city, "state_id": partner.state_id.id,
            "new_street": match.street or partner.street, "choice_ids": wards.ids, "ward_id": wards.id if match.ward_code else False,
            "sure": bool(match.ward_code),
        }  # fmt: skip

    def _address_before(self):
        """Return the address the contact had, as values of a contact."""
        return {"street": self.street, "street2": self.street2, "city": self.city, "state_id": self.state_id.id, "city_id": False}

    def _address_after(self):
        """Return the address the contact gets, as values of a contact."""
        return {**self.ward_id._sop_address(), "street": self.new_street, "street2": False}

    def _is_address(self, address):
        """Whether the contact has this address."""
        is_now = self.partner_id._convert_to_write({name: self.partner_id[name] for name in address})
        names = address.keys() - {"city"} if address["city_id"] else address  # a ward's name is in the language of who accepted
        return all((is_now[name] or False) == (address[name] or False) for name in names)

    def _changed_since(self):
        """Return the rows whose contact no longer has the address this list read, or gave it: a person has changed it."""
        return self.filtered(lambda row: not row._is_address(row._address_after() if row.state == "done" else row._address_before()))

    def _check_unchanged(self):
        """Raise when a contact's address was changed since: what a person wrote is not written over.

        One that has the address it is to get is none of these: core gives a company's to its people.
        """
        changed = self._changed_since()
        changed = changed.filtered(lambda row: not row._is_address(row._address_before() if row.state == "done" else row._address_after()))
        if changed:
            names = ", ".join(changed.partner_id.mapped("display_name"))
            raise UserError(self.env._("The address of %(names)s was changed meanwhile: leave these out.", names=names))

    def action_accept(self):
        """Give the contacts their ward; rows without one are left."""
        self.check_access("write")
        rows = self.filtered(lambda row: row.ward_id and row.state != "done")
        if not rows:
            raise UserError(self.env._("Choose rows that have a ward."))
        rows._check_unchanged()
        for row in rows:
            row.partner_id.write(row._address_after())
        rows.state = "done"

    def action_undo(self):
        """Give the contacts the address they had."""
        self.check_access("write")
        rows = self.filtered(lambda row: row.state == "done")
        rows._check_unchanged()
        for row in rows:
            row.partner_id.write(row._address_before())
        rows.state = "undone"
