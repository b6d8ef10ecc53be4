from odoo import fields, models

from ..tools.signals import received, send

#: A change of one of these may put a lead in another place of the funnel
PLACE_FIELDS = {"stage_id", "team_id", "active", "probability"}


class CrmLead(models.Model):
    """Keeps the history of stages (``sop.stage.move``) on every path a stage changes.

    Stages change by write, by recompute (a new team or type), by merge and by import. All of
    them end in the ORM's low-level write, so that is where the history is taken. Creating a lead,
    writing its stage and moving it by a fact flush at once, so that each step has its row and
    cause; what only follows (from a new team, say) is taken when the ORM gets to it, at the latest
    when somebody reads the history.
    """

    _inherit = "crm.lead"

    sop_move_ids = fields.One2many("sop.stage.move", "lead_id", string="Stage Moves", readonly=True)

    def _sop_begin_journal(self):
        """Write down the first row of each new lead's history at once. Step of ``create``."""
        self.flush_recordset()
        self._sop_journal()

    def _sop_flush_move(self, vals):
        """Flush a move at once, so that each step of a transaction has its own row and cause. Step of ``write``."""
        if "stage_id" in vals or received(self.env, "sop_cause"):
            self.flush_recordset(["sop_status", "sop_code", "stage_id", "team_id", "active"])
        elif not PLACE_FIELDS.isdisjoint(vals) or "user_id" in vals:
            self.invalidate_recordset(["sop_move_ids"], flush=False)

    def _write_multi(self, vals_list):
        super()._write_multi(vals_list)
        if any(not PLACE_FIELDS.isdisjoint(vals) for vals in vals_list):
            self._sop_journal()

    def _sop_journal(self):
        """Append to the history what has changed in the database; idempotent, one statement for all."""
        if not self.ids:
            return
        model, source_id = received(self.env, "sop_source") or (None, None)
        self.env["sop.stage.move"]._append(self.ids, received(self.env, "sop_cause", "manual"), model, source_id)

    def _sop_with_cause(self, cause, source=None):
        """Return the same leads; their next moves are recorded with this cause and source record."""
        return send(self, sop_cause=cause, sop_source=(source._name, source.id) if source else None)

    def _sop_former_stages(self, cause, allowed):
        """Where leads were before their team last took up or left the process; of those that are still in the stage it put them in. Batch.

        :param str cause: ``adopt`` or ``leave``
        :param set allowed: ids of stages the team may show now
        :return: dict of stage -> leads
        """
        moves = self.env["sop.stage.move"].search([("lead_id", "in", self.ids), ("cause", "=", cause), ("merged_from", "=", False)])
        former = {}
        for lead, switches in moves.grouped("lead_id").items():
            last = switches[0]
            if lead.stage_id == last.to_stage_id and last.from_stage_id.id in allowed:
                former[last.from_stage_id] = former.get(last.from_stage_id, self.browse()) + self.browse(lead.id)
        return former
