from odoo import api, fields, models
from odoo.fields import Command


class CrmLead(models.Model):
    """The customer card on a lead: person, verified badge, tags that say facts (row P7)."""

    _inherit = "crm.lead"

    sop_gender = fields.Selection(compute="_compute_sop_person", inverse="_inverse_sop_gender", store=True, readonly=False)
    sop_birthdate = fields.Date(compute="_compute_sop_person", inverse="_inverse_sop_birthdate", store=True, readonly=False)
    tag_ids = fields.Many2many(compute="_compute_tag_ids", store=True, readonly=False)

    @api.depends("partner_id.sop_gender", "partner_id.sop_birthdate")
    def _compute_sop_person(self):
        for lead in self:
            lead.sop_gender = lead.partner_id.sop_gender or lead.sop_gender
            lead.sop_birthdate = lead.partner_id.sop_birthdate or lead.sop_birthdate

    def _inverse_sop_gender(self):
        for lead in self.filtered("partner_id"):
            lead.partner_id.sop_gender = lead.sop_gender

    def _inverse_sop_birthdate(self):
        for lead in self.filtered("partner_id"):
            lead.partner_id.sop_birthdate = lead.sop_birthdate

    @api.depends(
        "phone_sanitized",
        "email_normalized",
        "sop_verified_contact",
        "partner_id.sop_is_verified",
        "partner_id.phone_sanitized",
        "partner_id.email_normalized",
    )
    def _compute_sop_is_verified(self):
        """A lead is verified by itself, or through its verified contact when they share the phone or e-mail."""
        super()._compute_sop_is_verified()
        for lead in self.filtered(lambda lead: not lead.sop_is_verified and lead.partner_id.sop_is_verified):
            lead.sop_is_verified = lead.partner_id.sop_verified_contact in (lead.phone_sanitized, lead.email_normalized)

    def _sop_verify(self, how):
        super()._sop_verify(how)
        # sudo: the right to confirm the lead's phone includes the same phone on its contact
        self.partner_id.sudo()._sop_verify(how)

    def _prepare_customer_values(self, partner_name, is_company=False, parent_id=False):
        """Carry the person's card to a contact made from the lead; see core for the contract."""
        values = super()._prepare_customer_values(partner_name, is_company=is_company, parent_id=parent_id)
        if not is_company:
            values.update(sop_gender=self.sop_gender, sop_birthdate=self.sop_birthdate)
        return values

    # === FACTUAL TAGS ===

    def _sop_complete_tags(self, vals_list):
        """Given tags do not keep the tags that say facts away: those are added to new leads. Step of ``create``."""
        tagged = self.browse([lead.id for lead, vals in zip(self, vals_list, strict=True) if "tag_ids" in vals])
        tagged._compute_tag_ids()

    def _sop_process_before(self, vals):
        """Leads that are in the process before a write that may change it. Step of ``write``, see :meth:`_sop_switch_tags`."""
        return self.browse() if vals.keys().isdisjoint(("team_id", "user_id")) else self.filtered("sop_process")

    def _sop_switch_tags(self, vals, before):
        """A lead that joined or left the process gets or loses the tags that say facts. Step of ``write``.

        :param before: the leads that were in the process
        """
        if not vals.keys().isdisjoint(("team_id", "user_id")):
            self.filtered(lambda lead: lead.sop_process != (lead in before))._compute_tag_ids()

    @api.depends(
        "phone_sanitized",
        "sop_interest",
        "partner_id",
        "user_id",
        "order_ids.state",
        "partner_id.sale_order_ids.state",
        "order_ids.order_line.invoice_lines.move_id.payment_state",
        "order_ids.order_line.invoice_lines.move_id.state",
    )
    def _compute_tag_ids(self):
        """Put on and take off the tags that say facts; the tags people gave stay. Only in teams that run the process."""
        tags = self.env["crm.tag"]._get_fact_tags()
        # a customer once called VIP, by the fact or by a person, stays one
        ours = {*tags.values(), *self.env["crm.tag"]._get_owner_tags().values()} - {tags.get("vip")}
        changes = {}
        self.filtered("sop_process").order_ids.mapped("invoice_ids")  # of all leads at once: a good customer has many
        for lead in self:
            true = lead._sop_true_tags(tags)
            on = tuple(tag for tag in true if tag not in lead.tag_ids.ids)
            off = tuple(tag for tag in ours if tag not in true and tag in lead.tag_ids.ids)
            changes.setdefault((on, off), []).append(lead.id)
        added = self.env["crm.tag"].browse({tag for on, _off in changes for tag in on})
        if len(added.exists()) < len(added):  # remembered, but made in a transaction, or a part of one, that was taken back
            self.env.registry.clear_cache()
            self._compute_tag_ids()
            return
        for (on, off), lead_ids in changes.items():
            if on or off:
                self.browse(lead_ids).tag_ids = [Command.link(tag_id) for tag_id in on] + [Command.unlink(tag_id) for tag_id in off]

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        """Who to care for again changes when a lead is won, lost or restored; see core for the contract.

        Not a dependency of the tags: each move of a lead would compute them again for nothing.
        """
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        changed = [lead_id for lead_id, status in new_status_by_lead.items() if status != old_status_by_lead.get(lead_id, {})]
        self.browse(changed).filtered(lambda lead: lead.sop_interest == "thinking")._compute_tag_ids()
        return result

    def _sop_true_tags(self, tags):
        """Ids of the tags that say what is true of a lead, its salesperson's among them; none outside the process.

        :param dict tags: fact -> tag id
        """
        self.ensure_one()
        if not self.sop_process:
            return []
        facts = self._sop_get_facts()
        true = [tag for fact, tag in tags.items() if fact in facts]
        return [*true, self.env["crm.tag"]._get_owner_tag(self.user_id)] if self.user_id else true

    def _sop_get_facts(self):
        """The facts that are true of a lead, as codes of ``crm.tag.sop_fact``.

        * has_phone: the phone is a number one can dial
        * new: the customer has no confirmed order
        * recare: the customer was thinking at the last call, and the lead is neither won nor lost
        * unpaid: a confirmed order of the lead is not paid in full
        * vip: the customer's confirmed orders are as many, or worth as much, as the settings say
        """
        self.ensure_one()
        orders = self.order_ids.filtered(lambda order: order.state == "sale")
        facts = set()
        if self.phone_sanitized:
            facts.add("has_phone")
        if not orders and "sale" not in self.partner_id.sale_order_ids.mapped("state"):
            facts.add("new")
        if self.sop_interest == "thinking" and self.won_status == "pending":
            facts.add("recare")
        if any(order.amount_total and not order._sop_is_paid() for order in orders):
            facts.add("unpaid")
        if self._sop_is_vip(orders | self.partner_id.sale_order_ids.filtered(lambda order: order.state == "sale")):
            facts.add("vip")
        return facts

    def _sop_is_vip(self, orders):
        """Whether these confirmed orders make a VIP by the limits of the company; a limit of nothing is none."""
        company = self.company_id or self.env.company
        if 0 < company.sop_vip_orders <= len(orders):
            return True
        return 0 < company.sop_vip_amount <= sum(order.amount_total / (order.currency_rate or 1) for order in orders)
