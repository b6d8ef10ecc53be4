import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.phases import derive_phase
from .sop_interaction_type import PHASES


class ResPartner(models.Model):
    """The phase a customer is in: derived from their interactions, never typed (rows G1-G5)."""

    _inherit = "res.partner"

    sop_phase = fields.Selection(
        PHASES,
        string="Phase",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="How far the customer has come with us. It follows from their interactions and orders.",
    )
    sop_interaction_ids = fields.One2many("sop.interaction", "partner_id", "Interactions", readonly=True, groups="sales_team.group_sale_salesman")

    @api.model
    def _sop_without_phase(self, vals):
        """Drop a phase somebody typed (an import, a merge): it is derived."""
        return {name: value for name, value in vals.items() if name != "sop_phase"} if "sop_phase" in vals else vals

    def _sop_recompute_phase(self):
        """Derive the phase again from all interactions of these customers.

        Two queries for any number of customers; idempotent.
        """
        if not self.ids:
            return
        self.env["sop.interaction"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
            SELECT partner.id, partner.sop_phase, array_remove(array_agg(DISTINCT fact.phase), NULL),
                   COUNT(*) FILTER (WHERE fact.is_order)
              FROM res_partner partner
         LEFT JOIN sop_interaction fact ON fact.partner_id = partner.id AND fact.active
             WHERE partner.id = ANY(%s)
          GROUP BY partner.id
            """,
                self.ids,
            )
        )
        derived = {partner_id: (phase, derive_phase(touched, orders)) for partner_id, phase, touched, orders in rows}
        self._sop_set_phases({partner_id: new for partner_id, (old, new) in derived.items() if old != new})

    @api.model
    def _sop_set_phases(self, phases):
        """Store derived phases, in one statement.

        Past the ORM, because a phase follows from other rows: it is no change a person made to the
        contact, and must not cost one write for each.

        :param dict phases: partner id -> phase or None
        """
        if not phases:
            return
        self.env.execute_query(
            SQL(
                """
            UPDATE res_partner SET sop_phase = derived.phase
              FROM jsonb_each_text(%s::jsonb) AS derived(id, phase)
             WHERE res_partner.id = derived.id::int
            RETURNING res_partner.id
            """,
                json.dumps({str(partner_id): phase for partner_id, phase in phases.items()}),
            )
        )
        self.browse(phases).invalidate_recordset(["sop_phase"], flush=False)
