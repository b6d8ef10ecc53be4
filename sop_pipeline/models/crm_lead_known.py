from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.arguments import record_id, takes, text
from ..tools.phone import read_cell, spaced


class CrmLead(models.Model):
    """What a seller types of a new lead: name, phone, product; and whose customer the number is already."""

    _inherit = "crm.lead"

    sop_product_id = fields.Many2one(
        "product.product",
        "Product Asked For",
        domain=[("sale_ok", "=", True)],
        index="btree_not_null",
        ondelete="set null",
        help="What the customer asked about. The rating offers it as the product advised.",
    )

    _sop_cells_idx = models.Index(r"(id) WHERE length(regexp_replace(phone, '\D', '', 'g')) > 17")

    def _compute_potential_lead_duplicates(self):
        """Who shares any number of the phone's cell, not its first alone, may be the same customer; see core for the contract."""
        super()._compute_potential_lead_duplicates()
        for lead in self:
            numbers = read_cell(lead.phone)
            domain = Domain("phone_sanitized", "in", numbers[1:]) | Domain("id", "in", self._sop_in_cells(numbers))
            if domain.is_false():
                continue
            same = lead.with_context(active_test=False).search(domain & Domain("id", "!=", lead._origin.id or 0), limit=21)
            if len(same) < 21:  # as core: more are no sign of anything
                lead.duplicate_lead_ids |= same
                lead.duplicate_lead_count = len(lead.duplicate_lead_ids - lead)

    @api.model
    def _sop_has_number(self, numbers):
        """Domain of the leads that have one of these numbers (of E.164), also as a further one in the cell of their phone."""
        return Domain("phone_sanitized", "in", numbers) | Domain("id", "in", self._sop_in_cells(numbers))

    @api.model
    def _sop_in_cells(self, numbers):
        """Ids of leads whose phone is a cell of more than a number, with one of these in it; of any user's leads they are."""
        tails = [f"%{number[-9:]}%" for number in numbers if len(number) > 9]
        if not tails:
            return []
        self.flush_model(["phone"])
        digits = SQL(r"regexp_replace(phone, '\D', '', 'g')")  # as the partial index has it: other leads are not read
        query = SQL("SELECT id, phone FROM crm_lead WHERE length(%s) > 17 AND %s LIKE ANY(%s) LIMIT 100", digits, digits, tails)
        return [found_id for found_id, cell in self.env.execute_query(query) if not set(numbers).isdisjoint(read_cell(cell))]

    @api.depends("contact_name", "sop_product_id", "phone")
    def _compute_name(self):
        """A lead of the process is called after its product and customer when it has no name; see core for the contract."""
        result = super()._compute_name()
        for lead in self.filtered(lambda lead: lead.sop_process and not lead._origin):
            if not lead.name or lead.name in (lead.contact_name, spaced(lead.phone)):
                parts = [lead.sop_product_id.name, lead.contact_name or spaced(lead.phone)]
                lead.name = " – ".join(filter(None, parts)) or lead.name
        return result

    @api.model
    def _sop_named(self, vals):
        """The values of a new lead; one without a name, as a list of names and numbers brings it, is called after its product and customer."""
        if vals.get("name") or not any(isinstance(vals.get(name), str) and vals[name].strip() for name in ("contact_name", "phone")):
            return vals
        known = {name: vals[name] for name in ("contact_name", "phone") if isinstance(vals.get(name), str)}
        known |= {name: vals[name] for name in ("team_id", "user_id", "sop_product_id") if isinstance(vals.get(name), int)}
        lead = self.new({**self.default_get(["team_id", "user_id"]), **known})
        return {**vals, "name": lead.name or lead.contact_name or lead.phone}

    @api.model
    def _sop_links(self):
        """A product of another company is not asked for."""
        return super()._sop_links() | {"sop_product_id": "read"}

    @api.model
    @takes(phone=text(64), leave_out=record_id)
    def get_known_lead(self, phone, leave_out=None):
        """Whose customer a number is, asked while it is typed.

        Of a lead the user may not see they learn the colleague and the stage, nothing else.

        :param str phone: as it is typed
        :param int leave_out: id of the lead that is being changed
        :return: dict ``lead_id`` (False where the user may not open it), ``name`` (likewise), ``user``, ``stage``, ``count`` (open leads
            with this number) and ``asked`` (whether the user has asked for it); False when no open lead has the number
        :raise AccessError: for users who may not make leads
        """
        self.check_access("create")
        leads = self._sop_find_known(phone, leave_out)
        if not leads:
            return False
        visible = leads.with_env(self.env)._filtered_access("read")
        lead = (visible or leads)[:1].sudo()  # sudo: whose lead and in which stage may be shown
        return {
            "lead_id": lead.id if visible else False,
            "name": lead.name if visible else False,
            "user": lead.user_id.name or lead.team_id.name or "",
            "stage": lead.stage_id.name or "",
            "count": len(leads),
            "asked": bool(not visible and lead._sop_asked_for()),
        }

    @api.model
    @takes(phone=text(64))
    def action_ask_for_lead(self, phone):
        """Ask the colleague whose lead has this number to hand it over: an activity of theirs. The same question twice is one.

        :return: name of the user the question went to
        :raise UserError: when no colleague has such a lead
        :raise AccessError: for users who may not make leads
        """
        self.check_access("create")
        leads = self._sop_find_known(phone)
        lead = leads[:1]
        if not lead or leads.with_env(self.env)._filtered_access("read"):
            raise UserError(self.env._("No colleague has an open lead with this number."))
        asked = lead.user_id.filtered("active") or lead.team_id.user_id.filtered("active")
        if not asked:
            raise UserError(self.env._("Nobody works on this lead now: ask the sales manager."))
        if not lead._sop_asked_for():
            lead.activity_schedule("mail.mail_activity_data_todo", user_id=asked.id, summary=lead._sop_question())
        return asked.name

    @api.model
    def _sop_find_known(self, phone, leave_out=None):
        """Open leads with a number, whichever user's they are, the latest touched first; of the companies the user works in."""
        numbers = read_cell(phone)
        if not numbers and phone.strip():
            numbers = [self.env["res.partner"]._phone_format(number=phone, country=self.env.company.country_id)]
        numbers = [number for number in numbers if number and len(number) >= 7]
        Lead = self.sudo()  # sudo: that a colleague has the customer is shown, see get_known_lead
        if not numbers:
            return Lead.browse()
        known = self._sop_has_number(numbers) & Domain("won_status", "=", "pending") & Domain("id", "!=", leave_out or 0)
        return Lead.search(known & Domain("company_id", "in", [False, *self.env.companies.ids]), order="write_date desc, id desc", limit=20)

    def _sop_question(self):
        """The words of the question for this lead."""
        return self.env._("%(user)s asks you to hand over this lead", user=self.env.user.name)

    def _sop_asked_for(self):
        """The current user's open question for this lead."""
        return self.activity_ids.filtered(lambda activity: activity.create_uid == self.env.user and activity.summary == self._sop_question())
