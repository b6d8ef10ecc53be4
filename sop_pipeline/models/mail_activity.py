from datetime import datetime

import pytz
from odoo import api, fields, models


class MailActivity(models.Model):
    """An activity may have a time of day: a customer is promised a call at two, not on Tuesday."""

    _inherit = "mail.activity"

    sop_at = fields.Datetime("Time", compute="_compute_sop_at", store=True, readonly=False, help="When on that day; empty: any time.")

    @api.depends("date_deadline")
    def _compute_sop_at(self):
        """An activity moved to another day keeps its time of day."""
        for activity in self:
            if not activity.sop_at or not activity.date_deadline:
                activity.sop_at = activity.sop_at or False
                continue
            zone = pytz.timezone(self.env.company._sop_zone(activity.user_id))
            here = pytz.utc.localize(activity.sop_at).astimezone(zone)
            moved = zone.localize(datetime.combine(activity.date_deadline, here.time()))
            activity.sop_at = moved.astimezone(pytz.utc).replace(tzinfo=None)
