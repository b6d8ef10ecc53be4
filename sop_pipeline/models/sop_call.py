from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.arguments import choice, record_ids, takes, text
from ..tools.phone import spaced
from .crm_lead import INTERESTS

NOT_ANSWERED_REASONS = [
    ("no_answer", "No answer"),
    ("busy", "Busy"),
    ("wrong_number", "Wrong number"),
    ("call_later", "Call later"),
]


class SopCall(models.Model):
    """A telephone call with a customer, from the press of the button to the rating (rows P2-P6).

    ``dialing`` -> ``answered`` or ``not_answered``; an answered call is rated once, with one of
    three faces, and a rated call never changes again. The three public methods repeat without
    harm: a double click, a second tab or a resend after a lost connection is one call and one
    rating.

    A call without a result is never lost: it is asked for again when the person comes back. Until its result
    is recorded, and an answered one is rated, it stays on their to-do list, however old and however many.
    """

    _name = "sop.call"
    _inherit = ["sop.hidden.mixin"]
    _description = "Call"
    _order = "started_at desc, id desc"
    _rec_name = "number"
    _check_company_auto = True

    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="cascade", index="btree_not_null", check_company=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Caller", readonly=True, required=True, default=lambda self: self.env.uid)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    number = fields.Char(readonly=True)
    direction = fields.Selection([("out", "Outgoing"), ("in", "Incoming")], readonly=True, required=True, default="out")
    source = fields.Char(readonly=True, default="button", required=True, help="Who reported the call: the button, or a telephone exchange.")
    external_id = fields.Char("Number at the Source", readonly=True, copy=False)
    started_at = fields.Datetime("Time", readonly=True, required=True, default=fields.Datetime.now)
    answered_at = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("dialing", "Dialing"), ("answered", "Answered"), ("not_answered", "Not answered"), ("unknown", "Result unknown")],
        readonly=True,
        required=True,
        default="dialing",
        index=True,
    )
    reason = fields.Selection(NOT_ANSWERED_REASONS, "Why not", readonly=True)
    interest = fields.Selection(INTERESTS, readonly=True)
    rated_at = fields.Datetime(readonly=True)
    product_ids = fields.Many2many("product.product", string="Products Advised", readonly=True)
    note = fields.Text(readonly=True)

    _external_unique = models.UniqueIndex("(source, external_id) WHERE external_id IS NOT NULL", "This call is recorded already.")
    _one_dialing = models.UniqueIndex("(lead_id, user_id) WHERE state = 'dialing' AND source = 'button'", "A call to this customer is under way.")
    _to_rate_idx = models.Index("(user_id, started_at DESC) WHERE state = 'answered' AND interest IS NULL")
    _rating_complete = models.Constraint(
        "CHECK (interest IS NULL OR (state = 'answered' AND rated_at IS NOT NULL))", "Only an answered call can be rated."
    )
    _reason_complete = models.Constraint("CHECK (reason IS NULL OR state = 'not_answered')", "Only a call that was not answered has a reason for it.")

    @api.depends("number", "lead_id.name")
    def _compute_display_name(self):
        for call in self:
            call.display_name = call.lead_id.name or spaced(call.number) or self.env._("Unknown number")

    # === ORM ===

    def write(self, vals):
        """Let the caller's browsers know when what a call asks of them has changed."""
        result = super().write(vals)
        if not {"state", "interest"}.isdisjoint(vals):
            for call in self:
                call.user_id._bus_send("sop_pipeline.call", {"call_id": call.id, "rate": False})
        return result

    # === ACTIONS ===

    def action_answered(self):
        """The customer picked up; the call waits for its rating now.

        Corrects an earlier "not answered". Idempotent: a call that is answered stays as it is.

        :return: the call as :meth:`_sop_client_data`
        :raise AccessError: when it is somebody else's call
        """
        call = self._sop_own_call()
        if call.state != "answered":
            call.write({"state": "answered", "reason": False, "answered_at": fields.Datetime.now()})
            call.lead_id.filtered(lambda lead: lead.phone_sanitized == call.number).sop_wrong_number = False
            call._sop_finish_activity()
            call.lead_id._sop_call_answered(call)
        return call._sop_client_data()

    @takes(reason=choice(*dict(NOT_ANSWERED_REASONS)))
    def action_not_answered(self, reason, call_back_on=None):
        """The customer did not pick up.

        "Call later" plans the next call as an activity of the lead; at another time it moves that plan. Idempotent.

        :param str reason: no_answer, busy, wrong_number, call_later
        :param call_back_on: day or time (UTC) for "call later"; default tomorrow in the caller's time zone
        :return: True
        :raise UserError: for an unknown reason, a bad date, or a call that is rated already
        :raise AccessError: when it is somebody else's call
        """
        call = self._sop_own_call()
        if call.interest:
            raise UserError(self.env._("This call was answered and rated: it cannot become unanswered."))
        repeated = (call.state, call.reason) == ("not_answered", reason)
        if not repeated:
            call.write({"state": "not_answered", "reason": reason, "answered_at": False, "ended_at": fields.Datetime.now()})
            call._sop_finish_activity()
            call.lead_id.filtered(lambda lead: lead.phone_sanitized == call.number).sop_wrong_number = reason == "wrong_number"
        if reason == "call_later" and (call_back_on or not repeated):
            call._sop_plan_next(call_back_on)
        return True

    @takes(interest=choice(*dict(INTERESTS)), product_ids=record_ids, note=text(5000))
    def action_rate(self, interest, product_ids=None, note=None):
        """Keep what the customer thought of the product, and let the fact move the lead (rows P4-P6).

        Idempotent: the same rating again changes nothing.

        :param str interest: interested, thinking, not_interested
        :param list product_ids: ids of ``product.product`` the customer was advised on
        :param str note: free text
        :return: True
        :raise UserError: for a call that was not answered, an unknown face or product, or a call
            rated otherwise before
        :raise AccessError: when it is somebody else's call
        """
        call = self._sop_own_call()
        if call.state != "answered":
            raise UserError(self.env._("Only an answered call can be rated."))
        if call.interest:
            if call.interest == interest:
                return True
            raise UserError(self.env._("This call is rated already. Call again to rate anew: the latest rating counts."))
        call.write(
            {
                "interest": interest,
                "rated_at": fields.Datetime.now(),
                "ended_at": call.ended_at or fields.Datetime.now(),
                "product_ids": [fields.Command.set(self._sop_check_products(product_ids).ids)],
                "note": note,
            }
        )
        # sudo: the call's own lead, which the caller worked on; see _sop_own_call
        call.lead_id._sop_call_rated(call)
        return True

    # === HELPERS ===

    def _sop_own_call(self):
        """The call, writable, after checking that it is the current user's to work on.

        Calls are read-only to people; their methods are the only door.

        :raise AccessError: when the user may not see the call, or it is a colleague's and they are no
            sales manager
        """
        self.ensure_one()
        self.check_access("read")
        if self.user_id != self.env.user and not self.env.user.has_group("sales_team.group_sale_manager"):
            raise AccessError(self.env._("This call is %(user)s's: only the caller can record its result.", user=self.user_id.name))
        # sudo: people have no right to write calls, see above
        return self.sudo()

    def _sop_check_products(self, product_ids):
        """The products behind the ids a client sent.

        :raise UserError: when a product is not there or not the user's to see
        """
        products = self.env["product.product"].with_user(self.env.user).browse(product_ids or []).exists()
        if len(products) != len(product_ids or []):
            raise UserError(self.env._("One of the products is no longer there. Choose again."))
        products.check_access("read")
        return products

    def _sop_client_data(self):
        """What the dialogs need to know of a call."""
        self.ensure_one()
        lead = self.lead_id
        return {
            "call_id": self.id,
            "lead_id": lead.id,
            "name": lead.contact_name
            or (lead.partner_id or self.partner_id).name
            or lead.name
            or spaced(self.number)
            or self.env._("Unknown number"),
            "number": spaced(self.number) or "",
            "state": self.state,
            "interest": self.interest,
            "code": lead.sop_code,
            "stages": lead.sop_process
            and [{"code": code, "label": label} for code, label in lead._fields["sop_code"]._description_selection(self.env)],
            "at": fields.Datetime.to_string(self.started_at),
            "products": [{"id": product.id, "name": product.display_name} for product in lead._sop_advised_products()],
        }

    def _sop_finish_activity(self):
        """Mark the call planned on the lead, or on the customer, as done, if there was one."""
        about = self.lead_id or self.partner_id
        if about:
            self._sop_planned_calls(about, self.user_id).action_feedback()

    def _sop_client_action(self):
        """The client action that opens the dialler and then asks how the call went."""
        self.ensure_one()
        return {"type": "ir.actions.client", "tag": "sop_call", "params": {**self._sop_client_data(), "tel": f"tel:{self.number}"}}

    def get_client_data(self):
        """What the dialogs show of a call that was left open.

        :return: dict, see :meth:`_sop_client_data`
        :raise AccessError: when it is somebody else's call
        """
        return self._sop_own_call()._sop_client_data()

    @api.model
    def get_todo(self):
        """The current user's calls that still want something: a result, or a rating. They stay until it is recorded.

        Read at every start of the web client and after each change; the same few queries whatever the
        number of calls.

        :return: dict ``dialing`` (the latest attempt without a result, or False), ``waiting`` (attempts without a
            result, latest first, at most 20), ``waiting_count``, ``to_rate`` (answered calls without a rating, latest
            first, at most 20) and ``count`` of those
        """
        todo = {"dialing": False, "waiting": [], "waiting_count": 0, "to_rate": [], "count": 0}
        if not self.has_access("read"):
            return todo
        mine = Domain("user_id", "=", self.env.uid)
        waiting, to_rate = self.search(mine & self._sop_to_record_domain()), self.search(mine & Domain(self._sop_to_rate_domain()))
        # sudo: one's own calls; the person called may be a colleague's lead by now
        calls = [call._sop_client_data() for call in (waiting[:20] | to_rate[:20]).sudo()]
        todo["waiting"], todo["to_rate"] = calls[: len(waiting[:20])], calls[len(waiting[:20]) :]
        todo["dialing"] = todo["waiting"][0] if waiting else False
        return {**todo, "waiting_count": len(waiting), "count": len(to_rate)}

    @api.model
    def _sop_to_rate_domain(self):
        """Answered calls without a rating."""
        return [("state", "=", "answered"), ("interest", "=", False)]

    @api.model
    def _sop_to_record_domain(self):
        """Attempts without a result; the exchange reports the result of its own, until it has long been silent."""
        pressed = Domain("source", "=", "button") | Domain("started_at", "<", "-30M")
        return Domain("state", "=", "unknown") | (Domain("state", "=", "dialing") & pressed)
