from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import takes, text
from odoo.addons.sop_pipeline.tools.phone import find_phones
from odoo.addons.sop_pipeline.tools.signals import received, send

from ...tools.risk import LEAST, WEIGHTS, calibrate, estimate, fit_prior

MONTHS = 24  # facts older than that fall out
WHOSE = {"data": "shop", "sender": "shop"}  # a wrong address, or what the shop asked for, is the shop's doing too
# A parcel that came back after a failure, and whose doing that was; other ends say nothing of the buyer.
PAST = """
    SELECT p.phone_key AS who, COALESCE(p.since, p.write_date) AS at,
           CASE WHEN p.state = 'delivered' THEN 'delivered' ELSE COALESCE(r.fault, 'unclear') END AS outcome
      FROM sop_parcel p LEFT JOIN sop_parcel_reason r ON r.id = p.reason_id
     WHERE p.company_id = %(company)s AND p.phone_key IS NOT NULL AND p.state IN ('delivered', 'returned', 'returning')
       AND COALESCE(p.excluded, FALSE) = FALSE AND p.create_date > %(since)s %(which)s
     ORDER BY 2, p.id
"""


class SopParcel(models.Model):
    """What a shop's own parcels say of a number: over all contacts and channels, and of no other shop."""

    _inherit = "sop.parcel"

    # facts of a number are for who has it before them: there is no list of numbers to browse
    phone_key = fields.Char("Receiver's Number", readonly=True, index="btree_not_null", groups=fields.NO_ACCESS)
    excluded = fields.Boolean("Does Not Count", readonly=True, help="This parcel says nothing about its buyer.")
    excluded_reason = fields.Char("Because", readonly=True)

    @api.model
    def _phone_key(self, words):
        """Return a number as it is counted, False for none."""
        return next((match.e164 for match in find_phones(words or "")), False)

    @api.model
    def _past(self, company, phone=None):
        """Return the parcels with an outcome in the last 24 months, in the order of time: list of dict ``who, at, outcome``."""
        self.flush_model()
        self.env["sop.parcel.reason"].flush_model()
        which = SQL("AND p.phone_key = %s", phone) if phone else SQL("")
        since = fields.Datetime.now() - relativedelta(months=MONTHS)
        return self.env.execute_query_dict(SQL(PAST, company=company.id, since=since, which=which))

    @api.model
    def _facts_of(self, company, words):
        """Return what is known of a number: empty when nothing is, else a dict

        ``sent`` (also what is on its way), ``parcels`` (with an outcome), ``delivered, back``, ``refused`` (an unclear one is half),
        and of those that came back whose doing it was: ``buyer, unclear, shop, carrier``.
        """
        phone = self._phone_key(words)
        rows = self._past(company, phone) if phone else []
        if not rows:
            return {}
        outcomes = [WHOSE.get(row["outcome"], row["outcome"]) for row in rows]
        back = {whose: outcomes.count(whose) for whose in ("buyer", "unclear", "shop", "carrier")}
        since = fields.Datetime.now() - relativedelta(months=MONTHS)
        gone = [("state", "not in", ("new", "unknown", "cancelled")), ("create_date", ">", since), ("excluded", "=", False)]
        return {
            "sent": self.search_count([("company_id", "=", company.id), ("phone_key", "=", phone), *gone]),
            "parcels": len(outcomes),
            "delivered": outcomes.count("delivered"),
            "back": sum(back.values()),
            "refused": sum(WEIGHTS.get(outcome, 0) for outcome in outcomes),
            **back,
        }

    @takes(reason=text(200))
    def action_exclude(self, reason):
        """Have parcels that came back through no fault of the buyer count no more. Idempotent, batch. Right: writing parcels.

        :param reason: why; empty has them count again
        """
        self.check_access("write")
        for parcel in self.sudo():  # sudo: checked; the facts are written by us alone
            parcel.write({"excluded": bool(reason), "excluded_reason": reason or False})


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
    refused_least = fields.Float("Refused Parcels from", default=2, required=True, help="An unclear one counts half. Nobody is judged by one parcel.")
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

    @api.model
    def _find(self, company, facts, amount):
        """Return the first policy these facts fall under, the hardest by its sequence; none where there is none."""
        if not facts:
            return self.browse()
        share = facts["refused"] / facts["parcels"]
        domain = [
            ("company_id", "=", company.id),
            ("refused_least", "<=", facts["refused"]),
            ("share_least", "<=", share),
            ("amount_least", "<=", amount),
        ]
        return self.sudo().search(domain, limit=1)  # sudo: a setting, for any user who sells


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
    def _cron_calibrate(self):
        """Measure anew for each company with enough parcels."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            past = self.env["sop.parcel"]._past(company)
            history = [(row["who"], WEIGHTS.get(row["outcome"], 0)) for row in past]
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

    @api.model
    def _estimate(self, company, facts):
        """Return the Estimate of a number, None where it is not shown."""
        last = self.sudo().search([("company_id", "=", company.id)], limit=1)  # sudo: a figure of the shop's, for any user who sells
        if not last.helps or last.parcels < LEAST:
            return None
        return estimate(facts["refused"], facts["parcels"], (last.prior_a, last.prior_b))


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

    def _sop_risk(self):
        """Return the facts of the receiver's number and what the policy asks: dict ``text, action, why``; empty when nothing is known."""
        self.ensure_one()
        words = self.partner_shipping_id.sudo().phone or self.partner_id.sudo().phone  # sudo: the number in front of the seller
        return self.env["sop.parcel"].sudo()._risk(self.company_id, words, self._sop_totals()["due"], self.env)  # sudo: figures of this number alone

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
        risks = {order.id: order._sop_risk() for order in self if order.sop_payment == "cod"}
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
        if risk.get("action") == "prepay" or risk.get("action") == "deposit" and not self.amount_paid:
            raise UserError(risk["why"])

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


class SopParcelWords(models.Model):
    """The facts of a number in words."""

    _inherit = "sop.parcel"

    @api.model
    def _risk(self, company, words, amount, env):
        """See ``sale.order._sop_risk``. ``env`` has the reader's language."""
        facts = self._facts_of(company, words)
        if not facts:
            return {}
        said = env._("%(back)s returned / %(parcels)s parcels", back=facts["back"], parcels=facts["parcels"])
        if guess := self.env["sop.parcel.calibration"]._estimate(company, facts):
            said = env._(
                "%(facts)s, risk %(rate)s %% (%(low)s-%(high)s)",
                facts=said,
                rate=round(100 * guess.rate),
                low=round(100 * guess.low),
                high=round(100 * guess.high),
            )
        policy = self.env["sop.parcel.policy"]._find(company, facts, amount)
        asked = dict(policy._fields["action"]._description_selection(env)).get(policy.action, "")
        why = env._("%(what)s: this number has %(facts)s.", what=asked, facts=said) if policy else ""
        return {"text": said, "detail": self._whose_doing(facts, env), "action": policy.action or "", "why": why, "policy": policy.id}

    @api.model
    def _whose_doing(self, facts, env):
        """Return whose doing it was that parcels came back, and what is on its way, in words; empty when there is nothing to say."""
        words = {
            "buyer": env._("refused by the buyer"),
            "unclear": env._("unclear"),
            "shop": env._("the shop's doing"),
            "carrier": env._("the carrier's doing"),
            "going": env._("on the way"),
        }
        facts = {**facts, "going": facts["sent"] - facts["parcels"]}
        return ", ".join(f"{facts[name]} {said}" for name, said in words.items() if facts[name] > 0)


class SopOrderForm(models.AbstractModel):
    """The form of an order says what is known of the number it goes to."""

    _inherit = "sop.order.form"

    def _order_values(self, order):
        risk = order._sop_risk() if order and order.sop_payment in ("cod", False) else {}
        values = super()._order_values(send(order, sop_risks={order.id: risk}))
        if values:
            values["risk"] = risk
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
