from odoo import api, fields, models
from odoo.tools import SQL

from .crm_stage import SOP_STAGES

STATUSES = [
    ("open", "Open"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("archived", "Archived"),
]

CAUSES = [
    ("created", "Created"),
    ("manual", "By hand"),
    ("profile_completed", "Profile completed"),
    ("call_answered", "Call answered"),
    ("call_rated", "Answered call rated"),
    ("quotation_sent", "Quotation sent"),
    ("order_confirmed", "Order confirmed"),
    ("order_cancelled", "Order cancelled"),
    ("adopt", "Team took up the process"),
    ("leave", "Team left the process"),
    ("merge", "Leads merged"),
    ("backfill", "From earlier history"),
]

# One row for each lead that is not where its last row says: see ``_append``.
APPEND = """
    INSERT INTO sop_stage_move (
        lead_id, team_id, user_id, company_id,
        from_stage_id, from_code, from_status, to_stage_id, to_code, to_status,
        at, seconds, cause, res_model, res_id, create_uid, create_date)
    SELECT lead.id, lead.team_id, lead.user_id, lead.company_id,
           last.to_stage_id, last.to_code, last.to_status, lead.stage_id, stage.sop_code, now_is.status,
           now_is.at, COALESCE(EXTRACT(EPOCH FROM now_is.at - last.at), 0)::int,
           CASE WHEN last.id IS NULL THEN 'created' ELSE %(cause)s END, %(model)s, %(id)s, %(uid)s, %(now)s
      FROM crm_lead lead
 LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
 LEFT JOIN LATERAL (
           SELECT move.id, move.team_id, move.to_stage_id, move.to_code, move.to_status, move.at
             FROM sop_stage_move move
            WHERE move.lead_id = lead.id AND move.merged_from IS NULL
         ORDER BY move.at DESC, move.id DESC
            LIMIT 1) last ON TRUE
CROSS JOIN LATERAL (
           SELECT CASE WHEN stage.is_won AND lead.active THEN 'won'
                       WHEN lead.active THEN 'open'
                       WHEN lead.probability = 0 THEN 'lost'
                       ELSE 'archived' END AS status,
                  CASE WHEN last.id IS NULL THEN date_trunc('second', COALESCE(lead.create_date, %(now)s))
                       ELSE GREATEST(%(now)s, last.at) END AS at) now_is
     WHERE lead.id = ANY(%(leads)s::int[])
       AND (last.id IS NULL
            OR (last.to_stage_id, last.to_status, last.team_id)
               IS DISTINCT FROM (lead.stage_id, now_is.status, lead.team_id))
"""

# The history of leads without a row, from mail's tracking of their stage: see ``_backfill``.
BACKFILL = """
    WITH fresh AS (
        SELECT lead.* FROM crm_lead lead
         WHERE NOT EXISTS (SELECT FROM sop_stage_move move WHERE move.lead_id = lead.id)
    ), change AS (
        SELECT fresh.id AS lead_id, value.id AS value_id, value.old_value_integer AS old_id,
               value.new_value_integer AS new_id, date_trunc('second', GREATEST(message.date, fresh.create_date)) AS at
          FROM mail_tracking_value value
          JOIN mail_message message ON message.id = value.mail_message_id
                                   AND message.model = 'crm.lead'
          JOIN fresh ON fresh.id = message.res_id
          JOIN ir_model_fields field ON field.id = value.field_id
                                    AND field.model = 'crm.lead' AND field.name = 'stage_id'
    ), known AS (
        SELECT lead_id, new_id AS stage_id, at, value_id, 'backfill' AS cause FROM change
         UNION ALL
        SELECT fresh.id, COALESCE(first.old_id, fresh.stage_id),
               date_trunc('second', COALESCE(fresh.create_date, %(now)s)), 0, 'created'
          FROM fresh
     LEFT JOIN LATERAL (SELECT change.old_id FROM change WHERE change.lead_id = fresh.id
                      ORDER BY change.at, change.value_id LIMIT 1) first ON TRUE
    )
    INSERT INTO sop_stage_move (
        lead_id, team_id, user_id, company_id, from_stage_id, from_code, from_status,
        to_stage_id, to_code, to_status, at, seconds, cause, create_uid, create_date, write_uid, write_date)
    SELECT lead.id, lead.team_id, lead.user_id, lead.company_id,
           before.id, before.sop_code, CASE WHEN before.id IS NULL THEN NULL WHEN before.is_won THEN 'won' ELSE 'open' END,
           after.id, after.sop_code, CASE WHEN after.is_won THEN 'won' ELSE 'open' END,
           step.at, COALESCE(EXTRACT(EPOCH FROM step.at - step.previous_at), 0)::int, step.cause,
           %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM (SELECT known.*, LAG(stage_id) OVER ordered AS previous_id, LAG(at) OVER ordered AS previous_at
              FROM known WINDOW ordered AS (PARTITION BY lead_id ORDER BY at, value_id)) step
      JOIN crm_lead lead ON lead.id = step.lead_id
 LEFT JOIN crm_stage before ON before.id = step.previous_id
 LEFT JOIN crm_stage after ON after.id = step.stage_id
  ORDER BY step.lead_id, step.at, step.value_id
    RETURNING id
"""


class SopStageMove(models.Model):
    """The history of a lead's stages, append-only: what every report of the pipeline counts.

    A row says that at ``at`` the lead was in ``to_*``, after ``seconds`` in ``from_*``.
    The first row of a lead is its creation; the rows of one lead, in order, leave no gap, so
    their seconds add up to the time from its creation to its last row. Rows are written by
    the database from the lead itself (see ``crm.lead._sop_journal``), whichever way the lead
    was changed; a lead changed several times within one transaction may show only the last.

    Stages and teams can be deleted later; the codes stay.
    """

    _name = "sop.stage.move"
    _description = "Stage Move"
    _order = "at desc, id desc"
    _rec_name = "lead_id"
    _log_access = True

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    merged_from = fields.Integer(
        "Merged from Lead",
        readonly=True,
        help="ID of the lead this row is about, if that lead has since been merged into this one.",
    )
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True, ondelete="set null", help="Whose lead it was at that time.")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="set null")
    from_stage_id = fields.Many2one("crm.stage", readonly=True, ondelete="set null")
    to_stage_id = fields.Many2one("crm.stage", readonly=True, ondelete="set null")
    from_code = fields.Selection(SOP_STAGES, "From", readonly=True)
    to_code = fields.Selection(SOP_STAGES, "To", readonly=True)
    from_status = fields.Selection(STATUSES, readonly=True)
    to_status = fields.Selection(STATUSES, "Status", readonly=True, required=True)
    at = fields.Datetime("Time", readonly=True, required=True)
    seconds = fields.Integer("Seconds in the Previous Stage", readonly=True, aggregator="avg")
    cause = fields.Selection(CAUSES, readonly=True, required=True)
    res_model = fields.Char("Source Model", readonly=True)
    res_id = fields.Many2oneReference("Source", model_field="res_model", readonly=True)
    create_uid = fields.Many2one("res.users", "Moved by", readonly=True)

    # carries what reports read of a row: they walk the index, lead by lead, and never sort the table
    _lead_idx = models.Index("(lead_id, at DESC, id DESC) INCLUDE (from_code, to_code, from_status, to_status, merged_from, merged_at)")
    _at_idx = models.Index("(at, to_code)")

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Leads changed in this transaction have their rows before anybody looks; see core for the contract."""
        self.env["crm.lead"].flush_model(["stage_id", "team_id", "active", "probability"])
        return super()._search(domain, offset=offset, limit=limit, order=order, **kwargs)

    @api.model
    def _append(self, lead_ids, cause, source_model=None, source_id=None, at=None):
        """Write down where leads are now, one row for each lead that is not where its last row says.

        One statement for any number of leads, so that a thousand leads cost what one costs.
        Leads must be flushed. Running it again changes nothing.

        :param lead_ids: ids of ``crm.lead``
        :param str cause: a key of ``CAUSES``; the first row of a lead always reads ``created``
        :param str source_model: model of the record that caused the move, with ``source_id``
        :param datetime at: when (UTC), never before the lead's last row; default now
        """
        self.env.cr.execute(
            SQL(
                APPEND,
                # one literal: a thousand numbers by themselves take longer to read than their rows to find
                leads=f"{{{','.join(map(str, lead_ids))}}}",
                cause=cause,
                model=source_model,
                id=source_id,
                now=at or fields.Datetime.now(),
                uid=self.env.uid,
            )
        )
        self.env["crm.lead"].browse(lead_ids).invalidate_recordset(["sop_move_ids"], flush=False)

    @api.model
    def _backfill(self):
        """Rebuild the history of leads that were there before the addon, from their tracked stage changes.

        Reads mail's tracking of ``stage_id``; what was never tracked stays unknown, and the
        last row is the lead as it is now. Only leads without any row are touched, so it may
        be run again.
        """
        self.env.flush_all()
        self.env.execute_query(SQL(BACKFILL, now=fields.Datetime.now(), uid=self.env.uid))
        every = self.env.execute_query(SQL("SELECT id FROM crm_lead"))
        self._append([lead_id for (lead_id,) in every], "backfill")
