from odoo import api, models
from odoo.tools import SQL

from ..tools.arguments import at_most, choice, takes
from ..tools.funnel import funnel_row, share
from ..tools.moves import CODES

#: What the funnel can be broken down by -> column, model its values come from
DIMENSIONS = {
    "team": ("lead.team_id", "crm.team"),
    "user": ("lead.user_id", "res.users"),
    "source": ("lead.source_id", "utm.source"),
    "campaign": ("lead.campaign_id", "utm.campaign"),
    "interest": ("lead.sop_interest", None),
    "product": ("advised.product_id", "product.product"),
    "week": ("date_trunc('week', lead.create_date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date::text", None),
}
COUNTS = ("entered", "entries", "to_next", "won", "here", "lost")


class SopPipelineReport(models.Model):
    """The funnel as numbers: for the funnel page, the dashboard, and any client."""

    _inherit = "sop.pipeline.report"

    @api.model
    @api.readonly
    def get_funnel(self, domain=None, date_from=None, date_to=None, as_of=None):
        """The funnel of the leads the user may see (rows V2, V3, P13).

        Words are explained in the class. A cohort is a domain on ``create_date``.

        :param list domain: on ``crm.lead``, as the leads are today
        :param date_from, date_to: only entries of these days (both included; company's time zone), or
            from one instant up to another (datetimes, UTC, the second excluded)
        :param as_of: look at things as they were at the end of this day, or at this time (UTC); outcomes
            of entries count up to it. Default now.
        :return: list of one dict for each stage in order: ``code``, ``entered``, ``to_next``, ``won``,
            ``conversion_to_next``, ``conversion_to_won`` (shares, 0 to 1), ``median_days``, ``p90_days``,
            ``average_days`` (0 where no lead has left), ``entries``, ``reentries``, ``here`` (open or won in the
            stage at that time) and ``lost`` (lost in it)
        :raise UserError: for a domain or a day that cannot be read
        :raise AccessError: for users who may not see leads
        """
        return self._sop_funnels(domain, date_from, date_to, as_of)[0][1]

    @api.model
    @api.readonly
    @takes(dimension=choice(*DIMENSIONS), limit=at_most(500))
    def get_funnel_by(self, dimension, domain=None, date_from=None, date_to=None, as_of=None, limit=50):
        """The funnel broken down by a dimension.

        A lead without one counts under none; a lead about several products counts for each of them.

        :param str dimension: team, user, source, campaign, interest, product, or week (of creation)
        :param int limit: how many at most, those with most leads first; weeks come latest first
        :return: list of dicts ``key`` (id, code or first day; False for none), ``label``, ``rows`` (as
            :meth:`get_funnel`)
        :raise UserError: see :meth:`get_funnel`
        """
        funnels = self._sop_funnels(domain, date_from, date_to, as_of, dimension)
        if dimension == "week":
            funnels.sort(key=lambda funnel: funnel[0] or "", reverse=True)
        else:
            funnels.sort(key=lambda funnel: -max(row["entered"] for row in funnel[1]))
        funnels = funnels[:limit]
        labels = self._sop_labels(dimension, [key for key, _rows in funnels])
        return [{"key": key or False, "label": labels.get(key) or self.env._("None"), "rows": rows} for key, rows in funnels]

    @api.model
    def _sop_labels(self, dimension, keys):
        if dimension == "interest":
            return dict(self._fields["interest"]._description_selection(self.env))
        model = DIMENSIONS[dimension][1]
        if not model:
            return {key: key for key in keys}
        # sudo: names of what the user's own leads are about
        records = self.env[model].sudo().with_context(active_test=False).browse([key for key in keys if key]).exists()
        return {record.id: record.display_name for record in records}

    @api.model
    def _sop_funnels(self, domain, date_from, date_to, as_of, dimension=None):
        """Count the funnel, whatever the number of leads and dimensions: one query, two for a period.

        Over a period only the leads that moved in it are counted through; who stands where is asked apart,
        since that is about all leads.

        :return: list of (value of the dimension, rows); one with the value None where there is no dimension
        """
        self.check_access("read")
        start, end, horizon = self._sop_bounds(date_from, date_to, as_of)
        leads = self._sop_leads(domain)
        column = SQL("NULL")
        if dimension:
            expression = DIMENSIONS[dimension][0]
            column = SQL(expression, self._sop_day_zone()) if "%s" in expression else SQL(expression)
        few = leads if domain else None  # few leads: choose them first; all leads: join each one once, after counting
        period = self._sop_period(start, end)

        def count(sums, facts):
            return self.env.execute_query(
                SQL(
                    """
                SELECT %(column)s, %(sums)s
                  FROM (%(facts)s) fact
                  JOIN crm_lead lead ON lead.id = fact.lead_id
                  %(products)s
                 WHERE %(visible)s
                 %(grouping)s
                """,
                    column=column,
                    sums=sums,
                    facts=facts,
                    products=self._sop_products() if dimension == "product" else SQL(),
                    grouping=SQL("GROUP BY 1") if dimension else SQL(),
                    visible=SQL("TRUE") if few else SQL("lead.id IN %s", leads),
                )
            )

        sums = SQL(", ").join(self._sop_stage_sums(number) for number in range(len(CODES)))
        funnels = {line[0]: self._sop_rows(line[1:]) for line in count(sums, self._sop_facts(few, start, end, horizon, period))}
        if period:
            for key, *standing in count(self._sop_standing_sums(), self._sop_standing(few, horizon)):
                for row, here, lost in zip(funnels.setdefault(key, self._sop_rows()), standing[::2], standing[1::2], strict=True):
                    row.update(here=here, lost=lost)
        return list(funnels.items())

    @api.model
    def _sop_standing(self, leads, horizon, touched=None):
        """The last row of each lead, as SQL; see :meth:`_sop_facts` for what is given."""
        lead = self._sop_lead(horizon)
        return SQL(
            """
            SELECT DISTINCT ON (%(lead)s) lead_id, merged_from, from_status, to_code, to_status, at
              FROM sop_stage_move WHERE %(moves)s ORDER BY %(lead)s, at DESC, id DESC
            """,
            lead=lead,
            moves=self._sop_moves(leads, horizon, touched),
        )

    @api.model
    def _sop_standing_sums(self):
        """Columns for each stage, as SQL: leads that are in it, and those lost in it."""
        return SQL(", ").join(
            SQL("COUNT(*) FILTER (WHERE to_code = %s AND to_status %s)", code, status)
            for code in CODES
            for status in (SQL("IN ('open', 'won')"), SQL("= 'lost'"))
        )

    @api.model
    def _sop_stage_sums(self, number):
        """Columns of one stage, as SQL: those of ``COUNTS``, percentiles of days, average of days."""
        column = {letter: SQL.identifier(f"{letter}_{number}") for letter in "enlt"}
        return SQL(
            """
            COUNT(%(e)s), SUM(%(n)s)::bigint,
            COUNT(*) FILTER (WHERE GREATEST(%(later)s) > %(e)s),
            COUNT(%(e)s) FILTER (WHERE last = last_won),
            COUNT(*) FILTER (WHERE last = %(l)s AND last IN (last_open, last_won)),
            COUNT(*) FILTER (WHERE last = %(l)s AND last = last_lost),
            percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(t)s / 86400)
                FILTER (WHERE %(e)s IS NOT NULL AND %(complete)s),
            AVG(%(t)s / 86400) FILTER (WHERE %(e)s IS NOT NULL AND %(complete)s)
            """,
            complete=self._sop_complete(column["t"]),
            later=self._sop_later(number),
            **column,
        )

    @api.model
    def _sop_rows(self, values=None):
        """Rows of the funnel from the columns of :meth:`_sop_stage_sums`; default an empty funnel."""
        rows = []
        width = len(COUNTS) + 2
        values = values or [None] * width * len(CODES)
        for number, code in enumerate(CODES):
            *counts, percentiles, average = values[number * width : (number + 1) * width]
            row = funnel_row(code, dict(zip(COUNTS, (count or 0 for count in counts), strict=True)))
            median, p90 = percentiles or (None, None)
            rows.append(
                {
                    **row,
                    "reentries": row["entries"] - row["entered"],
                    "median_days": median or 0.0,
                    "p90_days": p90 or 0.0,
                    "average_days": average or 0.0,
                }
            )
        return rows

    @api.model
    def _sop_products(self):
        """Join of leads with the products their calls advised and their orders hold, each once."""
        return SQL(
            """
            JOIN (SELECT call.lead_id, link.product_product_id AS product_id
                    FROM sop_call call JOIN product_product_sop_call_rel link ON link.sop_call_id = call.id
                   UNION
                  SELECT orders.opportunity_id, line.product_id
                    FROM sale_order orders JOIN sale_order_line line ON line.order_id = orders.id
                   WHERE line.product_id IS NOT NULL AND orders.state <> 'cancel') advised ON advised.lead_id = lead.id
            """
        )

    @api.model
    @api.readonly
    def get_summary(self, domain=None, date_from=None, date_to=None, as_of=None):
        """Success and speed of the leads that were won or lost in the period.

        :param domain, date_from, date_to, as_of: see :meth:`get_funnel`; the period is that of winning and losing
        :return: dict ``won``, ``lost``, ``success_rate`` (won of won and lost, 0 to 1), ``average_days``, ``median_days``,
            ``p90_days`` (creation to winning), ``lost_by`` (list of dicts ``code``, ``reason_id``, ``reason``, ``count``)
        """
        self.check_access("read")
        start, end, horizon = self._sop_bounds(date_from, date_to, as_of)
        leads = self._sop_leads(domain)
        # a closed lead's last row is nearly always the one that closed it; else it is looked for
        rows = self.env.execute_query(
            SQL(
                """
            SELECT won, code, reason, COUNT(*), AVG(days), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days)
              FROM (SELECT won, closing.at, CASE WHEN NOT won THEN last.to_code END AS code, CASE WHEN NOT won THEN lead.lost_reason_id END AS reason,
                           CASE WHEN won THEN date_part('epoch', closing.at - lead.create_date) / 86400 END AS days
                      FROM (%(standing)s) last
                      JOIN crm_lead lead ON lead.id = last.lead_id
        CROSS JOIN LATERAL (SELECT last.to_status = 'won' AS won) is_won
        CROSS JOIN LATERAL (SELECT CASE WHEN last.from_status IS DISTINCT FROM last.to_status THEN last.at ELSE (
                                   SELECT MAX(at) FROM sop_stage_move move
                                    WHERE move.lead_id = last.lead_id AND move.merged_from IS NOT DISTINCT FROM last.merged_from
                                      AND move.at <= last.at AND move.to_status = last.to_status
                                      AND move.from_status IS DISTINCT FROM move.to_status) END AS at) closing
                     WHERE last.to_status IN ('won', 'lost') AND lead.id IN %(leads)s) closed
             WHERE %(inside)s
          GROUP BY won, code, reason
            """,
                standing=self._sop_standing(leads if domain else None, horizon, self._sop_closing(start, end)),
                leads=leads,
                inside=self._sop_between(start, end),
            )
        )
        return self._sop_summary(rows)

    @api.model
    def _sop_closing(self, start, end):
        """Rows that won or lost a lead in the period, as SQL: no other lead can have been closed in it."""
        if not self._sop_period(start, end):
            return None
        return SQL("%s AND to_status IN ('won', 'lost') AND from_status IS DISTINCT FROM to_status", self._sop_between(start, end))

    @api.model
    def _sop_summary(self, rows):
        won = next((row for row in rows if row[0]), (True, None, None, 0, None, None))
        lost = sorted((row for row in rows if not row[0]), key=lambda row: (-row[3], row[1] or "", row[2] or 0))
        # sudo: names of reasons, as people see them on the leads
        reasons = self.env["crm.lost.reason"].sudo().browse({row[2] for row in lost} - {None})
        names = {reason.id: reason.name for reason in reasons.exists()}
        median, p90 = won[5] or (0.0, 0.0)
        lost_count = sum(row[3] for row in lost)
        return {
            "won": won[3],
            "lost": lost_count,
            "success_rate": share(won[3], won[3] + lost_count),
            "average_days": won[4] or 0.0,
            "median_days": median or 0.0,
            "p90_days": p90 or 0.0,
            "lost_by": [
                {"code": code, "reason_id": reason or False, "count": count, "reason": names.get(reason) or self.env._("No reason given")}
                for _won, code, reason, count, _average, _percentiles in lost
            ],
        }
