from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# What the customers of conversations bought in all, and whether a colleague has called them VIPs: one statement for any number.
FACTS = """
    SELECT c.id, count(o.id), COALESCE(sum(o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1)), 0),
           EXISTS (SELECT 1 FROM sop_conversation_tag_rel t WHERE t.conversation_id = c.id AND t.tag_id = %(vip)s)
           OR EXISTS (SELECT 1 FROM crm_tag_rel t WHERE t.lead_id = c.lead_id AND t.tag_id = %(vip)s)
      FROM sop_conversation c
      LEFT JOIN res_partner p ON p.id = c.partner_id
      LEFT JOIN res_partner b ON b.commercial_partner_id = p.commercial_partner_id
      LEFT JOIN sale_order o ON o.partner_id = b.id AND o.company_id = c.company_id AND o.state = 'sale'
     WHERE c.id IN %(ids)s
     GROUP BY c.id
"""


@api.depends("partner_id.commercial_partner_id", "tag_ids", "lead_id")  # and confirmed orders and the lead's tags: see _sop_weigh
def compute_priority(conversations):
    """VIP by a person's word or by the limits of the settings; else somebody who has bought again. One query a batch."""
    env, known = conversations.env, {}
    if conversations.ids:
        conversations.flush_model(["partner_id", "lead_id", "tag_ids", "company_id"])
        env["sale.order"].flush_model(["partner_id", "company_id", "state", "amount_total", "currency_rate"])
        env["crm.lead"].flush_model(["tag_ids"])
        env["res.partner"].flush_model(["commercial_partner_id"])
        vip = env["ir.model.data"]._xmlid_to_res_id("sop_pipeline.crm_tag_vip") or 0
        known = {row[0]: row[1:] for row in env.execute_query(SQL(FACTS, vip=vip, ids=tuple(conversations.ids)))}
    for conversation in conversations:
        orders, total, named = known.get(conversation.id, (0, 0, False))
        company = conversation.company_id
        conversation.priority = "vip" if named or company._sop_is_vip(orders, float(total)) else "again" if company._sop_buys_again(orders) else False


class SopConversation(models.Model):
    """Customers who come first: it follows from what they bought, and from a colleague's tag."""

    _inherit = "sop.conversation"

    priority = fields.Selection(
        [("vip", "VIP"), ("again", "Bought again")], "Priority Customer", compute=compute_priority, store=True, compute_sudo=True
    )

    _priority_idx = models.Index("(state, last_message_at DESC, id DESC) WHERE priority IS NOT NULL")

    @api.model
    def _shown_fields(self):
        return super()._shown_fields() | {"priority"}


class SaleOrder(models.Model):
    """What a customer bought says whether they come first; drafts, which change with every line, say nothing."""

    _inherit = "sale.order"

    sop_priority = fields.Selection(related="sop_conversation_id.priority", groups="base.group_user")

    def _sop_weigh_changed(self, sold, buyers):
        """Orders that were confirmed, cancelled, or became another customer's: their customers are looked at again. Step of ``write``.

        :param sold: those of the orders that were confirmed before
        :param buyers: the customers of these
        """
        after = self._sop_sold()
        if sold != after or buyers != after.partner_id:
            self._sop_weigh(buyers | after.partner_id)

    def _compute_amounts(self):
        """A confirmed order that became larger or smaller counts as it is; see core for the contract."""
        super()._compute_amounts()
        self._sop_weigh(self._sop_sold().partner_id)

    def _sop_sold(self):
        return self.filtered(lambda order: order.state == "sale" and isinstance(order.id, int))

    @api.model
    def _sop_weigh(self, people):
        """Have it looked at again whether these customers come first."""
        if people:
            conversations = self.env["sop.conversation"].sudo()  # sudo: for any user who sells
            theirs = conversations.search([("partner_id.commercial_partner_id", "in", people.sudo().commercial_partner_id.ids)])  # sudo: the same
            self.env.add_to_compute(conversations._fields["priority"], theirs)


class CrmLead(models.Model):
    """A colleague calls a customer VIP on the lead, too."""

    _inherit = "crm.lead"

    def write(self, vals):
        """See core for the contract. What the lead's own tags follow from (orders) is looked at with the orders.

        Tags that stay as they are cost no query: core's assignment writes them with each lead it merges.
        """
        before = {lead: lead.tag_ids for lead in self} if "tag_ids" in vals else {}
        result = super().write(vals)
        changed = [lead.id for lead, tags in before.items() if lead.tag_ids != tags]
        if changed:
            conversations = self.env["sop.conversation"].sudo()  # sudo: for any user of the lead
            self.env.add_to_compute(conversations._fields["priority"], conversations.search([("lead_id", "in", changed)]))
        return result


class SopDuty(models.Model):
    """Who is on duty gets customers who come first, first."""

    _inherit = "sop.duty"

    @api.model
    def _waiting_order(self):
        """Customers who come first are given out first: VIPs, then those who buy again."""
        return f"priority DESC NULLS LAST, {super()._waiting_order()}"


class ResCompany(models.Model):
    """From which facts on a customer comes first."""

    _inherit = "res.company"

    sop_priority_orders = fields.Integer(
        "Priority from Orders", default=2, help="A customer with as many confirmed orders has bought again and comes first; 0: not by the number."
    )

    def _sop_is_vip(self, orders, total):
        """Whether so many confirmed orders, or their sum in the company's currency, make a VIP; a limit of nothing is none."""
        return 0 < self.sop_vip_orders <= orders or 0 < self.sop_vip_amount <= total

    def _sop_buys_again(self, orders):
        return 0 < self.sop_priority_orders <= orders

    def write(self, vals):
        """Other limits make other customers come first; see core for the contract."""
        result = super().write(vals)
        if vals.keys() & {"sop_priority_orders", "sop_vip_orders", "sop_vip_amount"}:
            conversations = self.env["sop.conversation"].sudo()  # sudo: all of the company's, by any user who sets it
            bought = Domain("company_id", "in", self.ids) & Domain("partner_id.sale_order_ids.state", "=", "sale")
            self.env.add_to_compute(conversations._fields["priority"], conversations.search(bought))
        return result


class ResConfigSettings(models.TransientModel):
    """From which facts on a customer comes first."""

    _inherit = "res.config.settings"

    sop_priority_orders = fields.Integer(related="company_id.sop_priority_orders", readonly=False)
