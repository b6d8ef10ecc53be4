from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.carrier_base import CarrierError


class SopParcel(models.Model):
    """A delivery that failed: a task for who sold it, the two things to do, and the end of the task when the parcel moves."""

    _inherit = "sop.parcel"

    decided = fields.Selection([("again", "Deliver Again"), ("back", "Send Back")], "Instruction Sent to the Carrier", readonly=True)
    task_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null", copy=False)

    def _follow_failure(self):
        """A parcel that moves again ends its task; one that failed gets one. Step of ``_moved``."""
        if self.decided and self.state != "failed":
            self.decided = False
        if self.task_id:
            done = self.with_context(lang=self.task_id.user_id.lang)
            self.task_id.action_feedback(feedback=done._state_words())
            self.task_id = False
        if self.state == "failed":
            self._give_task()

    def _give_task(self):
        """Plan an activity of today on the order for the person who sold it."""
        order = self.order_id
        user = self._seller()
        if not order or not user:
            return
        parcel = self.with_context(lang=user.lang)
        env, partner = parcel.env, order.partner_shipping_id
        facts = [
            (env._("Reason"), parcel.reason or env._("The carrier gives none.")),
            (env._("Customer"), f"{partner.name or ''} {partner.phone or order.partner_id.phone or ''}".strip()),
            (env._("Waybill"), Markup('%s <a href="%s">%s</a>') % (parcel.carrier_id.name, parcel.tracking_url or "", parcel.tracking_ref)),
        ]
        note = Markup().join(Markup("<p><b>%s</b>: %s</p>") % fact for fact in facts)
        self.task_id = order.activity_schedule(
            "sop_inbox.sop_activity_parcel_failed",
            fields.Date.context_today(self.with_context(tz=user.tz or self.company_id._sop_zone())),
            summary=env._("Delivery failed: %(what)s", what=parcel._state_words()),
            note=note,
            user_id=user.id,
        )

    def _seller(self):
        """Return who looks after the sale: its sales person, else who has the conversation, else the team's leader."""
        order, company = self.order_id, self.company_id
        people = order.user_id | order.sop_conversation_id.user_id | order.team_id.user_id
        return people.filtered(lambda user: user.active and not user.share and company in user.company_ids)[:1]

    # === WHAT TO DO ===

    def _can_decide(self):
        """Whether this carrier's interface takes what becomes of a failed delivery."""
        return self.sudo().carrier_id._sop_can("send_back")  # sudo: what a carrier can do is no secret

    def action_deliver_again(self):
        """Have failed deliveries tried again. Idempotent, batch. Right: writing parcels, or their order.

        :raise UserError: the carrier refuses, did not answer, or has no interface for it
        """
        self._decide("again", "deliver_again")

    def action_send_back(self):
        """Have failed deliveries sent back to the shop. Idempotent, batch. Rights and errors as ``action_deliver_again``."""
        self._decide("back", "send_back")

    def _decide(self, decision, operation):
        self._check_may_decide()
        for parcel in self.sudo().filtered(lambda parcel: parcel.state == "failed" and parcel.decided != decision):  # sudo: checked above
            carrier = parcel.carrier_id
            if not parcel._can_decide():
                raise UserError(self.env._("%(carrier)s takes this on its own site or by phone only.", carrier=carrier.name))
            if not parcel.try_lock_for_update(allow_referencing=True):
                raise UserError(parcel._busy(parcel.picking_id))
            config = carrier._sop_config()
            try:
                carrier._sop_service()._call(operation, config, parcel.tracking_ref)
            except CarrierError as error:
                doubt = self.env._("The instruction may have arrived all the same: look where the parcel is.") if error.in_doubt else ""
                raise UserError(f"{carrier._sop_error(error)} {doubt}".strip())
            finally:
                carrier._sop_keep_session(config.session)
            parcel.decided = decision

    def _check_may_decide(self):
        """:raise AccessError: for who may write neither the parcels nor the orders they belong to"""
        self.check_access("read")
        if not self.has_access("write"):
            alone = self.filtered(lambda parcel: not parcel.order_id)
            (alone or self.order_id).check_access("write")
            if not self:
                self.check_access("write")
