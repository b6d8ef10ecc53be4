from odoo import fields, models
from odoo.tools import SQL


class CrmLead(models.Model):
    """What leads that are merged away bring along: history, interactions, planned actions and calls."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        """Take over what hangs on the leads that are about to go; see core for the contract.

        One statement for any number of rows, since an assignment run merges many leads: calls follow only
        where there are any.
        """
        super()._merge_dependences(opportunities)
        taken = ("sop.stage.move", "sop.interaction", "sop.next.action")
        opportunities.flush_recordset(["stage_id", "team_id", "active", "probability"])  # their last move has its row
        for model in taken:
            self.env[model].flush_model()
        calls, nameless = self.env.execute_query(self._sop_take_over_query(opportunities))[0]
        for model in taken:
            self.env[model].invalidate_model(flush=False)
        self.invalidate_recordset(["sop_move_ids", "sop_interaction_ids", "sop_next_action_ids"], flush=False)
        if nameless and self.partner_id:
            self._sop_transfer_interactions(self.partner_id.id)
        if calls:
            self._sop_take_over_calls(opportunities)

    def _sop_take_over_query(self, opportunities):
        """Moves keep the lead they were about, each rule keeps one waiting action; returns (calls to follow, interactions without a customer yet)."""
        return SQL(
            """
            WITH moved AS (
                UPDATE sop_stage_move
                   SET merged_at = CASE WHEN COALESCE(merged_from, 0) = 0 THEN %(now)s ELSE merged_at END,
                       merged_from = COALESCE(NULLIF(merged_from, 0), lead_id), lead_id = %(lead)s
                 WHERE lead_id = ANY(%(merged)s)
            ), lived AS (
                UPDATE sop_interaction SET lead_id = %(lead)s WHERE lead_id = ANY(%(merged)s) RETURNING partner_id
            ), planned AS (
                UPDATE sop_next_action SET lead_id = %(lead)s
                 WHERE id IN (SELECT DISTINCT ON (rule_id) id FROM sop_next_action
                               WHERE lead_id = ANY(%(merged)s) AND state = 'waiting'
                                 AND rule_id NOT IN (SELECT rule_id FROM sop_next_action WHERE lead_id = %(lead)s AND state = 'waiting')
                            ORDER BY rule_id, due_at, id)
            )
            SELECT (SELECT COUNT(*) FROM sop_call WHERE lead_id = ANY(%(merged)s)),
                   (SELECT COUNT(*) FROM lived WHERE partner_id IS NULL)
            """,
            lead=self.id,
            merged=opportunities.ids,
            now=fields.Datetime.now(),
        )

    def _sop_take_over_calls(self, opportunities):
        """Calls follow; of several attempts of one person that want a result, the latest stays and the others end as unknown."""
        # sudo: calls of other people's leads come along
        Call = self.env["sop.call"].sudo()
        open_calls = Call.search(
            [("lead_id", "in", (self | opportunities).ids), ("state", "=", "dialing"), ("source", "=", "button")], order="started_at desc, id desc"
        )
        for attempts in open_calls.grouped("user_id").values():
            attempts[1:].write({"state": "unknown"})
        self.env.flush_all()  # ended before they meet: the database lets a person have one attempt on a lead
        Call.search([("lead_id", "in", opportunities.ids)]).lead_id = self
