from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.crm_lead import INTERESTS
from ..models.crm_stage import SOP_STAGES
from ..models.sop_stage_move import STATUSES
from ..tools.arguments import read_domain
from ..tools.funnel import lower_bound, upper_bound
from ..tools.moves import CODES

#: Seconds no sum of stays reaches (a million years), small enough for whole numbers in floating point
VISIT = 2.0**45


class SopPipelineReport(models.Model):
    """The funnel, one row for each lead and stage it has been in (rows V2, V3).

    Counted from the history of stages, so that it shows what happened and not only what is. The
    numbers are those of :meth:`get_funnel`: entered is the number of rows, and the average of
    "reached next" and "won" are the conversions.

    Words, used alike on all screens:

    * entered: the lead came into the stage, from another or by being made in it. A lead that skips a
      stage has not entered it. Coming back is a re-entry of the same lead.
    * to next: after it first entered, the lead was in a later stage, the next or one beyond.
    * won: it entered, and is won at the time the report looks at.
    * days: how long it was open in the stage in total; of leads that have left it.

    Leads merged into another are one lead: the one that is left.
    """

    _name = "sop.pipeline.report"
    _description = "Stage Funnel"
    _auto = False
    _order = "entered_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "sop.stage.move": ["lead_id", "at", "from_code", "to_code", "from_status", "to_status", "merged_from"],
        "crm.lead": ["team_id", "user_id", "company_id", "source_id", "campaign_id", "sop_interest", "lost_reason_id", "create_date"],
    }

    lead_id = fields.Many2one("crm.lead", readonly=True)
    code = fields.Selection(SOP_STAGES, "Stage", readonly=True)
    stage_id = fields.Many2one("crm.stage", "Pipeline Stage", readonly=True)
    status = fields.Selection(STATUSES, "Status of the Lead", readonly=True)
    is_here = fields.Boolean("In this Stage", readonly=True)
    entered_at = fields.Datetime("Entered", readonly=True)
    created_at = fields.Datetime("Lead Created", readonly=True)
    closed_at = fields.Datetime("Won or Lost on", readonly=True)
    entries = fields.Integer("Times Entered", readonly=True, aggregator="sum")
    to_next = fields.Float("Conversion to Next", readonly=True, aggregator="avg", help="Share of leads that reached a later stage.")
    won = fields.Float("Conversion to Won", readonly=True, aggregator="avg", help="Share of leads that are won.")
    days = fields.Float("Days in Stage", readonly=True, aggregator="avg")
    days_to_close = fields.Float("Days to Close", readonly=True, aggregator="avg", help="From creation to winning, on the row of Close.")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    source_id = fields.Many2one("utm.source", readonly=True)
    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    interest = fields.Selection(INTERESTS, readonly=True)
    lost_reason_id = fields.Many2one("crm.lost.reason", readonly=True)

    # === ROWS ===

    @property
    def _table_query(self):
        """The rows of the pivot; recent for each search, since nothing is stored.

        The context may carry a period (``sop_date_from``, ``sop_date_to``, ``sop_as_of``), as
        :meth:`get_funnel` takes it: that is how a number of the funnel opens its own rows.
        """
        context = self.env.context
        start, end, horizon = self._sop_bounds(context.get("sop_date_from"), context.get("sop_date_to"), context.get("sop_as_of"))
        stages = SQL(", ").join(
            SQL("(%s, %s, e_%s, n_%s, l_%s, t_%s, GREATEST(%s))", number, code, *[SQL(str(number))] * 4, self._sop_later(number))
            for number, code in enumerate(CODES)
        )
        return SQL(
            """
            SELECT fact.lead_id * 8 + step.number AS id, fact.lead_id, step.code, stage.id AS stage_id, %(status)s AS status,
                   fact.last = step.last AS is_here,
                   %(time_of_key)s AS entered_at, lead.create_date AS created_at, step.entries,
                   COALESCE(step.later > step.entered, FALSE)::int::float AS to_next,
                   COALESCE(fact.last = fact.last_won, FALSE)::int::float AS won,
                   CASE WHEN %(complete)s THEN step.seconds / 86400 END AS days,
                   CASE WHEN step.code = 'close' AND fact.last = fact.last_won
                        THEN date_part('epoch', fact.won_at - lead.create_date) / 86400 END AS days_to_close,
                   CASE fact.last WHEN fact.last_won THEN fact.won_at WHEN fact.last_lost THEN fact.lost_at END AS closed_at,
                   lead.team_id, lead.user_id, lead.company_id, lead.source_id, lead.campaign_id, lead.sop_interest AS interest,
                   CASE WHEN lead.active THEN NULL ELSE lead.lost_reason_id END AS lost_reason_id
              FROM (%(facts)s) fact
              JOIN crm_lead lead ON lead.id = fact.lead_id
        CROSS JOIN LATERAL (VALUES %(stages)s) step(number, code, entered, entries, last, seconds, later)
         LEFT JOIN crm_stage stage ON stage.sop_code = step.code
             WHERE step.entered IS NOT NULL
            """,
            facts=self._sop_facts(None, start, end, horizon, self._sop_period(start, end)),
            stages=stages,
            status=self._sop_status(),
            complete=self._sop_complete(SQL("step.seconds")),
            time_of_key=SQL("to_timestamp(step.entered >> 32) AT TIME ZONE 'UTC'"),
        )

    @api.model
    def _sop_facts(self, leads=None, start=None, end=None, horizon=None, touched=None):
        """What the history says of each lead, as SQL: one row for a lead.

        Moves are put in order by a key of their second and number, so that moves of one second stay in
        the order they were made in. Columns, for stage number i of the process: ``e_i`` key of the
        first entry in the period, ``n_i`` entries in it, ``l_i`` key of the last row in the stage, ``t_i``
        seconds spent there open: leaving times less entering times, each made so heavy (``VISIT``) that
        a visit without an end, or an end without a beginning, shows as an absurd number: see
        :meth:`_sop_complete`. ``last``, ``last_won``, ``last_lost``, ``last_open``: keys of the last row, of any and of
        each status; ``won_at``, ``lost_at``: when it last became so.

        :param leads: SQL giving the ids of the leads to look at; default all
        :param start, end: the period of entries (UTC, half open)
        :param horizon: nothing from then on is known (UTC)
        :param touched: SQL condition on rows of the history: only leads that have such a row
        """
        return SQL(
            """
            SELECT lead_id, %(columns)s,
                   MAX(key) AS last,
                   MAX(key) FILTER (WHERE to_status = 'won') AS last_won,
                   MAX(key) FILTER (WHERE to_status = 'lost') AS last_lost,
                   MAX(key) FILTER (WHERE to_status = 'open') AS last_open,
                   MAX(at) FILTER (WHERE to_status = 'won' AND from_status IS DISTINCT FROM 'won') AS won_at,
                   MAX(at) FILTER (WHERE to_status = 'lost' AND from_status IS DISTINCT FROM 'lost') AS lost_at
              FROM (SELECT lead_id, merged_from, from_code, to_code, from_status, to_status, at,
                           from_code IS DISTINCT FROM to_code AS entry,
                           CASE WHEN from_status = 'open' THEN from_code END AS left_code,
                           CASE WHEN to_status = 'open' THEN to_code END AS open_code,
                           date_part('epoch', at)::bigint * 4294967296 + id AS key,
                           date_part('epoch', at) + %(visit)s AS weight
                      FROM sop_stage_move
                     WHERE %(moves)s) move
          GROUP BY %(lead)s
            """,
            columns=self._sop_stage_columns(start, end),
            visit=VISIT,
            moves=self._sop_moves(leads, horizon, touched),
            lead=self._sop_lead(horizon),
        )

    @api.model
    def _sop_stage_columns(self, start, end):
        """The columns of :meth:`_sop_facts` for each stage of the process, as SQL."""
        columns = []
        inside = self._sop_between(start, end)
        for number, code in enumerate(CODES):
            names = [SQL.identifier(f"{letter}_{number}") for letter in "enlt"]
            columns.append(
                SQL(
                    """
                MIN(key) FILTER (WHERE to_code = %(code)s AND entry AND %(inside)s) AS %(e)s,
                COUNT(*) FILTER (WHERE to_code = %(code)s AND entry AND %(inside)s) AS %(n)s,
                MAX(key) FILTER (WHERE to_code = %(code)s) AS %(l)s,
                SUM(CASE WHEN left_code = %(code)s THEN weight ELSE 0 END - CASE WHEN open_code = %(code)s THEN weight ELSE 0 END)
                    FILTER (WHERE left_code = %(code)s OR open_code = %(code)s) AS %(t)s
                """,
                    code=code,
                    inside=inside,
                    **dict(zip("enlt", names, strict=True)),
                )
            )
        return SQL(", ").join(columns)

    @api.model
    def _sop_lead(self, horizon):
        """What makes rows those of one lead, as SQL; see :meth:`_sop_moves`."""
        return SQL("lead_id, merged_from") if horizon else SQL("lead_id")

    @api.model
    def _sop_moves(self, leads=None, horizon=None, touched=None):
        """Which rows of the history count, as SQL: a merged lead is one lead, but was its own before."""
        conditions = [SQL("merged_from IS NULL")]
        if horizon:
            conditions = [SQL("(merged_from IS NULL OR merged_at >= %s)", horizon), SQL("at < %s", horizon)]
        if leads:
            conditions.append(SQL("lead_id IN %s", leads))
        if touched:
            conditions.append(SQL("lead_id IN (SELECT lead_id FROM sop_stage_move WHERE %s)", touched))
        return SQL(" AND ").join(conditions)

    @api.model
    def _sop_complete(self, seconds):
        """Whether seconds in a stage are known: the lead has left it, no move is missing and no clock went back; as SQL."""
        return SQL("%s BETWEEN -1 AND %s", seconds, VISIT / 2)  # a fraction of a second is lost in rounding

    @api.model
    def _sop_between(self, start, end):
        conditions = [SQL("at >= %s", start)] if start else []
        conditions += [SQL("at < %s", end)] if end else []
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    @api.model
    def _sop_period(self, start, end):
        """Rows of a period, as SQL; None for all time."""
        return self._sop_between(start, end) if start or end else None

    @api.model
    def _sop_later(self, number):
        """Keys of the last rows in the stages after this one, as SQL; one NULL for the last stage."""
        return SQL(", ").join([SQL.identifier(f"l_{later}") for later in range(number + 1, len(CODES))] or [SQL("NULL::bigint")])

    @api.model
    def _sop_status(self):
        return SQL("CASE fact.last WHEN fact.last_open THEN 'open' WHEN fact.last_won THEN 'won' WHEN fact.last_lost THEN 'lost' ELSE 'archived' END")

    def action_open_lead(self):
        """:return: window action on the lead of the row

        :raise AccessError: for users who may not see the row
        """
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id, "views": [(False, "form")]}

    # === INPUT ===

    @api.model
    def _sop_day_zone(self):
        """Time zone that says where a day begins: the company's, else the user's, else Vietnam's."""
        # sudo: the address of the user's own company
        return self.env.company.sudo().partner_id.tz or self.env.company._sop_zone(self.env.user)

    @api.model
    def _sop_bounds(self, date_from, date_to, as_of):
        """Days and times a client sent, as instants in UTC.

        :return: (start, end, horizon), each None where nothing was given
        :raise UserError: when one of them is no day
        """
        zone = self._sop_day_zone()
        try:
            return lower_bound(date_from, zone), upper_bound(date_to, zone), upper_bound(as_of, zone, inclusive=True)
        except (ValueError, TypeError, OverflowError):
            raise UserError(self.env._("Give days as year-month-day, such as 2026-11-21."))

    @api.model
    def _sop_leads(self, domain):
        """The leads the user may see that match, archived ones too, as SQL giving their ids.

        :raise UserError: for a domain that cannot be read
        """
        Lead = self.env["crm.lead"].with_context(active_test=False)
        Lead.check_access("read")
        domain = read_domain(Lead, domain)
        for model in ("crm.lead", "sop.stage.move", "sop.call", "sale.order", "sale.order.line"):
            self.env[model].flush_model()
        return Lead._search(domain).subselect()
