from odoo import fields, models
from odoo.tools import SQL

from ..models.sop_interaction_type import PHASES


class SopPhasePerson(models.Model):
    """Who is in which phase: one row for a person, who is a customer, or a lead without one (rows G1-G5).

    The rows behind the numbers of both report pages, of the interactions the user may see. The context may narrow them
    as a page does: ``sop_team_id``, ``sop_date_from``, ``sop_date_to``, ``sop_as_of``.
    """

    _name = "sop.phase.person"
    _description = "Person in a Phase"
    _auto = False
    _rec_name = "partner_id"
    _order = "interactions desc, id"
    _depends = {"sop.interaction": ["partner_id", "lead_id", "phase", "is_order", "active", "at", "team_id", "company_id"]}

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True)
    phase = fields.Selection(PHASES, readonly=True)
    interactions = fields.Integer(readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        """The people of :meth:`sop.interaction._sop_people`, in the phase ``tools.phases.derive_phase`` says."""
        context = self.env.context
        team_id = context.get("sop_team_id")
        domain = [("team_id", "=", team_id)] if team_id else None
        days = (context.get(f"sop_{name}") for name in ("date_from", "date_to", "as_of"))
        codes = [code for code, _label in PHASES]
        return SQL(
            """
            SELECT COALESCE(partner_id * 2, lead_id * 2 + 1) AS id, partner_id, lead_id, %(counts)s AS interactions,
                   CASE orders WHEN 2 THEN 'loyalty' WHEN 1 THEN 'experience' ELSE (%(codes)s)[LEAST(furthest, 2) + 1] END AS phase
              FROM (%(people)s) person
            """,
            counts=SQL(" + ").join(SQL.identifier(code) for code in codes),
            codes=SQL("ARRAY[%s]", SQL(", ").join(SQL("%s", code) for code in codes)),
            people=self.env["sop.interaction"]._sop_people(domain, *days),
        )
