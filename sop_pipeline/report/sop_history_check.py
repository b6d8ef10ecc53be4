from odoo import api, models
from odoo.tools import SQL

from ..tools.phases import derive_phase

MOST = 1000


class SopHistoryCheck(models.AbstractModel):
    """What is odd in the history of stages and in derived phases.

    Reports add up whatever the history looks like; this says where a number may surprise. Used by the command
    ``sop_pipeline_check``.
    """

    _name = "sop.history.check"
    _description = "Check of the History"

    @api.model
    def _sop_find_oddities(self):
        """Everything odd, at most a thousand of each kind; changes nothing.

        :return: list of dicts ``model``, ``id``, ``what``
        """
        self.env.flush_all()
        rows = self._sop_find_odd_moves() + self._sop_find_odd_leads()
        return [{"model": model, "id": record_id, "what": what} for model, record_id, what in rows] + [
            {"model": "res.partner", "id": partner_id, "what": f"phase is {phase}, derived {derived}"}
            for partner_id, phase, derived in self._sop_find_odd_phases()
        ]

    @api.model
    def _sop_find_odd_moves(self):
        """Rows that do not follow from the one before them."""
        return self.env.execute_query(
            SQL(
                """
            SELECT 'sop.stage.move', id, what FROM (
                SELECT id, CASE
                    WHEN at > clock_timestamp() AT TIME ZONE 'UTC' + interval '1 minute' THEN 'lies in the future'
                    WHEN earlier IS NULL AND from_status IS NOT NULL THEN 'the beginning of the history is missing'
                    WHEN earlier > id THEN 'the clock went back'
                    WHEN earlier IS NOT NULL AND (from_code, from_status) IS DISTINCT FROM (code_before, status_before)
                        THEN 'starts where the move before did not end'
                    WHEN earlier IS NOT NULL AND abs(seconds - date_part('epoch', at - at_before)) > 1 THEN 'seconds do not fit the times'
                    WHEN to_stage_id IS NULL AND to_code IS NOT NULL THEN 'its stage was deleted'
                    WHEN team_id IS NULL AND to_code IS NOT NULL THEN 'its team was deleted'
                    END AS what
                  FROM (SELECT move.*, LAG(id) OVER steps AS earlier, LAG(at) OVER steps AS at_before,
                               LAG(to_code) OVER steps AS code_before, LAG(to_status) OVER steps AS status_before
                          FROM sop_stage_move move
                        WINDOW steps AS (PARTITION BY lead_id, merged_from ORDER BY at, id)) step) odd
             WHERE what IS NOT NULL ORDER BY id LIMIT %s
            """,
                MOST,
            )
        )

    @api.model
    def _sop_find_odd_leads(self):
        """Leads whose last row is not where they are."""
        return self.env.execute_query(
            SQL(
                """
            SELECT 'crm.lead', lead.id, CASE WHEN last.id IS NULL THEN 'has no history' ELSE 'is not where its history says' END
              FROM crm_lead lead
         LEFT JOIN LATERAL (SELECT id, to_stage_id FROM sop_stage_move
                             WHERE lead_id = lead.id AND merged_from IS NULL ORDER BY at DESC, id DESC LIMIT 1) last ON TRUE
             WHERE last.id IS NULL OR last.to_stage_id IS DISTINCT FROM lead.stage_id
          ORDER BY lead.id LIMIT %s
            """,
                MOST,
            )
        )

    @api.model
    def _sop_find_odd_phases(self):
        """Customers whose stored phase is not the derived one.

        :return: list of (partner id, phase, derived)
        """
        rows = self.env.execute_query(
            SQL(
                """
            SELECT partner.id, partner.sop_phase, array_remove(array_agg(DISTINCT fact.phase), NULL), COUNT(*) FILTER (WHERE fact.is_order)
              FROM res_partner partner
         LEFT JOIN sop_interaction fact ON fact.partner_id = partner.id AND fact.active
             WHERE partner.sop_phase IS NOT NULL OR fact.id IS NOT NULL
          GROUP BY partner.id
            """
            )
        )
        derived = ((partner_id, phase, derive_phase(touched, orders)) for partner_id, phase, touched, orders in rows)
        return [row for row in derived if row[1] != row[2]]

    @api.model
    def _sop_fix_phases(self):
        """Derive again the phases that are not what they should be."""
        self.env["res.partner"]._sop_set_phases({partner_id: derived for partner_id, _phase, derived in self._sop_find_odd_phases()})
