from datetime import timedelta

from odoo import api, fields, models

GIVEN_UP = timedelta(days=7)  # a quotation that was held back and not confirmed for so long is a lost order
AT_MOST = 10_000  # orders a figure is made of, the latest


class SopParcelPolicy(models.Model):
    """What a policy did: how many orders it asked more of, what became of them, and the refused share before and since."""

    _inherit = "sop.parcel.policy"

    asked = fields.Integer("Orders It Met", compute="_compute_effect")
    overridden = fields.Integer("Sent Anyway", compute="_compute_effect", help="A manager gave a reason.")
    lost = fields.Integer("Orders Lost", compute="_compute_effect", help="Cancelled, or a quotation that nobody confirmed for a week.")
    lost_share = fields.Float(
        "Buyers Lost", compute="_compute_effect", help="Of the customers it met: those all of whose orders were lost, and who bought nothing since."
    )
    refused_share = fields.Float("Refused of Those Sent", compute="_compute_effect")
    share_before = fields.Float("Refused Share Before", compute="_compute_effect", help="Of the shop's parcels sent before this policy was made.")
    share_since = fields.Float("Refused Share Since", compute="_compute_effect", help="Of the shop's parcels sent since.")

    @api.depends("action")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """A policy is called by what it asks for."""
        labels = dict(self._fields["action"]._description_selection(self.env))
        for policy in self:
            policy.display_name = labels.get(policy.action)

    @api.depends("create_date", "company_id")
    def _compute_effect(self):
        past = {company: self.env["sop.parcel"].sudo()._past(company) for company in self.company_id}  # sudo: figures, no numbers of people
        for policy in self:
            values = policy._effect()
            begin = policy.create_date or fields.Datetime.now()
            rows = past.get(policy.company_id, [])
            values["share_before"] = policy._share([row["outcome"] for row in rows if row["at"] < begin])
            values["share_since"] = policy._share([row["outcome"] for row in rows if row["at"] >= begin])
            policy.update(values)

    def _effect(self):
        """Return what became of the orders this policy met."""
        # sudo: sums over the shop, for who may read its policies
        orders = self.env["sale.order"].sudo().search([("sop_policy_id", "in", self._origin.ids)], order="id desc", limit=AT_MOST)
        given_up = fields.Datetime.now() - GIVEN_UP
        lost = orders.filtered(lambda order: order.state == "cancel" or order.state != "sale" and order.create_date < given_up)
        ended = orders.sop_parcel_ids.filtered(lambda parcel: parcel.state in ("delivered", "returned", "returning") and not parcel.excluded)
        outcomes = ["delivered" if parcel.state == "delivered" else parcel.reason_id.fault or "unclear" for parcel in ended]
        return {
            "asked": len(orders),
            "overridden": len(orders.filtered("sop_risk_reason")),
            "lost": len(lost),
            "lost_share": len(self._buyers_lost(orders, lost)) / len(orders.partner_id) if orders else 0,
            "refused_share": self._share(outcomes),
        }

    def _buyers_lost(self, orders, lost):
        """Return the customers whose orders were all lost, and who have not confirmed another one since."""
        buyers = lost.partner_id - (orders - lost).partner_id
        first = {buyer: min(mine.mapped("create_date")) for buyer, mine in lost.grouped("partner_id").items()}
        domain = [("partner_id", "in", buyers.ids), ("state", "=", "sale"), ("company_id", "=", self.company_id.id)]
        last = dict(orders._read_group(domain, ["partner_id"], ["create_date:max"])) if buyers else {}
        return buyers.filtered(lambda buyer: buyer not in last or last[buyer] < first[buyer])

    def _share(self, outcomes):
        """Return the refused share of parcels with these outcomes, an unclear one as the shop counts it."""
        weights = self.company_id.sudo()._sop_refusal_weights() if outcomes else {}  # sudo: a setting
        return sum(weights.get(outcome, 0) for outcome in outcomes) / len(outcomes) if outcomes else 0


class SaleOrder(models.Model):
    """An order remembers the first policy it fell under: what the policy does is measured by that only."""

    _inherit = "sale.order"

    # no list of numbers to browse: which orders it met is for those who answer for the policy
    sop_policy_id = fields.Many2one(
        "sop.parcel.policy", copy=False, readonly=True, index="btree_not_null", ondelete="set null", groups="sop_inbox.sop_inbox_group_manager"
    )

    @api.model
    def _sop_kept(self):
        return super()._sop_kept() | {"sop_policy_id"}

    def _sop_note_policy(self, risk):
        """Remember the policy of ``_sop_risk``; the first counts. Idempotent."""
        order = self.sudo()  # sudo: noted for any user who sells
        if risk.get("policy") and not order.sop_policy_id:
            order.sop_policy_id = risk["policy"]
