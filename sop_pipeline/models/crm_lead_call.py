from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.phone import read_cell
from ..tools.transactions import made_once


class CrmLead(models.Model):
    """Calling a lead and rating the call (rows P2-P6), and duplicates by phone (row P12)."""

    _inherit = "crm.lead"

    sop_call_ids = fields.One2many("sop.call", "lead_id", string="Calls", readonly=True)
    sop_call_count = fields.Integer("Number of Calls", compute="_compute_sop_call_count")
    sop_to_rate = fields.Boolean("Call to rate", compute="_compute_sop_to_rate", search="_search_sop_to_rate")
    sop_last_call_at = fields.Datetime("Last Call", readonly=True, copy=False, prefetch="sop_card")

    sop_wrong_number = fields.Boolean(
        "Wrong Number",
        compute="_compute_sop_wrong_number",
        store=True,
        copy=False,
        help="The last call found that the number is not the customer's. It is called no more until it is changed.",
    )
    sop_next_step = fields.Char("Next Step", compute="_compute_sop_next_step")

    @api.depends("phone_sanitized")
    def _compute_sop_wrong_number(self):
        """Another number has not been found wrong; a call says that it is."""
        self.sop_wrong_number = False

    @api.depends("activity_ids.date_deadline", "activity_ids.sop_at", "activity_ids.summary")
    @api.depends_context("uid", "tz")
    def _compute_sop_next_step(self):
        """What is planned first, with its day and time, in words."""
        for lead in self:
            planned = lead.activity_ids.sorted(lambda activity: (activity.date_deadline, activity.sop_at or datetime.max))[:1]
            what = planned.summary or planned.activity_type_id.name
            day = planned.date_deadline and planned.date_deadline.strftime("%d/%m")
            lead.sop_next_step = f"{what}, {day}" if planned else False

    @api.depends("sop_call_ids")
    def _compute_sop_call_count(self):
        counts = dict(self.env["sop.call"]._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"]))
        for lead in self:
            lead.sop_call_count = counts.get(lead._origin, 0)

    @api.depends("sop_call_ids.state", "sop_call_ids.interest")
    def _compute_sop_to_rate(self):
        waiting = self.env["sop.call"]._read_group(self.env["sop.call"]._sop_to_rate_domain() + [("lead_id", "in", self.ids)], ["lead_id"])
        leads = self.browse(lead.id for (lead,) in waiting)
        for lead in self:
            lead.sop_to_rate = lead._origin in leads

    def _search_sop_to_rate(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("sop_call_ids", "any", self.env["sop.call"]._sop_to_rate_domain())]

    # === CALL ===

    def action_sop_call(self):
        """Record an attempt to call the customer, before the dialler opens (row P2).

        Idempotent while an attempt of the same user has no result: it is that call.

        :return: client action ``sop_call``; its ``params`` are ``sop.call._sop_client_data`` and ``tel``
        :raise UserError: when the lead has no number to call
        :raise AccessError: for users who may not work on the lead
        """
        self.ensure_one()
        self.check_access("write")
        number = self.phone_sanitized or self._sop_dialable_phone()
        if not number:
            raise UserError(self.env._("“%(lead)s” has no phone number that can be called.", lead=self.name))
        return self._sop_start_call(number)

    def _sop_start_call(self, number):
        """Record an attempt on a number of this lead, or find the one under way.

        :return: client action ``sop_call``, see :meth:`action_sop_call`
        """
        call = self._sop_open_attempt(number) or self._sop_new_call(number)
        return call._sop_client_action()

    def _sop_dialable_phone(self):
        """A number core could not parse (a foreign one, say) but a telephone could dial, or False."""
        number = self.phone or self.partner_id.phone or ""
        digits = "".join(char for char in number if char in "+0123456789")
        return next(iter(read_cell(number)), None) or (digits if 7 <= len(digits.lstrip("+")) <= 15 else False)

    def _sop_open_attempt(self, number):
        """The user's attempt on this number of the lead that is under way; older ones are over, and wait for their result as unknown."""
        Call = self.env["sop.call"].sudo()  # sudo: older attempts are closed, and people have no right to write calls
        mine = [("lead_id", "=", self.id), ("user_id", "=", self.env.uid), ("state", "=", "dialing"), ("source", "=", "button")]
        return Call.search(mine)._sop_under_way(number)

    def _sop_new_call(self, number):
        """Insert the attempt; of two at once the second is replayed and finds the first."""
        values = {
            "lead_id": self.id,
            "partner_id": self.partner_id.id,
            "user_id": self.env.uid,
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "number": number,
        }
        with made_once(self.env):
            # sudo: people have no right to write calls; the lead's access was checked
            call = self.env["sop.call"].sudo().create(values)
        # sudo: bookkeeping, also on a lead that requires fields the user has not filled
        self.sudo().sop_last_call_at = call.started_at
        return call

    def _sop_advised_products(self):
        """Products to offer first in the rating: those in the lead's orders, else what was asked for, else those rated before; none of no lead."""
        # sudo: the names of products in the lead's own orders
        products = self.sudo().order_ids.filtered(lambda order: order.state != "cancel").order_line.product_id
        return (products or self.sudo().sop_product_id or self.sudo().sop_call_ids.product_ids)[:10]

    def _sop_call_answered(self, call):
        """Hook: the customer picked up. A lead that was only collected is evaluated now: so its bar reads while the faces are open (000).

        :param call: the ``sop.call``; may be called again for the same one
        """
        self._sop_apply_fact("call_answered", source=call)

    def _sop_call_rated(self, call):
        """Hook: a call of this lead was rated. Runs once for each rating, in the same transaction.

        :param call: the ``sop.call``, with ``interest`` set
        """
        if self:
            self._sop_take_rating(call)
        self._sop_record_call(call)
        self._sop_wake_next_actions()

    def _sop_take_rating(self, call):
        """Write what a rated call says of its lead: interest, status, number confirmed; it may move the lead."""
        self.sop_interest = call.interest
        if self.sop_code == "contact":
            self.sop_status = f"contact.{call.interest}"
        self._sop_verify("call")
        self._sop_apply_fact("call_rated", source=call)
        self._message_log(
            body=self.env._(
                "Call rated: %(interest)s %(products)s %(note)s",
                interest=dict(self._fields["sop_interest"]._description_selection(self.env))[call.interest],
                products=", ".join(call.product_ids.mapped("display_name")),
                note=call.note or "",
            )
        )

    def action_sop_calls(self):
        """:return: window action on the lead's calls

        :raise AccessError: for users who may not see the lead
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_pipeline.sop_call_action")
        return {**action, "domain": [("lead_id", "=", self.id)], "context": {}}
