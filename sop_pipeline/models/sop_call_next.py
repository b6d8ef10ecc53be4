from datetime import date, datetime, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import today
from ..tools.arguments import ArgumentError, moment, takes, text
from ..tools.people import first_active


class SopCall(models.Model):
    """What comes after a call: the next one, at a time, and the next lead."""

    _inherit = "sop.call"

    @takes(when=moment, note=text(500))
    def action_plan_next(self, when, note=None):
        """Plan the next call of the lead, or of the customer, at a time. The same plan again changes nothing; another one replaces it.

        :param when: datetime, naive UTC
        :param str note: what was agreed
        :return: True
        :raise UserError: for a time in the past, or a call without a known contact
        :raise AccessError: when it is somebody else's call
        """
        self._sop_own_call()._sop_plan_next(when, note)
        return True

    def get_next_steps(self):
        """What may come next, for the dialog after a rating.

        :return: dict ``steps`` (list of ``code, label, at``), ``proposed`` (a code, or ``nothing``), ``rule`` (name of the
            rule that plans something by itself, or False) and ``next_lead`` (a row of ``sop.today``, or False)
        :raise AccessError: when it is somebody else's call
        """
        call = self._sop_own_call()
        zone = (call.company_id or self.env.company)._sop_zone(self.env.user)
        rule = call._sop_planning_rule()
        return {
            "steps": self._sop_next_steps(zone) if call.lead_id or call.partner_id else [],
            "proposed": "nothing" if rule else today.PROPOSED.get(call.interest, "tomorrow"),
            "rule": rule.name or False,
            "next_lead": self.env["sop.today"]._sop_next_lead(call.lead_id),
        }

    @api.model
    def _sop_next_steps(self, zone):
        labels = {
            "soon": self.env._("In 30 minutes"),
            "evening": self.env._("This evening, 19:00"),
            "tomorrow": self.env._("Tomorrow, 9:00"),
            "days": self.env._("In 3 days, 9:00"),
        }
        moments = today.steps(fields.Datetime.now(), zone)
        return [{"code": code, "label": labels[code], "at": fields.Datetime.to_string(at)} for code, at in moments.items()]

    def _sop_planning_rule(self):
        """The running rule that plans an activity because of this rating; the first of several."""
        if not self.interest or not self.lead_id:
            return self.env["sop.next.action.rule"]
        domain = [("running", "=", True), ("trigger", "=", "rated"), ("interest", "=", self.interest), ("action", "=", "activity")]
        rules = self.env["sop.next.action.rule"].search(domain)
        return rules.filtered(lambda rule: self.lead_id.filtered_domain(list(rule._sop_leads_domain())))[:1]

    def _sop_plan_next(self, on=None, note=None):
        """Plan the next call as an activity, or move the one that is planned.

        :param on: datetime (UTC), or a day, also as texts; default tomorrow, any time
        :raise ValidationError: for what is no day or time
        :raise UserError: for the past, or a call without a known contact
        """
        about = self.lead_id or self.partner_id
        if not about:
            raise UserError(self.env._("No customer has this number: create a lead for it first, then plan the next call there."))
        user = first_active(self.user_id, self.lead_id.user_id, self.env.user)
        zone = pytz.timezone((self.company_id or self.env.company)._sop_zone(user))
        here = pytz.utc.localize(fields.Datetime.now()).astimezone(zone)
        day, at = self._sop_read_when(on, zone) if on else (here.date() + timedelta(days=1), None)
        planned = self._sop_planned_calls(about, user)[:1]
        if planned and note is None and (planned.date_deadline, planned.sop_at or None) == (day, at):
            return
        if day < here.date() or (at and at < fields.Datetime.now() - timedelta(minutes=5)):
            raise UserError(self.env._("The next call cannot be planned in the past."))
        clock = pytz.utc.localize(at).astimezone(zone).strftime("%H:%M") if at else ""
        values = {
            "date_deadline": day,
            "summary": self.env._("Call back at %(time)s", time=clock) if at else self.env._("Call back"),
            "sop_at": at,
            **({} if note is None else {"note": note or False}),
        }
        if planned:
            planned.write(values)
        else:
            about.activity_schedule("mail.mail_activity_data_call", user_id=user.id, **values)

    def _sop_planned_calls(self, about, user):
        """Open calls planned for a person on a lead or customer."""
        activity_type = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        return about.activity_ids.filtered(lambda activity: activity.activity_type_id == activity_type and activity.user_id == user)

    @api.model
    def _sop_read_when(self, on, zone):
        """A day (time None), or a time and the day it is on where the caller is."""
        try:
            if isinstance(on, date) and not isinstance(on, datetime):
                return on, None
            if isinstance(on, str) and len(on) <= 10:
                return fields.Date.to_date(on), None
            at = moment(on)
        except (ArgumentError, ValueError, TypeError):
            raise ValidationError(self.env._("“%(date)s” is not a date.", date=on))
        return pytz.utc.localize(at).astimezone(zone).date(), at
