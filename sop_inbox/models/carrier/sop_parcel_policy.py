from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.sop_pipeline.tools.arguments import takes, text
from odoo.addons.sop_pipeline.tools.signals import received, send
from odoo.addons.sop_pipeline.tools.transactions import replayed

from ...tools.risk import LEAST, calibrate, estimate, fit_prior

SEVERAL = 2  # parcels with an outcome from which on a number has an estimate: one marks no buyer


class SopParcelPolicy(models.Model):
    """From which facts on an order with cash on delivery is called first, needs a deposit, or is paid before it is sent."""

    _name = "sop.parcel.policy"
    _description = "Policy for Refused Parcels"
    _inherit = ["sop.guard.mixin"]
    _order = "sequence desc, id desc"
    _rec_name = "action"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    refused_least = fields.Float(
        "Refused Parcels from", default=2, required=True, help="An unclear one counts as the settings say. Nobody is judged by one parcel."
    )
    share_least = fields.Float("Share from", default=0.4, required=True)
    amount_least = fields.Monetary("Cash from", help="0: any amount.")
    action = fields.Selection(
        [("call", "Call first"), ("deposit", "Deposit before it is sent"), ("prepay", "Payment before it is sent")], required=True, default="call"
    )

    _least = models.Constraint(
        "CHECK (refused_least > 1 AND share_least > 0 AND share_least <= 1)", "From more than one refused parcel on, and a share above 0 up to 1."
    )

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"company_id": "read"}

    def _find(self, facts, amount):
        """Return the first of these policies that facts of a number fall under, the hardest by its sequence; none where there is none."""
        share = facts["refused"] / facts["parcels"] if facts["parcels"] else 0
        return self.filtered(
            lambda policy: policy.refused_least <= facts["refused"] and policy.share_least <= share and policy.amount_least <= amount
        )[:1]


class SopParcelCalibration(models.Model):
    """How the estimate compares with what came, on the shop's own past: only one that beats the shop's rate is shown."""

    _name = "sop.parcel.calibration"
    _description = "Calibration of Refusals"
    _order = "id desc"
    _rec_name = "date"

    date = fields.Date(readonly=True, default=fields.Date.today)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    parcels = fields.Integer(readonly=True)
    prior_a = fields.Float(readonly=True, digits=(16, 6))
    prior_b = fields.Float(readonly=True, digits=(16, 6))
    brier = fields.Float(readonly=True, digits=(16, 5))
    brier_base = fields.Float("Brier of the Shop's Rate", readonly=True, digits=(16, 5))
    log_loss = fields.Float(readonly=True, digits=(16, 5))
    log_loss_base = fields.Float("Log Loss of the Shop's Rate", readonly=True, digits=(16, 5))
    bins = fields.Char("Predicted and Seen", readonly=True)
    helps = fields.Boolean("Shown", readonly=True)

    @api.model
    @replayed
    def _cron_calibrate(self):
        """Measure anew for each company with enough parcels."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            weights = company._sop_refusal_weights()
            history = [(row["who"], weights.get(row["outcome"], 0)) for row in self.env["sop.parcel"]._past(company)]
            found = calibrate(history)
            if not found:
                continue
            facts = {}
            for who, refused in history:
                one, n = facts.get(who, (0, 0))
                facts[who] = (one + refused, n + 1)
            a, b = fit_prior(list(facts.values()))
            words = ", ".join(f"{number}: {predicted:.0%} / {seen:.0%}" for number, predicted, seen in found.bins)
            scores = {name: getattr(found, name) for name in ("brier", "brier_base", "log_loss", "log_loss_base", "helps")}
            self.create({"company_id": company.id, "parcels": len(history), "prior_a": a, "prior_b": b, "bins": words, **scores})

    def _estimate(self, facts):
        """Return the Estimate of a number by this calibration, None where it is not shown."""
        if not self.helps or self.parcels < LEAST or facts["parcels"] < SEVERAL:
            return None
        return estimate(facts["refused"], facts["parcels"], (self.prior_a, self.prior_b))


class SaleOrder(models.Model):
    """An order with cash on delivery to a number that refused parcels."""

    _inherit = "sale.order"

    sop_risk_reason = fields.Char(
        "Send without a Deposit Because",
        copy=False,
        tracking=True,
        groups="sales_team.group_sale_manager,sop_inbox.sop_inbox_group_manager",
        help="A manager's reason for sending this order with cash on delivery although the policy asks for more.",
    )

    def _sop_risks(self):
        """Return the facts of each receiver's number and what the policy asks: dict order -> dict ``text, detail, action, why, policy``,
        empty when nothing is known. As many queries for many orders of a company as for one."""
        risks = {}
        for company, orders in self.grouped("company_id").items():
            # sudo: the numbers in front of the seller, and figures of these numbers alone
            parcels = self.env["sop.parcel"].sudo()
            numbers = [(order.partner_shipping_id.sudo().phone or order.partner_id.sudo().phone, parcels._address_mark(order)) for order in orders]
            dues = [order._sop_totals()["due"] for order in orders]
            risks |= zip(orders, parcels._risks(company, numbers, dues, self.env), strict=True)
        return risks

    def _sop_risk(self):
        """See :meth:`_sop_risks`."""
        self.ensure_one()
        return self._sop_risks()[self]

    def _sop_known_risk(self):
        """See :meth:`_sop_risk`; what a caller has asked for already is not asked again."""
        known = received(self.env, "sop_risks", {})
        return known[self.id] if self.id in known else self._sop_risk()

    def _sop_mark_call(self):
        """The first policy an order meets is noted, too, whether it is confirmed in the end or not; see the order's own."""
        if self.sop_payment != "cod":
            return super()._sop_mark_call()
        risk = self._sop_known_risk()
        self._sop_note_policy(risk)
        return super(SaleOrder, send(self, sop_risks={self.id: risk}))._sop_mark_call()

    def _sop_check_before_confirm(self):
        """What is known of the numbers is asked once for all that depends on it; see the order's own."""
        risks = {order.id: risk for order, risk in self.filtered(lambda order: order.sop_payment == "cod")._sop_risks().items()}
        return super(SaleOrder, send(self, sop_risks=risks))._sop_check_before_confirm()

    def _sop_check_collectable(self):
        """Also what the shop's policy asks of a number that refused parcels; see the order's own."""
        super()._sop_check_collectable()
        if self.sop_payment != "cod":
            return
        risk = self._sop_known_risk()
        self._sop_note_policy(risk)
        if self.sudo().sop_risk_reason:  # sudo: whether a manager gave a reason
            return
        order, action = self.sudo(), risk.get("action")  # sudo: what was paid
        if action == "prepay" and order._sop_due() > 0 or action == "deposit" and not order._sop_paid():
            outside = not self.env.user._is_internal()  # a customer who signs on the portal: the facts are for the shop
            raise UserError(self.env._("This order is not sent before it is paid for. Please write to us.") if outside else risk["why"])

    @takes(reason=text(200))
    def action_sop_send_anyway(self, reason):
        """Have orders sent with cash on delivery although the policy asks for more. Idempotent. For managers of sales or of the inbox.

        :param reason: why, kept on the order
        """
        self.check_access("write")
        if not (self.env.user.has_group("sales_team.group_sale_manager") or self.env.user.has_group("sop_inbox.sop_inbox_group_manager")):
            raise AccessError(self.env._("Only managers may send an order the policy holds back."))
        if not reason:
            raise UserError(self.env._("Say why, please."))
        self.write({"sop_risk_reason": reason})


class SopParcel(models.Model):
    """What the facts of a number come to."""

    _inherit = "sop.parcel"

    @api.model
    def _risks(self, company, numbers, dues, env):
        """See ``sale.order._sop_risks``.

        :param numbers: see :meth:`_facts`
        :param dues: list of what is to be paid for each
        :param env: has the reader's language
        """
        known = self._facts(company, numbers)
        if not any(known):
            return known
        mine = [("company_id", "=", company.id)]
        policies = self.env["sop.parcel.policy"].search(mine)
        last = self.env["sop.parcel.calibration"].search(mine, limit=1)
        actions = dict(policies._fields["action"]._description_selection(env))
        risks = []
        for facts, due in zip(known, dues, strict=True):
            if not facts:
                risks.append({})
                continue
            said, detail = self._facts_words(facts, last._estimate(facts), env)
            policy = policies._find(facts, due)
            why = env._("%(what)s: this number has %(facts)s.", what=actions[policy.action], facts=said) if policy else ""
            shown = {"text": said, "detail": detail} if said else {"text": detail, "detail": ""}
            risks.append({**shown, "action": policy.action or "", "why": why, "policy": policy.id})
        return risks


class SopOrderForm(models.AbstractModel):
    """The form of an order says what is known of the number it goes to."""

    _inherit = "sop.order.form"

    def _order_values(self, order):
        risk = order._sop_risk() if order and order.sop_payment in ("cod", False) else {}
        values = super()._order_values(send(order, sop_risks={order.id: risk}))
        if values:
            values["risk"] = risk
        if risk:
            self.env["sop.parcel.risk.read"]._note(order)
        return values


class SopCallRule(models.Model):
    """A number the policy has called is called."""

    _inherit = "sop.call.rule"

    kind = fields.Selection(selection_add=[("refused", "The policy for refused parcels says so")], ondelete={"refused": "cascade"})

    @api.model
    def _facts(self):
        def refused(order, past):
            return order.sop_payment == "cod" and order._sop_known_risk().get("action") == "call"

        return super()._facts() | {"refused": refused}
