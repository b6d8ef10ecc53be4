from datetime import datetime, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.arguments import choice, record_id, takes
from ..tools.funnel import lower_bound, share, upper_bound
from .sop_pipeline_report_funnel import DIMENSIONS

#: period -> days back, today included; month starts on its first day
PERIODS = {"today": 1, "week": 7, "month": None, "quarter": 90, "year": 365}


class SopDashboard(models.AbstractModel):
    """What a sales manager opens in the morning: one call, each number with the records behind it.

    A number comes with the action that lists its records; a test opens each action and counts.
    """

    _name = "sop.dashboard"
    _description = "Sales Dashboard"

    @api.model
    @api.readonly
    @takes(team_id=record_id, period=choice(*PERIODS))
    def get_data(self, team_id=None, period="month"):
        """Everything the dashboard shows, as far as the user may see leads.

        :param int team_id: one team; default all
        :param str period: today, week (7 days), month (since its first day), quarter (90 days), year (365 days)
        :return: dict ``teams``, ``period``, ``tiles``, ``summary``, ``funnel``, ``lost``, ``phases``, ``sales``, ``sources``
        :raise UserError: for a period or team that is not there
        :raise AccessError: for users who may not see leads
        """
        self.env["crm.lead"].check_access("read")
        scope = self._sop_scope(team_id, period)
        return {
            "teams": self._sop_teams(),
            "period": {"code": period, "from": scope["date_from"], "to": scope["date_to"]},
            "currency_id": self.env.company.currency_id.id,
            "tiles": self._sop_tiles(scope),
            "summary": self._sop_get_summary(scope),
            "funnel": self._sop_get_funnel(scope),
            "phases": self._sop_get_phases(scope, team_id),
            "sales": self._sop_get_sales(scope),
            "sources": self._sop_get_sources(scope),
        }

    # === SCOPE ===

    @api.model
    def _sop_scope(self, team_id, period):
        """Days, instants and the filter on the team that all numbers share."""
        team = self.env["crm.team"].browse(team_id or []).exists()
        if team_id and not team:
            raise UserError(self.env._("This sales team is not there any more."))
        team.check_access("read")
        zone = self.env["sop.pipeline.report"]._sop_day_zone()
        today = datetime.now(pytz.timezone(zone)).date()
        first = today - timedelta(days=PERIODS[period] - 1) if PERIODS[period] else today.replace(day=1)
        return {
            "zone": zone,
            "today": today,
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(today),
            "start": lower_bound(first, zone),
            "end": upper_bound(today, zone),
            "morning": lower_bound(today, zone),
            "team": Domain("team_id", "=", team.id) if team else Domain.TRUE,
        }

    @api.model
    def _sop_teams(self):
        teams = self.env["crm.team"].search([("use_opportunities", "=", True)])
        return [{"id": team.id, "name": team.display_name, "process": team.sop_process} for team in teams]

    @api.model
    def _sop_between(self, name, scope):
        return Domain(name, ">=", scope["start"]) & Domain(name, "<", scope["end"])

    @api.model
    def _sop_link(self, name, model, domain, context=None, views=("list", "form")):
        """Action that lists the records behind a number."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, view) for view in views],
            "domain": list(domain),
            "context": {"create": False, **(context or {})},
            "target": "current",
        }

    # === NUMBERS ===

    @api.model
    def _sop_tiles(self, scope):
        """Today's work: each tile is the count of a domain; those of apps that are not there are left out."""
        tiles = []
        for code, label, icon, model, domain, views in self._sop_tile_definitions(scope):
            if model not in self.env or not self.env[model].has_access("read"):
                continue
            tiles.append(
                {
                    "code": code,
                    "label": label,
                    "icon": icon,
                    "value": self.env[model].search_count(domain),
                    "action": self._sop_link(label, model, domain, views=views),
                }
            )
        return tiles

    @api.model
    def _sop_tile_definitions(self, scope):
        """Hook: what there is to do this morning.

        :return: list of (code, label, icon, model, domain, views)
        """
        team, morning = scope["team"], scope["morning"]
        pages, lead_pages = ("list", "form"), ("list", "kanban", "form")
        unrated = Domain([("state", "=", "answered"), ("interest", "=", False)])
        idle = Domain([("sop_code", "in", ["evaluate", "contact", "convert"]), ("won_status", "=", "pending"), ("activity_ids", "=", False)])
        late = Domain("activity_ids.date_deadline", "<", scope["today"])
        unanswered = Domain([("is_unanswered", "=", True), ("state", "=", "open")])
        asked = Domain("state", "=", "not_contacted")
        return [
            ("new_today", self.env._("New leads today"), "fa-user-plus", "crm.lead", team & Domain("create_date", ">=", morning), lead_pages),
            ("to_rate", self.env._("Calls to rate"), "fa-phone", "sop.call", team & unrated, pages),
            ("overdue", self.env._("Overdue next actions"), "fa-clock-o", "crm.lead", team & late, lead_pages),
            ("no_action", self.env._("No next action"), "fa-calendar-o", "crm.lead", team & idle, lead_pages),
            ("conversations", self.env._("Waiting conversations"), "fa-comments", "sop.conversation", team & unanswered, pages),
            ("requests", self.env._("Waiting contact requests"), "fa-address-card", "sop.contact.request", asked, pages),
        ]

    @api.model
    def _sop_report_link(self, name, scope, domain, period=True):
        """Action on the rows of the stage funnel that a number counts, over the same days."""
        context = {"sop_date_from": scope["date_from"], "sop_date_to": scope["date_to"]} if period else {}
        return self._sop_link(name, "sop.pipeline.report", scope["team"] & Domain(domain), context, ("list", "pivot"))

    @api.model
    def _sop_get_summary(self, scope):
        """Won, lost, success and speed in the period, and where leads were lost."""
        summary = self.env["sop.pipeline.report"].get_summary(
            list(scope["team"]) if scope["team"] != Domain.TRUE else None, scope["date_from"], scope["date_to"]
        )
        closed = Domain("is_here", "=", True) & self._sop_between("closed_at", scope)
        for code, label in (("won", self.env._("Won")), ("lost", self.env._("Lost"))):
            summary[f"{code}_action"] = self._sop_report_link(label, scope, closed & Domain("status", "=", code), period=False)
        summary["closed_action"] = self._sop_report_link(
            self.env._("Won and lost"), scope, closed & Domain("status", "in", ["won", "lost"]), period=False
        )
        labels = self._sop_stage_labels()
        for line in summary["lost_by"]:
            line["label"] = labels.get(line["code"]) or self.env._("Other stages")
            line["action"] = self._sop_report_link(
                self.env._("Lost: %(reason)s", reason=line["reason"]),
                scope,
                closed & Domain([("status", "=", "lost"), ("code", "=", line["code"]), ("lost_reason_id", "=", line["reason_id"])]),
                period=False,
            )
        return summary

    # === FUNNEL PAGE ===

    @api.model
    @api.readonly
    @takes(team_id=record_id, mode=choice("now", "period", "cohort", "as_of"), dimension=choice(*DIMENSIONS))
    def get_funnel_page(self, team_id=None, mode="now", date_from=None, date_to=None, dimension=None):
        """Everything the funnel page shows.

        :param str mode: now; period (entries of these days); cohort (leads created on these days); as_of (things
            as they were at the end of ``date_to``)
        :param str dimension: break the funnel down by it, see ``sop.pipeline.report.get_funnel_by``
        :return: dict ``teams``, ``rows``, ``weeks`` (the last twelve), ``hints`` (sentences), ``parts``, ``summary``, ``calibration``,
            ``phases``
        :raise UserError: for a mode, day, team or dimension that cannot be read
        """
        scope = self._sop_scope(team_id, "year")
        report = self.env["sop.pipeline.report"]
        domain, context, days = scope["team"], {}, {}
        if mode == "period":
            days = {"date_from": date_from, "date_to": date_to}
        elif mode == "as_of":
            days = {"as_of": date_to}
        elif mode == "cohort":
            start, end, _horizon = report._sop_bounds(date_from, date_to, None)
            for operator, bound in ((">=", start), ("<", end)):
                domain &= Domain("create_date", operator, bound) if bound else Domain.TRUE
        context = {f"sop_{name}": value for name, value in days.items()}
        leads = list(domain) if domain != Domain.TRUE else None
        rows = report.get_funnel(leads, **days)
        labels = self._sop_stage_labels()
        on_rows = domain.map_conditions(lambda part: Domain("created_at", part.operator, part.value) if part.field_expr == "create_date" else part)
        for row in rows:
            row["label"] = labels.get(row["code"], row["code"])
            for name, condition in (
                ("entered", Domain.TRUE),
                ("next", Domain("to_next", "=", 1)),
                ("won", Domain("won", "=", 1)),
                ("here", Domain("is_here", "=", True) & Domain("status", "in", ["open", "won"])),
                ("lost", Domain("is_here", "=", True) & Domain("status", "=", "lost")),
                ("again", Domain("entries", ">", 1)),
            ):
                of_row = on_rows & Domain("code", "=", row["code"]) & condition
                row[f"{name}_action"] = self._sop_link(row["label"], "sop.pipeline.report", of_row, context, ("list", "pivot"))
        calibration = report.get_calibration("product" if dimension == "product" else "user", leads, **days)
        return {
            "teams": self._sop_teams(),
            "rows": rows,
            "weeks": self._sop_weeks(domain, *report._sop_bounds(days.get("date_from"), days.get("date_to"), days.get("as_of"))),
            "hints": self._sop_hints(rows, calibration),
            "parts": report.get_funnel_by(dimension, leads, **days) if dimension else [],
            "summary": report.get_summary(leads, **days),
            "calibration": calibration,
            "phases": self._sop_get_phases(scope, team_id, days),
        }

    @api.model
    def _sop_stage_labels(self):
        """Names of the five stages as the users have them."""
        return {stage.sop_code: stage.name for stage in self.env["crm.stage"].search([("sop_code", "!=", False)])}

    @api.model
    def _sop_get_funnel(self, scope):
        """Rows of the funnel over the period, each with its links."""
        rows = self.env["sop.pipeline.report"].get_funnel(
            list(scope["team"]) if scope["team"] != Domain.TRUE else None, scope["date_from"], scope["date_to"]
        )
        labels = self._sop_stage_labels()
        for row in rows:
            label = labels.get(row["code"], row["code"])
            entered = Domain("code", "=", row["code"])
            row["label"] = label
            row["entered_action"] = self._sop_report_link(label, scope, entered)
            row["next_action"] = self._sop_report_link(label, scope, entered & Domain("to_next", "=", 1))
            row["won_action"] = self._sop_report_link(label, scope, entered & Domain("won", "=", 1))
            row["here_action"] = self._sop_link(
                label,
                "crm.lead",
                scope["team"] & Domain([("sop_code", "=", row["code"]), ("won_status", "!=", "lost")]),
                views=("kanban", "list", "form"),
            )
        return rows

    @api.model
    def _sop_get_phases(self, scope, team_id=None, days=None):
        """How far people have come, the funnel of phases, with the people behind each number.

        :param int team_id: only interactions of this team
        :param dict days: see ``sop.interaction.get_phase_funnel``; default up to now
        """
        interactions = self.env["sop.interaction"]
        if not interactions.has_access("read"):
            return []
        context = {"sop_team_id": team_id, **{f"sop_{name}": day for name, day in (days or {}).items()}}
        rows = interactions.get_phase_funnel(list(scope["team"]) if team_id else None, **(days or {}))
        for row in rows:
            row["value"] = row["here"]
            row["action"] = self._sop_link(row["label"], "sop.phase.person", Domain("phase", "=", row["code"]), context)
        return rows

    @api.model
    def _sop_get_sales(self, scope):
        """Confirmed orders day by day of the period, days without any included; amounts in the company's currency."""
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return {"days": [], "count": 0, "amount": 0}
        domain = scope["team"] & Domain("state", "=", "sale") & self._sop_between("date_order", scope)
        by_day = {}
        for day, currency, count, amount in orders.with_context(tz=scope["zone"])._read_group(
            domain, ["date_order:day", "currency_id"], ["__count", "amount_total:sum"]
        ):
            known = by_day.get(day.date(), (0, 0.0))
            amount = currency._convert(amount, self.env.company.currency_id, self.env.company, day.date())
            by_day[day.date()] = (known[0] + count, known[1] + amount)
        days = []
        day = fields.Date.to_date(scope["date_from"])
        while day <= scope["today"]:
            count, amount = by_day.get(day, (0, 0.0))
            start, end = lower_bound(day, scope["zone"]), upper_bound(day, scope["zone"])
            days.append(
                {
                    "day": fields.Date.to_string(day),
                    "count": count,
                    "amount": amount,
                    "from": fields.Datetime.to_string(start),
                    "to": fields.Datetime.to_string(end),
                }
            )
            day += timedelta(days=1)
        return {
            "days": days,
            "count": sum(day["count"] for day in days),
            "amount": sum(day["amount"] for day in days),
            "action": self._sop_link(self.env._("Sales"), "sale.order", domain),
        }

    @api.model
    def _sop_get_sources(self, scope):
        """Where the leads of the period came from, and how many of them are won; best first, at most eight."""
        domain = scope["team"] & self._sop_between("create_date", scope)
        Lead = self.env["crm.lead"].with_context(active_test=False)
        leads = dict(Lead._read_group(domain, ["source_id"], ["__count"]))
        won = dict(Lead._read_group(domain & Domain("won_status", "=", "won"), ["source_id"], ["__count"]))
        best = sorted(leads, key=lambda source: (-won.get(source, 0), -leads[source], source.id))[:8]
        return [self._sop_source_line(source, leads[source], won.get(source, 0), domain) for source in best]

    @api.model
    def _sop_source_line(self, source, leads, won, domain):
        label = source.display_name or self.env._("No source")
        of_source = domain & Domain("source_id", "=", source.id)
        context = {"active_test": False}
        return {
            "label": label,
            "leads": leads,
            "won": won,
            "share": share(won, leads),
            "leads_action": self._sop_link(label, "crm.lead", of_source, context),
            "won_action": self._sop_link(label, "crm.lead", of_source & Domain("won_status", "=", "won"), context),
        }
