import json
import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..tools.phases import derive_phase
from .sop_interaction_type import PHASES

_logger = logging.getLogger(__name__)

#: What a row for :meth:`SopInteraction._sop_record_batch` may say besides its code and time
ROW_FIELDS = ("partner_id", "lead_id", "res_model", "res_id", "channel", "note", "user_id", "company_id", "campaign_id", "source_id")


class SopInteraction(models.Model):
    """One touch between business and customer: an interaction of a contact, when and where (rows G1-G5).

    Facts record themselves once each through :meth:`_sop_record`; people add others by hand. An
    interaction whose fact was taken back (a cancelled order) is inactive, and counts nowhere.
    """

    _name = "sop.interaction"
    _inherit = ["sop.guard.mixin"]
    _description = "Interaction"
    _order = "at desc, id desc"
    _rec_name = "type_id"
    _check_company_auto = True

    type_id = fields.Many2one("sop.interaction.type", "Interaction", required=True, ondelete="restrict", index=True)
    phase = fields.Selection(related="type_id.phase", store=True, readonly=True)
    is_order = fields.Boolean(related="type_id.is_order", store=True, readonly=True, export_string_translation=False)
    partner_id = fields.Many2one(
        "res.partner", "Customer", ondelete="set null", check_company=True, compute="_compute_partner_id", store=True, readonly=False
    )
    lead_id = fields.Many2one("crm.lead", ondelete="set null", index="btree_not_null", check_company=True)
    at = fields.Datetime("Time", required=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Salesperson", default=lambda self: self.env.uid, ondelete="set null")
    team_id = fields.Many2one("crm.team", "Sales Team", compute="_compute_from_lead", store=True, readonly=False, ondelete="set null")
    company_id = fields.Many2one("res.company", compute="_compute_from_lead", store=True, readonly=False, index="btree_not_null")
    campaign_id = fields.Many2one("utm.campaign", compute="_compute_from_lead", store=True, readonly=False, ondelete="set null")
    source_id = fields.Many2one("utm.source", "Marketing Source", compute="_compute_from_lead", store=True, readonly=False, ondelete="set null")
    channel = fields.Char(help="Where it happened: website, telephone, a page, the shop, ...")
    note = fields.Char()
    active = fields.Boolean(default=True, readonly=True)
    res_model = fields.Char("Source Model", readonly=True, copy=False)
    res_id = fields.Many2oneReference("Source Record", model_field="res_model", readonly=True, copy=False)

    _source_unique = models.UniqueIndex("(res_model, res_id, type_id) WHERE res_id IS NOT NULL", "This is recorded already.")
    _partner_idx = models.Index("(partner_id, at DESC, id DESC) WHERE partner_id IS NOT NULL")
    # "IS TRUE", as the ORM writes it: else the index is not taken
    _person_idx = models.Index("(partner_id, phase, is_order, company_id) WHERE active IS TRUE AND partner_id IS NOT NULL")
    _nobody_idx = models.Index("(lead_id, phase, is_order, company_id) WHERE active IS TRUE AND partner_id IS NULL")
    _order_idx = models.Index("(partner_id) WHERE is_order AND active")
    _at_idx = models.Index("(at DESC, id DESC)")

    # === COMPUTE, CONSTRAINTS ===

    @api.depends("lead_id")
    def _compute_partner_id(self):
        for interaction in self:
            interaction.partner_id = interaction.partner_id or interaction.lead_id.partner_id

    @api.depends("lead_id")
    def _compute_from_lead(self):
        for interaction in self:
            lead = interaction.lead_id
            interaction.team_id = interaction.team_id or lead.team_id
            # never empty: contacts are often shared, what they lived through with one company is not
            interaction.company_id = interaction.company_id or lead.company_id or interaction.partner_id.company_id or self.env.company
            interaction.campaign_id = interaction.campaign_id or lead.campaign_id
            interaction.source_id = interaction.source_id or lead.source_id

    @api.constrains("partner_id", "lead_id", "at")
    def _check_person(self):
        for interaction in self:
            if not interaction.partner_id and not interaction.lead_id:
                raise ValidationError(self.env._("Say whose interaction it is: choose a customer or a lead."))
            if interaction.at > fields.Datetime.add(fields.Datetime.now(), days=1):
                raise ValidationError(self.env._("An interaction is something that has happened: its time lies in the future."))

    # === ORM ===

    @api.model
    def _sop_links(self):
        linked = ("type_id", "partner_id", "lead_id", "user_id", "team_id", "company_id", "campaign_id", "source_id")
        return super()._sop_links() | dict.fromkeys(linked, "read")

    @api.model
    def _sop_kept(self):
        """Only the system says what an interaction is the fact of."""
        return super()._sop_kept() | {"res_model", "res_id", "active", "phase", "is_order"}

    @api.model_create_multi
    def create(self, vals_list):
        """Derive the phase of the customers; see core for the contract."""
        interactions = super().create(vals_list)
        interactions.flush_recordset()
        # sudo: the phase is derived, for everybody's customers alike
        interactions.sudo().partner_id._sop_recompute_phase()
        return interactions

    def write(self, vals):
        """See :meth:`create`; customers before and after count."""
        self._sop_check_by_hand()
        # sudo: see create
        partners = self.sudo().partner_id
        result = super().write(vals)
        self.flush_recordset()
        (partners | self.sudo().partner_id)._sop_recompute_phase()  # sudo: see create
        return result

    def unlink(self):
        """See :meth:`create`."""
        self._sop_check_by_hand()
        # sudo: see create
        partners = self.sudo().partner_id
        result = super().unlink()
        partners._sop_recompute_phase()
        return result

    def _sop_check_by_hand(self):
        """:raise AccessError: when a person (un)does what a fact recorded"""
        if not self.env.su and any(self.mapped("res_id")):
            raise AccessError(self.env._("What a fact has recorded is not changed by hand."))

    @api.autovacuum
    def _gc_orphans(self):
        """Remove interactions of customers and leads that are gone: they are about no one any more."""
        self.env.execute_query(SQL("DELETE FROM sop_interaction WHERE partner_id IS NULL AND lead_id IS NULL RETURNING id"))
        self.env.invalidate_all(flush=False)

    # === RECORDING FACTS ===

    @api.model
    def _sop_record(self, code, partner=None, lead=None, source=None, at=None):
        """Record that something happened between us and a customer.

        Idempotent per type and source record. Two queries at most, one where the customer's phase
        stays as it is. Works without rights of the current user, since a fact is recorded for any user who
        causes it.

        :param str code: code of the type ('request', 'chat', 'call', 'quotation', 'order', ...). An 'order'
            of somebody who has ordered before is recorded as 'repeat_order'.
        :param partner: ``res.partner``; default the lead's
        :param lead: ``crm.lead``
        :param source: the record that is the fact, of any model
        :param datetime at: when (UTC); default now, never in the future
        :return: the new ``sop.interaction`` (sudo), empty when there was nothing new or no customer
        """
        return self._sop_record_batch(
            [
                {
                    "code": code,
                    "partner_id": partner.id if partner else None,
                    "lead_id": lead.id if lead else None,
                    "res_model": source._name if source else None,
                    "res_id": source.id if source else None,
                    "at": at,
                }
            ]
        )

    @api.model
    def _sop_record_batch(self, rows):
        """Record any number of facts at the price of one; see :meth:`_sop_record`.

        :param rows: list of dicts with ``code``, ``partner_id`` and/or ``lead_id``, and optionally ``res_model``
            with ``res_id``, ``at``, ``channel``, ``note``, ``user_id``, ``company_id``, ``campaign_id``, ``source_id`` (else the lead's)
        :return: the new ``sop.interaction`` (sudo)
        """
        given = self._sop_prepare_rows(rows)
        if not given:
            return self.sudo().browse()  # sudo: as below
        self.env["crm.lead"].flush_model(["partner_id", "team_id", "user_id", "company_id", "campaign_id", "source_id"])
        self.env["res.partner"].flush_model(["company_id"])
        self.flush_model()
        added, touched = self.env.execute_query(self._sop_record_query(given))[0]
        self._sop_apply_touched(touched or [])
        # sudo: facts are recorded with any user's rights
        interactions = self.sudo().browse(added or [])
        if interactions:
            leads = self.env["crm.lead"].browse({row["lead_id"] for row in given} - {None})
            leads.invalidate_recordset(["sop_interaction_ids"], flush=False)
            partners = self.env["res.partner"].browse(partner_id for partner_id, *_phases in touched or [])
            partners.invalidate_recordset(["sop_interaction_ids"], flush=False)
        return interactions

    @api.model
    def _sop_prepare_rows(self, rows):
        """Rows as the statement takes them: known types only, each fact once."""
        types = self.env["sop.interaction.type"]._sop_by_code()
        now = fields.Datetime.now()
        given = {}
        for number, row in enumerate(rows):
            type_id, phase, is_order, active = types.get(row["code"]) or (None, None, None, None)
            if type_id is None:
                _logger.warning("No interaction type has the code %r: nothing is recorded.", row["code"])
            if not active or not (row.get("partner_id") or row.get("lead_id")):
                continue
            key = (type_id, row.get("res_model"), row["res_id"]) if row.get("res_id") else number
            given.setdefault(
                key,
                {
                    "n": number,
                    "type_id": type_id,
                    "phase": phase,
                    "is_order": is_order,
                    "code": row["code"],
                    "at": fields.Datetime.to_string(min(row.get("at") or now, now)),
                    **{name: row.get(name) or None for name in ROW_FIELDS},
                },
            )
        return list(given.values())

    @api.model
    def _sop_record_query(self, given):
        """One statement: insert what is new, revive what was taken back, and return what it means for the customers.

        :return: SQL giving one row: ids added, list of [partner, phase now, phases touched, orders]
        """
        types = self.env["sop.interaction.type"]._sop_by_code()
        repeat_id, repeat_phase, _is_order, repeat_active = types.get("repeat_order") or (None, None, None, False)
        return SQL(
            """
            WITH person AS (%(people)s), typed AS (%(typed)s), added AS (
                INSERT INTO sop_interaction AS old (
                    type_id, phase, is_order, partner_id, lead_id, at, user_id, team_id, company_id, campaign_id, source_id,
                    channel, note, active, res_model, res_id, create_uid, create_date, write_uid, write_date)
                SELECT CASE WHEN repeats THEN %(repeat)s ELSE type_id END, CASE WHEN repeats THEN %(repeat_phase)s ELSE phase END,
                       is_order, partner_id, lead_id, at, user_id, team_id, company_id, campaign_id, source_id,
                       channel, note, TRUE, res_model, res_id, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM typed WHERE partner_id IS NOT NULL OR lead_id IS NOT NULL ORDER BY n
                ON CONFLICT (res_model, res_id, type_id) WHERE res_id IS NOT NULL
                DO UPDATE SET active = TRUE, write_date = EXCLUDED.write_date WHERE NOT old.active
                RETURNING id, partner_id, phase, is_order
            ), touched AS (
                SELECT added.partner_id, array_agg(DISTINCT added.phase) AS phases,
                       COUNT(*) FILTER (WHERE added.is_order) AS orders
                  FROM added WHERE added.partner_id IS NOT NULL GROUP BY added.partner_id
            )
            SELECT (SELECT array_agg(id ORDER BY id) FROM added),
                   (SELECT jsonb_agg(jsonb_build_array(touched.partner_id, partner.sop_phase, touched.phases,
                           touched.orders + (SELECT COUNT(*) FROM sop_interaction stood
                                              WHERE stood.partner_id = touched.partner_id AND stood.is_order AND stood.active)))
                      FROM touched JOIN res_partner partner ON partner.id = touched.partner_id)
            """,
            people=self._sop_record_people(given, bool(repeat_active)),
            typed=self._sop_record_typed(repeat_id),
            repeat=repeat_id,
            repeat_phase=repeat_phase,
            uid=self.env.uid,
            now=fields.Datetime.now(),
        )

    @api.model
    def _sop_record_people(self, given, may_repeat):
        """The rows given, each with its lead and customer as the database has them, as SQL.

        :param bool may_repeat: whether orders may become repeat orders
        """
        return SQL(
            """
            SELECT given.n, given.type_id, given.phase, given.is_order, given.res_model, given.res_id, given.at,
                   given.channel, given.note, lead.id AS lead_id, partner.id AS partner_id,
                   COALESCE(given.company_id, lead.company_id, partner.company_id, %(company)s) AS company_id,
                   COALESCE(given.user_id, lead.user_id) AS user_id, lead.team_id,
                   COALESCE(given.campaign_id, lead.campaign_id) AS campaign_id,
                   COALESCE(given.source_id, lead.source_id) AS source_id,
                   given.code = 'order' AND %(may_repeat)s AS may_repeat
              FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
                   n int, type_id int, phase text, is_order bool, code text, partner_id int, lead_id int, res_model text,
                   res_id int, at timestamp, channel text, note text, user_id int, company_id int, campaign_id int, source_id int)
         LEFT JOIN crm_lead lead ON lead.id = given.lead_id
         LEFT JOIN res_partner partner ON partner.id = COALESCE(given.partner_id, lead.partner_id)
            """,
            rows=json.dumps(given),
            may_repeat=may_repeat,
            company=self.env.company.id,
        )

    @api.model
    def _sop_record_typed(self, repeat_id):
        """The same rows, and which of them are repeat orders, as SQL.

        An order is one when its customer has another one; what an order was recorded as before it was
        cancelled, it stays.
        """
        return SQL(
            """
            SELECT person.*,
                   may_repeat AND COALESCE(known.type_id = %(repeat)s, earlier.id IS NOT NULL
                       OR row_number() OVER (PARTITION BY partner_id, may_repeat ORDER BY at, n) > 1) AS repeats
              FROM person
         LEFT JOIN LATERAL (SELECT type_id FROM sop_interaction
                             WHERE may_repeat AND is_order AND res_model = person.res_model AND res_id = person.res_id
                             LIMIT 1) known ON TRUE
         LEFT JOIN LATERAL (SELECT id FROM sop_interaction
                             WHERE may_repeat AND partner_id = person.partner_id AND is_order AND active
                               AND (res_model, res_id) IS DISTINCT FROM (person.res_model, person.res_id)
                             LIMIT 1) earlier ON TRUE
            """,
            repeat=repeat_id,
        )

    @api.model
    def _sop_apply_touched(self, touched):
        """Put customers in the phase their interactions say; one statement, none where nothing changes.

        :param touched: list of (partner id, phase now, phases touched, number of orders)
        """
        changed = {}
        for partner_id, phase, phases, orders in touched:
            derived = derive_phase([phase, *phases], orders)
            if derived != phase:
                changed[partner_id] = derived
        self.env["res.partner"]._sop_set_phases(changed)

    @api.model
    def _sop_void(self, source):
        """Take back what a record was the fact of, because it no longer stands. Idempotent; batch.

        A repeat of the fact (the order is confirmed again) brings it back.

        :param source: records of one model
        """
        if not source:
            return
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
            UPDATE sop_interaction SET active = FALSE
             WHERE active AND is_order AND res_model = %s AND res_id = ANY(%s)
         RETURNING partner_id
            """,
                source._name,
                source.ids,
            )
        )
        self.invalidate_model(["active"], flush=False)
        self.env["res.partner"].browse({partner_id for (partner_id,) in rows if partner_id})._sop_recompute_phase()

    @api.model
    def _sop_backfill(self, batch=5000):
        """Record the quotations and orders there were before the addon. Idempotent.

        :param int batch: how many orders at a time, to keep memory flat
        """
        # sudo: facts of every company, recorded at install
        Order = self.env["sale.order"].sudo()
        last = 0
        while orders := Order.search([("id", ">", last), ("state", "in", ["sent", "sale"])], order="id", limit=batch):
            last = orders[-1].id
            self._sop_record_batch([order._sop_interaction_row() for order in orders])
            self.env.invalidate_all()

    @api.model
    def _sop_load_demo(self):
        """Called by the demo data alone: what the demo's customers lived through."""
        from ..demo import journey

        journey.load(self.env)

    # === SCREEN ===

    def action_open_source(self):
        """:return: window action on the record the interaction is the fact of
        :raise AccessError: for users who may not see that record
        """
        self.ensure_one()
        self.check_access("read")
        if self.res_model not in self.env or not self.res_id:
            return False
        self.env[self.res_model].browse(self.res_id).check_access("read")
        return {"type": "ir.actions.act_window", "res_model": self.res_model, "res_id": self.res_id, "views": [(False, "form")]}

    @api.model
    @api.private
    def get_phases(self):
        """:return: list of (code, name) of the five phases, in order, in the user's language"""
        return self._fields["phase"]._description_selection(self.env) or PHASES
