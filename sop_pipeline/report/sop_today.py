from datetime import datetime

import pytz
from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import today
from ..tools.phone import spaced

#: Open leads of one person that are looked at, the latest touched first
MOST = 1000


class SopToday(models.AbstractModel):
    """A salesperson's day on one screen: who to call now and why, which results and ratings are missing, what comes later.

    Only one's own leads. The order is ``tools.today``'s; each row says why it stands where it stands.
    """

    _name = "sop.today"
    _description = "Sales: Today"

    @api.model
    def get_data(self):
        """What the screen shows.

        :return: dict ``to_call`` and ``later`` (rows ``lead_id, name, number, interest, reason, why, attempts, at``; the first
            50), ``to_call_count``, ``later_count``, and ``todo`` (see ``sop.call.get_todo``)
        :raise AccessError: for users who may not see leads
        """
        self.env["crm.lead"].check_access("read")
        to_call, later = self._sop_queue()
        return {
            "to_call": self._sop_rows(to_call[:50]),
            "to_call_count": len(to_call),
            "later": self._sop_rows(later[:50]),
            "later_count": len(later),
            "todo": self.env["sop.call"].get_todo(),
        }

    @api.model
    def _sop_next_lead(self, done):
        """The row of the lead to call after ``done``, or False."""
        to_call, _later = self._sop_queue(done)
        return self._sop_rows(to_call[:1])[0] if to_call else False

    @api.model
    def _sop_queue(self, leave_out=None):
        """The user's leads to call now, in order, and those planned for later today.

        :return: two lists of (lead, ``today.Wait``, reason)
        """
        now, day = fields.Datetime.now(), self._sop_here().date()
        leads = self.env["crm.lead"].search_fetch(
            self._sop_callable(), ["phone", "sop_interest", "expected_revenue", "sop_last_call_at"], order="write_date desc, id desc", limit=MOST
        )
        leads -= leave_out or leads.browse()
        plans = self._sop_plans(leads)
        queue, later = [], []
        for lead in leads:
            due_on, due_at = plans.get(lead.id, (None, None))
            wait = today.Wait(
                created_at=lead.create_date,
                interest=lead.sop_interest or None,
                value=lead.expected_revenue,
                last_call_at=lead.sop_last_call_at or None,
                due_on=due_on,
                due_at=due_at,
            )
            if reason := today.why(wait, now, day):
                queue.append((lead, wait, reason))
            elif due_on and due_on == day:
                later.append((lead, wait, "promised"))
        queue.sort(key=lambda row: today.rank(row[1], row[2]))
        later.sort(key=lambda row: row[1].due_at)
        return queue, later

    @api.model
    def _sop_here(self):
        """Now, where the user is."""
        return pytz.utc.localize(fields.Datetime.now()).astimezone(pytz.timezone(self.env.company._sop_zone(self.env.user)))

    @api.model
    def _sop_callable(self):
        """Hook: one's own open leads with a number not found to be wrong."""
        mine = Domain([("user_id", "=", self.env.uid), ("won_status", "=", "pending"), ("team_id.sop_process", "=", True)])
        return mine & Domain([("phone", "!=", False), ("sop_wrong_number", "=", False)])

    @api.model
    def _sop_plans(self, leads):
        """When the user's next activity on each lead is: dict of lead id -> (day, moment or None); one query."""
        activities = self.env["mail.activity"].search_fetch(
            [("res_model", "=", "crm.lead"), ("res_id", "in", leads.ids), ("user_id", "=", self.env.uid)],
            ["res_id", "date_deadline", "sop_at"],
            order="date_deadline desc, sop_at desc, id desc",
        )
        return {activity.res_id: (activity.date_deadline, activity.sop_at or None) for activity in activities}

    @api.model
    def _sop_rows(self, queue):
        """What the screen shows of leads, with the reason in words."""
        ids = [lead.id for lead, _wait, _reason in queue]
        counts = self.env["sop.call"]._read_group([("lead_id", "in", ids), ("state", "!=", "answered")], ["lead_id"], ["__count"])
        attempts = {lead.id: count for lead, count in counts}
        faces = dict(self.env["crm.lead"]._fields["sop_interest"]._description_selection(self.env))
        here = self._sop_here()
        return [
            {
                "lead_id": lead.id,
                "name": lead.contact_name or lead.partner_id.name or lead.name,
                "title": lead.name,
                "number": spaced(lead.phone_sanitized) or lead.phone,
                "interest": lead.sop_interest,
                "reason": reason,
                "why": ", ".join(filter(None, (faces.get(lead.sop_interest), self._sop_why(wait, reason, here)))),
                "attempts": attempts.get(lead.id, 0),
                "at": fields.Datetime.to_string(wait.due_at) if wait.due_at else False,
            }
            for lead, wait, reason in queue
        ]

    @api.model
    def _sop_why(self, wait, reason, here):
        """The reason in words, with its time where the user is."""

        def clock(moment):
            local = pytz.utc.localize(moment).astimezone(here.tzinfo)
            return local.strftime("%H:%M" if local.date() == here.date() else "%H:%M %d/%m")

        if reason == "promised":
            return self.env._("promised %(time)s", time=clock(wait.due_at)) if wait.due_at else self.env._("planned for today")
        if reason == "overdue":
            return self.env._("overdue since %(day)s", day=datetime.strftime(wait.due_on, "%d/%m"))
        return {
            "planned": lambda: self.env._("planned for today"),
            "new": lambda: self.env._("new, never called, since %(time)s", time=clock(wait.created_at)),
            "silent": lambda: self.env._("nothing planned, last call %(time)s", time=clock(wait.last_call_at)),
            "again": lambda: self.env._("not reached, last call %(time)s", time=clock(wait.last_call_at)),
        }[reason]()
