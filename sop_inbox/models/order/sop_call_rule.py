from functools import cache, partial

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.words import fold

# What the rules ask of a customer's past without this order, in one statement: each judged order asks it.
PAST = """
    WITH person AS (SELECT id FROM res_partner WHERE commercial_partner_id = %(partner)s OR id = %(partner)s),
         bought AS (SELECT id, date_order, sop_address_mark AS mark FROM sale_order
                     WHERE partner_id IN (SELECT id FROM person) AND company_id = %(company)s AND state = 'sale' AND id != %(order)s)
    SELECT (SELECT count(*)::int FROM bought) AS orders,
           (SELECT mark FROM bought WHERE mark NOT IN %(nowhere)s ORDER BY date_order DESC, id DESC LIMIT 1) AS mark,
           (SELECT count(*)::int FROM stock_picking p JOIN sale_order s ON s.id = p.sale_id
             WHERE s.partner_id IN (SELECT id FROM person) AND s.company_id = %(company)s
               AND p.return_id IS NOT NULL AND p.state = 'done') AS returns,
           ARRAY(SELECT name FROM res_partner
                  WHERE phone_sanitized = %(number)s AND active AND (company_id IS NULL OR company_id = %(company)s) LIMIT 20) AS names
"""

NOWHERE = 1  # the mark of an order without an address that was judged


class SopCallRule(models.Model):
    """Which orders are confirmed by a call before they are sent: facts, each with an amount from which it counts."""

    _name = "sop.call.rule"
    _description = "Rule for Calls to Confirm"
    _inherit = ["sop.cached.mixin", "sop.guard.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="As it is shown beside the order.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [
            ("first", "First order of the customer"),
            ("returns", "The customer returned goods before"),
            ("address", "Cash on delivery to a ward that is not known"),
            ("moved", "Another address than the last time"),
            ("names", "One number, several names"),
        ],
        required=True,
    )
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: of all companies.")
    amount_least = fields.Float("From Amount", help="Of the order. 0: any; for first orders the amount in the settings, where 0 means none.")

    # to the database "not a number" is more than everything
    _amount_least = models.Constraint("CHECK (amount_least >= 0 AND amount_least < 'infinity')", "The amount is a number from 0.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"company_id": "read"}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        """Orders say why they were called."""
        # sudo: orders of all companies
        if self.env["sale.order"].sudo().search([("sop_call_rule_ids", "in", self.ids)], limit=1):
            raise UserError(self.env._("Orders fall under this rule: archive it, and they keep their reason."))

    @api.model
    def _applying(self, order):
        """Return the rules an order falls under. The customer's past is asked once, and only when a rule needs it."""
        order = order.sudo()  # sudo: facts of the shop, for any user who sells
        past = cache(partial(self._past, order))
        facts = {kind: partial(fact, order, past) for kind, fact in self._facts().items()}
        known, found = {}, []
        for rule, kind, least in self._rules_of(order.company_id.id):
            if not self._counts(order, kind, least):
                continue
            if kind not in known:
                known[kind] = facts[kind]()
            if known[kind]:
                found.append(rule)
        return self.sudo().browse(found)  # sudo: settings, for any user who sells

    @api.model
    @tools.ormcache("company_id")
    def _rules_of(self, company_id):
        """Return ((id, kind, least amount), ...) of a company in their order, kept until a rule changes."""
        rules = self.sudo().search(Domain("company_id", "in", (False, company_id)))  # sudo: settings, for any user who sells
        return tuple((rule.id, rule.kind, rule.amount_least) for rule in rules)

    @api.model
    def _counts(self, order, kind, least):
        """Whether an order, in its company's currency, is large enough; a first order counts from the rule's amount, or that of the settings."""
        amount = order.amount_total / (order.currency_rate or 1)
        if kind == "first":
            least = least or order.company_id.sudo().sop_call_amount  # sudo: a setting
            return bool(least) and amount >= least
        return amount >= least

    @api.model
    def _facts(self):
        """Hook: dict kind -> function(order, past) that says whether it is so; ``past()`` is what :meth:`_past` returns."""
        return {
            "first": lambda order, past: not past()["orders"],
            "returns": lambda order, past: bool(past()["returns"]),
            "address": lambda order, past: order.sop_payment == "cod" and not order.partner_shipping_id.city_id,
            "moved": lambda order, past: (here := order._sop_address_number()) and past()["mark"] not in (None, here),
            "names": lambda order, past: self._has_other_names(order.partner_shipping_id, past()["names"]),
        }

    @api.model
    def _past(self, order):
        """Return what the customer of an order did besides it, in its company: dict

        ``orders`` (confirmed), ``returns``, ``mark`` (of the address their last order went to; None: not known), ``names`` (of all who
        have the number this order goes to).
        """
        self.env.flush_all()
        number = order.partner_shipping_id.phone_sanitized or order.partner_id.phone_sanitized or None
        who = {"partner": order.partner_id.commercial_partner_id.id, "company": order.company_id.id, "order": order._origin.id or 0}
        [past] = self.env.execute_query_dict(SQL(PAST, number=number, nowhere=(0, NOWHERE), **who))
        return past

    @api.model
    def _has_other_names(self, receiver, names):
        """Whether somebody of another name than the receiver's is among those who have their number."""
        return len({fold(" ".join(name.split())) for name in (*names, receiver.name) if name}) > 1
