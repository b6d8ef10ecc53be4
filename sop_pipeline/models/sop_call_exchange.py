from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.exchange import merge, outcome


class SopCall(models.Model):
    """Calls a telephone exchange reports (row P11)."""

    _inherit = "sop.call"

    exchange_id = fields.Many2one("sop.exchange", readonly=True, ondelete="set null", index="btree_not_null")
    talk_seconds = fields.Integer("Seconds Talked", readonly=True, aggregator="avg")
    end_cause = fields.Char("How it Ended", readonly=True)
    #: A voice is personal: the link is only read through :meth:`action_open_recording`
    recording_url = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    has_recording = fields.Boolean("Recording", compute="_compute_has_recording")
    #: Answered and ended as the exchange reported them; the fields of the call may be the person's
    reported_answer_at = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    reported_end_at = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    reported_talk = fields.Boolean(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.depends("recording_url")
    @api.depends_context("uid")
    def _compute_has_recording(self):
        """True where the current user may listen."""
        for call in self:
            # sudo: only whether there is one
            call.has_recording = call._sop_may_listen() and bool(call.sudo().recording_url)

    def _sop_may_listen(self):
        self.ensure_one()
        return self.env.su or self.user_id == self.env.user or self.env.user.has_group("sales_team.group_sale_manager")

    def action_open_recording(self):
        """Open the recording, for the caller and for sales managers only.

        :return: action that opens its address
        :raise AccessError: for anybody else
        :raise UserError: when there is none
        """
        self.ensure_one()
        self.check_access("read")
        if not self._sop_may_listen():
            raise AccessError(self.env._("Only the caller and sales managers may listen to this call."))
        # sudo: checked above
        url = self.sudo().recording_url
        if not url:
            raise UserError(self.env._("This call was not recorded."))
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    # === EXCHANGE EVENTS ===

    def _sop_belong(self, values):
        """Set whose call it is, as an event has just reported; an answered call is then asked about there, and no longer elsewhere.

        :param dict values: of ``lead_id``, ``user_id`` and the like; may be empty
        """
        if not values:
            return
        before = self.user_id
        self.write(values)
        if self.state == "answered" and not self.interest:
            if before != self.user_id:
                before._bus_send("sop_pipeline.call", {"call_id": self.id, "rate": False})
            self._sop_outcome_known({"state": "answered"})

    def _sop_apply_fact(self, fact):
        """Bring the call in line with what its exchange says.

        Commutes and repeats without harm. A call that was answered stays answered, whatever the source; a rated
        one never changes. The person who talked is asked for the rating as soon as the call is known to be
        answered.

        :param fact: ``tools.exchange.CallFact``
        """
        self.ensure_one()
        known = merge(
            {
                "external_id": self.external_id,
                "direction": self.direction,
                "started_at": self.started_at,
                "answered_at": self.reported_answer_at or None,
                "ended_at": self.reported_end_at or None,
                "talk_seconds": self.talk_seconds if self.reported_talk else None,
                "recording_url": self.recording_url or None,
                "cause": self.end_cause or None,
            },
            fact,
        )
        values = {
            "started_at": known["started_at"],
            "reported_answer_at": known["answered_at"],
            "reported_end_at": known["ended_at"],
            "talk_seconds": known["talk_seconds"] or 0,
            "reported_talk": known["talk_seconds"] is not None,
            "recording_url": known["recording_url"],
            "end_cause": known["cause"],
        }
        state, reason = outcome(known)
        if state == "answered":
            at = known["answered_at"] or known["started_at"]
            values.update(state="answered", reason=False, answered_at=at, ended_at=known["ended_at"] or self.ended_at)
        elif state == "not_answered" and self.state in ("dialing", "unknown"):
            values.update(state="not_answered", reason=reason, ended_at=known["ended_at"])
        changed = {name: value for name, value in values.items() if (self[name] or False) != (value or False)}
        if changed:
            self.write(changed)
            self._sop_outcome_known(changed)

    def _sop_outcome_known(self, changed):
        """Hook: what follows when a call's outcome is known: activities done, the rating asked for."""
        if changed.get("state") == "answered":
            self._sop_finish_activity()
            self.lead_id._sop_call_answered(self)
            self.user_id._bus_send("sop_pipeline.call", {"call_id": self.id, "rate": True})
        if "state" in changed and self.lead_id:
            self.lead_id.sop_last_call_at = max(self.lead_id.sop_last_call_at or self.started_at, self.started_at)
