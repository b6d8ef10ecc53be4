from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..models.crm_lead import INTERESTS
from ..tools.funnel import slowest, weakest, worse

#: Sentences beside the funnel, and weeks in its picture
HINTS, WEEKS = 4, 12


class SopDashboard(models.AbstractModel):
    """What stands beside the funnel: how it goes over the weeks, and where it is weak (003: a strategy to improve)."""

    _inherit = "sop.dashboard"

    @api.model
    def _sop_weeks(self, domain, start, end, horizon):
        """Leads by week of creation, and how many of them are won by now; the last twelve weeks that have any, in order.

        :param Domain domain: on ``crm.lead``
        :param start, end, horizon: bounds of the days chosen, naive UTC, each may be empty
        """
        for operator, bound in ((">=", start), ("<", end), ("<", horizon)):
            domain &= Domain("create_date", operator, bound) if bound else Domain.TRUE
        zone = self.env["sop.pipeline.report"]._sop_day_zone()
        leads = self.env["crm.lead"].with_context(active_test=False, tz=zone)
        domain &= Domain("team_id.sop_process", "=", True)
        lines = dict(leads._read_group(domain, ["create_date:week"], ["__count"]))
        won = dict(leads._read_group(domain & Domain("won_status", "=", "won"), ["create_date:week"], ["__count"]))
        return [{"week": fields.Date.to_string(week.date()), "leads": lines[week], "won": won.get(week, 0)} for week in sorted(lines)[-WEEKS:]]

    @api.model
    def _sop_hints(self, rows, calibration):
        """Where the funnel is weak, in sentences: at most four, and none from too few leads.

        :param list rows: see ``sop.pipeline.report.get_funnel``, with ``label``
        :param list calibration: see ``sop.pipeline.report.get_calibration``
        """

        def percent(number):
            return f"{100 * number:.0f} %"

        hints = []
        if step := weakest(rows):
            hints.append(
                self.env._(
                    "“%(stage)s” is the weakest step: %(share)s of its leads go on. Look at what stops the others.",
                    stage=step["label"],
                    share=percent(step["conversion_to_next"]),
                )
            )
        if place := slowest(rows):
            hints.append(
                self.env._(
                    "Leads lie longest in “%(stage)s”: half of them %(days)s days or more. Plan the next call there.",
                    stage=place["label"],
                    days=formatLang(self.env, place["median_days"], digits=1),
                )
            )
        faces = dict(self.env["crm.lead"]._fields["sop_interest"]._description_selection(self.env))
        for line, face, everybody in worse(calibration, [code for code, _label in INTERESTS]):
            hints.append(
                self.env._(
                    "%(who)s: leads rated “%(face)s” are won less often (%(share)s) than everybody's (%(all)s).",
                    who=line["label"],
                    face=faces[face["interest"]],
                    share=percent(face["share"]),
                    all=percent(everybody["share"]),
                )
            )
        return hints[:HINTS]
