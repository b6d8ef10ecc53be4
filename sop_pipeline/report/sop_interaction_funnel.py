from odoo import api, models
from odoo.tools import SQL

from ..tools.arguments import read_domain
from ..tools.funnel import share
from ..tools.phases import PHASES, derive_phase


class SopInteraction(models.Model):
    """The funnel of phases (rows G1-G5)."""

    _inherit = "sop.interaction"

    @api.model
    @api.readonly
    def get_phase_funnel(self, domain=None, date_from=None, date_to=None, as_of=None):
        """How far people have come, by the rule that also derives a customer's phase.

        A person is a customer, or a lead without one.

        :param list domain: on ``sop.interaction``; only interactions that match count
        :param date_from, date_to, as_of: only interactions of these days, see ``sop.pipeline.report.get_funnel``
        :return: list of one dict for each phase in order: ``code``, ``label``, ``here`` (people in the phase),
            ``reached`` (in it or a later one), ``interactions`` (of types of this phase) and
            ``conversion_to_next`` (share of those who reached it that went on, 0 to 1)
        :raise UserError: for a domain or a day that cannot be read
        :raise AccessError: for users who may not see interactions
        """
        self.check_access("read")
        people = self._sop_people(domain, date_from, date_to, as_of)
        rows = self.env.execute_query(
            SQL(
                "SELECT furthest, orders, COUNT(*), %s FROM (%s) person GROUP BY furthest, orders",
                SQL(", ").join(SQL("SUM(%s)::bigint", SQL.identifier(code)) for code in PHASES),
                people,
            )
        )
        return self._sop_phase_rows(rows)

    @api.model
    def _sop_people(self, domain=None, date_from=None, date_to=None, as_of=None):
        """The people there are interactions of: the one definition behind the funnel, the dashboard and ``sop.phase.person``.

        :param domain, date_from, date_to, as_of: see :meth:`get_phase_funnel`
        :return: SQL of ``partner_id, lead_id`` (one of them), ``furthest`` (place of the furthest phase), ``orders`` (up to 2), and the number
            of interactions of each phase
        """
        report = self.env["sop.pipeline.report"]
        start, end, horizon = report._sop_bounds(date_from, date_to, as_of)
        visible = self._sop_visible(domain)
        inside = SQL("%s AND %s AND %s", visible.where_clause or SQL("TRUE"), report._sop_between(start, end), report._sop_between(None, horizon))
        # each half has its index, which holds all that is counted
        customers = SQL("sop_interaction.partner_id IS NOT NULL AND %s", inside)
        nobodies = SQL("sop_interaction.partner_id IS NULL AND sop_interaction.lead_id IS NOT NULL AND %s", inside)
        return SQL(
            "%s UNION ALL %s",
            self._sop_people_of(visible, SQL("partner_id"), SQL("sop_interaction.partner_id, NULL::int AS lead_id"), customers),
            self._sop_people_of(visible, SQL("lead_id"), SQL("NULL::int AS partner_id, sop_interaction.lead_id"), nobodies),
        )

    @api.model
    def _sop_people_of(self, visible, person, names, condition):
        """One half of :meth:`_sop_people`.

        :param visible: query of the interactions that count
        :param person: the column that identifies a person, as SQL
        :param names: the columns that name them, as SQL
        """
        rank = SQL("CASE sop_interaction.phase %s END", SQL(" ").join(SQL("WHEN %s THEN %s", code, place) for place, code in enumerate(PHASES)))
        counts = SQL(", ").join(SQL("COUNT(*) FILTER (WHERE sop_interaction.phase = %s) AS %s", code, SQL.identifier(code)) for code in PHASES)
        return SQL(
            """
            SELECT %(names)s, MAX(%(rank)s) AS furthest, LEAST(COUNT(*) FILTER (WHERE sop_interaction.is_order), 2) AS orders, %(counts)s
              FROM %(tables)s
             WHERE %(condition)s
          GROUP BY sop_interaction.%(person)s
            """,
            names=names,
            rank=rank,
            counts=counts,
            tables=visible.from_clause,
            condition=condition,
            person=person,
        )

    @api.model
    def _sop_visible(self, domain):
        """The query of the interactions the user may see that match."""
        domain = read_domain(self, domain)
        self.flush_model()
        return self._search(domain)

    @api.model
    def _sop_phase_rows(self, groups):
        """Rows of the funnel of phases.

        :param groups: list of (place of the furthest phase, orders up to 2, people, interactions of each phase ...)
        """
        here = dict.fromkeys(PHASES, 0)
        interactions = dict.fromkeys(PHASES, 0)
        for furthest, orders, people, *touched in groups:
            here[derive_phase([PHASES[furthest]], orders)] += people
            for code, count in zip(PHASES, touched, strict=True):
                interactions[code] += count
        labels = dict(self.get_phases())
        reached = [sum(here[later] for later in PHASES[place:]) for place in range(len(PHASES))] + [0]
        return [
            {
                "code": code,
                "label": labels[code],
                "here": here[code],
                "reached": reached[place],
                "interactions": interactions[code],
                "conversion_to_next": share(reached[place + 1], reached[place]),
            }
            for place, code in enumerate(PHASES)
        ]
