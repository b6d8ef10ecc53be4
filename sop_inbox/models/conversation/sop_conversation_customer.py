from collections import Counter

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from odoo.addons.sop_pipeline.tools.arguments import named, or_nothing, take, takes, text

PARTNER_FIELDS = {"name", "phone", "email", "street", "city"}


def same_contact(one, other, kind):
    """Whether two phones or e-mails are the same, however they are written."""
    clean = email_normalize if kind == "email" else lambda text: "".join(filter(str.isdigit, text))[-9:]
    return bool(one) and clean(one) == clean(other or "")


class SopConversation(models.Model):
    """Who the person of a conversation is for the shop: customer, lead, orders."""

    _inherit = "sop.conversation"

    partner_id = fields.Many2one("res.partner", "Customer", index="btree_not_null", ondelete="set null", tracking=True, copy=False)
    partner_match = fields.Selection(
        [("phone", "Same phone"), ("email", "Same e-mail"), ("login", "Logged in"), ("manual", "By staff")],
        readonly=True,
        copy=False,
    )
    lead_id = fields.Many2one("crm.lead", index="btree_not_null", ondelete="set null", tracking=True, copy=False)
    order_ids = fields.One2many("sale.order", "sop_conversation_id", "Orders")
    order_count = fields.Integer("Orders made here", compute="_compute_order_count", store=True, compute_sudo=True)
    sold_count = fields.Integer("Confirmed Orders", compute="_compute_order_count", store=True, compute_sudo=True, help="Of the orders made here.")

    talk_product_id = fields.Many2one(
        "product.product",
        "Product in Talk",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The product the customer wrote from, or whose card was sent last: variables of an answer without a product of its own tell of it.",
    )

    def _compute_order_count(self):
        rows = self.env["sale.order"]._read_group(self._counted_orders_domain(), ["sop_conversation_id", "state"], ["__count"])
        made, sold = Counter(), Counter()
        for conversation, state, number in rows:
            made[conversation] += number
            sold[conversation] += number if state == "sale" else 0
        for conversation in self:
            conversation.order_count, conversation.sold_count = made[conversation], sold[conversation]

    def _counted_orders_domain(self):
        """Orders that make a conversation one "with orders": every one made from it that has a customer and was not cancelled."""
        return [("sop_conversation_id", "in", self.ids), ("state", "!=", "cancel"), ("partner_id.sop_is_unknown", "=", False)]

    # === CUSTOMER ===

    def _seen_partner(self):
        """Return the customer when the current user may read that contact, else none, also where the caller is superuser."""
        reader = self.partner_id.with_user(self.env.user)
        return self.partner_id if reader and reader.has_access("read") else self.partner_id.browse()

    def _is_proven_customer(self):
        """Whether the person's own words or log-in say who they are, not a colleague's choice among all contacts."""
        identity = self.identity_id.sudo()  # sudo: only whether it is the same
        return bool(self.partner_id) and (self.partner_match in ("phone", "email", "login") or identity.partner_id == self.partner_id)

    @takes(vals=named)
    def action_create_partner(self, vals=None):
        """Make the person a customer, or find the one with their phone or email. Idempotent.

        :param vals: corrections by staff: name, phone, email, street, city
        :return: id of the customer
        """
        self.ensure_one()
        conversation = self._sudo_checked()
        if conversation.partner_id:
            return conversation.partner_id.id
        if unknown := set(vals or {}) - PARTNER_FIELDS:
            raise UserError(self.env._("A customer has no %(fields)s here.", fields=", ".join(sorted(unknown))))
        known = conversation._prepare_partner_values()
        said = {name: take(self.env, name, or_nothing(text(200)), value) for name, value in (vals or {}).items()}
        values = known | {name: value for name, value in said.items() if value}
        partner, match = conversation._find_partner(values.get("phone"), values.get("email"))
        own = not partner or match and same_contact(known[match], values[match], match)
        # the user's own right to make customers, and to read this one, decides
        partner = partner or self.env["res.partner"].create(values)
        partner.with_env(self.env).check_access("read")
        conversation.write({"partner_id": partner.id, "partner_match": match if match and own else "manual"})
        conversation.identity_id._name_once(partner.name)
        if own:
            conversation.identity_id.partner_id = partner
        return partner.id

    def _prepare_partner_values(self):
        """Values of a customer made from the conversation."""
        return {
            "name": self.name,
            "phone": self.phone or self.identity_id.phone,
            "email": self.identity_id.email,
            "street": self.identity_id.street,
            "city": self.identity_id.city,
            "state_id": self.identity_id.state_id.id,
            "company_id": self.company_id.id,
            "country_id": self.company_id.country_id.id,
            "lang": self.company_id.partner_id.lang,
        }

    def _find_partner(self, phone, email):
        """Return the customer of this company with that phone or email and how they were found; none when several are."""
        partners = self.env["res.partner"].sudo()  # sudo: an agent must not make a duplicate of a customer they may not see
        company = [("company_id", "in", (self.company_id.id, False))]
        number = phone and partners.new({"phone": phone, "country_id": self.company_id.country_id.id})._phone_format(fname="phone")
        if number:
            found = partners.search([("phone_sanitized", "=", number), *company], limit=2)
            if len(found) == 1:
                return found, "phone"
        address = email_normalize(email or "")
        if address:
            found = partners.search([("email_normalized", "=", address), *company], limit=2)
            if len(found) == 1:
                return found, "email"
        return partners.browse(), False

    def _customer_values_of_phone(self, number):
        """Customer columns once ``number`` (E.164) was seen: the one partner that has it, when there is exactly one."""
        if self.partner_id:
            return {}
        partner, match = self._find_partner(number, None)
        return {"partner_id": partner.id, "partner_match": match} if partner else {}

    # === LEAD ===

    def action_create_lead(self):
        """Put the person into stage 1 of the process, once; the conversation stays as it is. Idempotent.

        :return: id of the lead, the existing one when there is one
        """
        self.ensure_one()
        conversation = self._sudo_checked()
        conversation._lock()
        if not conversation.lead_id.active:
            self.env["crm.lead"].check_access("create")
            # sudo: the lead is the assignee's, who may be a colleague; its values are the conversation's
            conversation.lead_id = self.env["crm.lead"].sudo().create(conversation._prepare_lead_values())
        return conversation.lead_id.id

    def _prepare_lead_values(self):
        """Values of the lead: team that runs the process, customer, phone, tags and seller of the conversation."""
        return {
            "name": self.env._("Chat: %(name)s", name=self.display_name),
            "type": "opportunity",
            "team_id": self._lead_team().id,
            "company_id": self.company_id.id,
            "user_id": self.user_id.id or (False if self.env.user._is_public() else self.env.uid),
            "partner_id": self.partner_id.id,
            "contact_name": self.name,
            "phone": self.phone or self.partner_id.phone or self.identity_id.phone,
            "email_from": self.partner_id.email or self.identity_id.email,
            "tag_ids": [fields.Command.set(self.tag_ids.ids)],
        }

    def _lead_team(self):
        """Return the team whose five stages the lead goes through."""
        if self.team_id.sop_process:
            return self.team_id
        domain = [("sop_process", "=", True), ("company_id", "in", (self.company_id.id, False))]
        team = self.env["crm.team"].sudo().search(domain, limit=1)  # sudo: the process may be another team's
        if not team:
            raise UserError(self.env._("No sales team runs the five stages yet. Ask a manager to adopt them on a team."))
        return team

    def _carry_tags(self):
        """Tags of a conversation are also its lead's; taking one off here leaves it there."""
        for conversation in self.filtered("lead_id"):
            missing = conversation.tag_ids - conversation.lead_id.tag_ids
            if missing:
                # sudo: the lead may be a colleague's
                conversation.lead_id.sudo().tag_ids = [fields.Command.link(tag.id) for tag in missing]

    # === JOURNEY ===

    def _record_interaction(self):
        """Record on the customer's journey, where there is one, that they chat with us. Idempotent there."""
        if "sop.interaction" not in self.env:
            return
        for conversation in self.filtered(lambda c: c.partner_id or c.lead_id):
            self.env["sop.interaction"]._sop_record("chat", partner=conversation.partner_id, lead=conversation.lead_id, source=conversation)
