import zlib

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import choice, takes

from ...tools.words import fold
from .sop_call_rule import NOWHERE

OUTCOMES = [
    ("confirmed", "Confirmed"),
    ("changed", "Confirmed with changes"),
    ("no_answer", "No answer"),
    ("declined", "Does not want it"),
]
DECIDED = ("confirmed", "changed", "declined")  # no agent calls again about what was asked


class SaleOrder(models.Model):
    """An order that is confirmed by a call: why, what came of it, who rang and when."""

    _inherit = "sale.order"

    sop_call_rule_ids = fields.Many2many(
        "sop.call.rule",
        "sop_order_call_rule_rel",
        "order_id",
        "rule_id",
        "Call Because",
        copy=False,
        readonly=True,
        groups="base.group_user",
        context={"active_test": False},  # a rule that is archived was a reason all the same
    )
    sop_call_outcome = fields.Selection(OUTCOMES, "Outcome of the Call", copy=False, readonly=True, groups="base.group_user")
    sop_called_by_id = fields.Many2one("res.users", "Called by", copy=False, readonly=True, ondelete="set null", groups="base.group_user")
    sop_called_at = fields.Datetime("Called", copy=False, readonly=True, groups="base.group_user")
    sop_address_mark = fields.Integer(copy=False, readonly=True, groups="base.group_user", help="Of the address it went to, to know another one.")

    _sop_call_idx = models.Index("(sop_conversation_id) WHERE sop_call_first IS TRUE")

    def _sop_judge_new_address(self):
        """A confirmed order that goes to another address is judged again. Step of ``write``."""
        # sudo: any user who changes it
        for order in self.sudo().filtered(lambda order: order.sop_conversation_id and order.state == "sale" and order.delivery_status != "full"):
            order._sop_mark_call()

    def _sop_judge_unjudged(self):
        """An order that was not judged with this address yet is judged now. Step of ``_sop_check_before_confirm``."""
        for order in self:
            if order.sop_address_mark != (order._sop_address_number() or NOWHERE):
                order._sop_mark_call()

    def _sop_mark_call(self):
        """Mark an order to be confirmed by a call, or take the mark off. What was asked and answered is not asked again.

        :return: whether it is to be called; a customer who is not known cannot be
        """
        self.ensure_one()
        if self.partner_id.sop_is_unknown:
            return False
        rules = self.env["sop.call.rule"]._applying(self)
        known = self.sop_call_rule_ids if rules or self.sop_call_first or self.sop_call_outcome else rules  # nothing to look up for most orders
        decided = self.sop_call_outcome in DECIDED
        if decided and not rules - known:
            rules = known
        mark = bool(rules - known if decided else rules)
        values = {}
        if mark != self.sop_call_first:
            values["sop_call_first"] = mark
        if rules != known:
            values["sop_call_rule_ids"] = [fields.Command.set(rules.ids)]
        if decided and mark:
            values["sop_call_outcome"] = False
        if self.sop_address_mark != (here := self._sop_address_number() or NOWHERE):
            values["sop_address_mark"] = here
        if values:
            self._sop_keeping().write(values)
        return mark

    # === ADDRESS ===

    def _sop_address_number(self):
        """Return a number that is the same for the same address; 0 without one."""
        place = self.partner_shipping_id.sudo()  # sudo: only to be compared
        words = fold(" ".join(" ".join(filter(None, (place.street, place.street2, place.city))).split()))
        return zlib.crc32(f"{words} {place.state_id.id or ''}".encode()) - 2**31 if words or place.state_id else 0

    # === CALL ===

    def action_sop_call_to_confirm(self):
        """Call the customer of this order: recorded as every call of the pipeline is.

        :return: client action ``sop_call``
        :raise UserError: there is no number
        """
        self.ensure_one()
        self.check_access("write")
        partner = self.partner_shipping_id.sudo()  # sudo: the number in front of the seller
        number = partner.phone or self.partner_id.sudo().phone or self.sop_conversation_id.sudo().phone  # sudo: the same
        if not number:
            raise UserError(self.env._("Order %(name)s has no phone number to call.", name=self.name))
        lead = self.opportunity_id if self.opportunity_id.has_access("write") else self.opportunity_id.browse()
        about = ("crm.lead", lead.id) if lead else ("res.partner", self.partner_id.id)
        called = self.env["sop.call"].action_dial(number, *about)
        return called or {"type": "ir.actions.act_url", "url": f"tel:{number}", "target": "self"}

    @takes(outcome=choice(*dict(OUTCOMES)), seen=choice(*DECIDED))
    def action_sop_call_outcome(self, outcome, seen=None):
        """Keep what the customer said; who was not reached is still to be called, unless a colleague reached them. Idempotent, batch.

        :param outcome: confirmed, changed, no_answer or declined
        :param seen: what the customer had said before, where the user saw it and corrects it
        :raise UserError: a colleague has recorded that the customer said something else
        """
        self.check_access("write")
        labels = dict(self._fields["sop_call_outcome"]._description_selection(self.env))
        known = DECIDED if outcome == "no_answer" else (outcome,)
        for order in self.filtered(lambda order: order.sop_call_outcome not in known):
            if order.state == "cancel":
                raise UserError(self.env._("Order %(name)s was cancelled.", name=order.name))
            if order.sop_call_outcome in DECIDED and order.sop_call_outcome != seen:
                person = order.sudo().sop_called_by_id.name or ""  # sudo: a colleague's name
                values = {"name": order.name, "outcome": labels[order.sop_call_outcome], "person": person}
                raise UserError(self.env._("%(name)s: %(person)s has recorded “%(outcome)s” already.", **values))
            values = {"sop_call_outcome": outcome, "sop_called_by_id": self.env.uid, "sop_called_at": fields.Datetime.now()}
            order._sop_keeping().write(values | {"sop_call_first": outcome not in DECIDED})
            order._message_log(body=self.env._("Call to confirm: %(outcome)s", outcome=labels[outcome]))
            order.sop_conversation_id.sudo()._push_update()  # sudo: only that it changed
        return True

    def action_sop_call_confirmed(self):
        """See :meth:`action_sop_call_outcome`."""
        return self.action_sop_call_outcome("confirmed")

    def action_sop_call_no_answer(self):
        """See :meth:`action_sop_call_outcome`."""
        return self.action_sop_call_outcome("no_answer")

    def action_sop_call_declined(self):
        """See :meth:`action_sop_call_outcome`."""
        return self.action_sop_call_outcome("declined")

    def _sop_call_values(self):
        """What the screen shows of the call: dict ``first, declined, why, outcome, by, at``; False where none is asked for."""
        self.ensure_one()
        if not self.sop_call_first and not self.sop_call_outcome:
            return False
        label = dict(self._fields["sop_call_outcome"]._description_selection(self.env)).get(self.sop_call_outcome, "")
        return {
            "first": self.sop_call_first,
            "declined": self.sop_call_outcome == "declined",
            "why": self.sudo().sop_call_rule_ids.mapped("name"),  # sudo: words of a setting
            "outcome": label,
            "by": self.sudo().sop_called_by_id.name or "",  # sudo: a colleague's name
            "at": fields.Datetime.to_string(self.sop_called_at) if self.sop_called_at else False,
        }


class StockPicking(models.Model):
    """Where the shop wants it, goods wait until the customer has confirmed, and do not go to one who does not want them."""

    _inherit = "stock.picking"

    def _action_done(self):
        """See core for the contract.

        :raise UserError: an order among them still waits for its call
        """
        self._sop_check_called()
        return super()._action_done()

    def _sop_check_called(self):
        """Raise UserError that names the orders whose customers are still to be called, where the shop has goods wait for it."""
        going = self.sudo().filtered(lambda picking: picking.picking_type_code == "outgoing" and picking.company_id.sop_call_holds)  # sudo: a setting
        unwanted = going.sale_id.filtered(lambda order: order.sop_call_outcome == "declined")
        if unwanted:
            names = ", ".join(unwanted.mapped("name"))
            raise UserError(self.env._("The customer does not want %(orders)s. If they do after all, enter it beside the chat.", orders=names))
        waiting = going.sale_id.filtered("sop_call_first")
        if waiting:
            names = ", ".join(waiting.mapped("name"))
            raise UserError(self.env._("Call the customer first: %(orders)s wait for a confirmation by phone.", orders=names))
