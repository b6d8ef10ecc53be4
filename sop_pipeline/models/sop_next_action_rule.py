from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.delays import parse_delays
from .crm_lead import INTERESTS
from .crm_stage import SOP_STAGES
from .sop_call import NOT_ANSWERED_REASONS

TRIAL_DAYS = 30
#: Facts are looked for this far back again, so that one committed late is not missed; it acts once all the same
OVERLAP = timedelta(hours=1)


class SopNextActionRule(models.Model):
    """After this happened to a lead, do that, so much later, in working hours (row P10).

    What happened is read from the records that hold it (calls, history of stages), by one search that serves
    both the running rule and its trial on last month's leads. A rule acts once for each fact, and has one
    open action for a lead at a time.
    """

    _name = "sop.next.action.rule"
    _inherit = ["sop.guard.mixin"]
    _description = "Next-Action Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    running = fields.Boolean("Switched On", readonly=True, copy=False)
    company_id = fields.Many2one("res.company", help="Empty: all companies.")
    team_ids = fields.Many2many("crm.team", string="Sales Teams", help="Empty: every team that runs the five stages.")
    trigger = fields.Selection(
        [
            ("rated", "A call was rated"),
            ("call_result", "A call was not answered"),
            ("stage", "A stage was entered"),
            ("silence", "Nothing has happened"),
        ],
        "After",
        required=True,
        default="rated",
    )
    interest = fields.Selection(INTERESTS, "Rated as")
    reason = fields.Selection(NOT_ANSWERED_REASONS, "Because")
    sop_code = fields.Selection(SOP_STAGES, "Stage")
    delays = fields.Char(
        "Then After",
        required=True,
        default="1",
        help="One number, or several for a cadence: 1, 3, 7 acts three times, each counted from what happened.",
    )
    unit = fields.Selection([("days", "Days"), ("hours", "Working hours")], required=True, default="days")
    action = fields.Selection(
        [("activity", "Plan an activity"), ("template", "Send a message template"), ("assign", "Assign to somebody")],
        "Do",
        required=True,
        default="activity",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain="[('res_model', 'in', [False, 'crm.lead'])]",
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
    )
    summary = fields.Char(translate=True)
    template_id = fields.Many2one("mail.template", "Message Template", domain="[('model', '=', 'crm.lead')]")
    user_id = fields.Many2one("res.users", "To", domain="[('share', '=', False)]")
    stops = fields.Boolean(
        "Stops when the Customer Answers",
        default=True,
        help="When the customer writes, calls or buys, gets another rating, and when the lead is won or lost.",
    )
    started_at = fields.Datetime("Active Since", readonly=True, copy=False)
    checked_at = fields.Datetime("Last Checked On", readonly=True, copy=False)
    trial_at = fields.Datetime("Tried on", readonly=True, copy=False)
    trial_count = fields.Integer("Times", readonly=True, copy=False)
    trial_leads = fields.Integer("Leads", readonly=True, copy=False)
    action_ids = fields.One2many("sop.next.action", "rule_id", readonly=True)
    action_count = fields.Integer(compute="_compute_action_count")

    def _compute_action_count(self):
        counts = dict(self.env["sop.next.action"]._read_group([("rule_id", "in", self.ids)], ["rule_id"], ["__count"]))
        for rule in self:
            rule.action_count = counts.get(rule, 0)

    @api.constrains("delays", "unit")
    def _check_delays(self):
        for rule in self:
            try:
                parse_delays(rule.delays)
            except ValueError:
                raise ValidationError(
                    self.env._("“%(delays)s” are no delays. Give one number, or several with commas, such as 1, 3, 7.", delays=rule.delays)
                )

    @api.constrains("trigger", "interest", "sop_code", "action", "activity_type_id", "template_id", "user_id")
    def _check_complete(self):
        for rule in self:
            missing = {
                "rated": not rule.interest,
                "stage": not rule.sop_code,
            }.get(rule.trigger) or {
                "activity": not rule.activity_type_id,
                "template": not rule.template_id,
                "assign": not rule.user_id,
            }[rule.action]
            if missing:
                raise ValidationError(self.env._("“%(rule)s” does not say enough: fill in what it waits for and what it does.", rule=rule.name))

    @api.model
    def _sop_links(self):
        return super()._sop_links() | dict.fromkeys(("company_id", "team_ids", "activity_type_id", "template_id", "user_id"), "read")

    @api.model
    def _sop_kept(self):
        """Since when a rule acts, and what its trial counted, is noted by its buttons."""
        return super()._sop_kept() | {"running", "started_at", "checked_at", "trial_at", "trial_count", "trial_leads"}

    def write(self, vals):
        """A rule that now waits for something else starts to look from now on."""
        result = super().write(vals)
        if not {"trigger", "interest", "reason", "sop_code", "team_ids"}.isdisjoint(vals):
            self._sop_keeping().write({"checked_at": fields.Datetime.now(), "started_at": fields.Datetime.now()})
        if "active" in vals and not vals["active"]:
            self.action_stop()
        return result

    # === ACTIONS ===

    def action_start(self):
        """Switch rules on: they act on what happens from now on. Idempotent.

        :raise AccessError: for users who may not change rules
        """
        self.check_access("write")
        now = fields.Datetime.now()
        self.filtered(lambda rule: not rule.running)._sop_keeping().write({"running": True, "checked_at": now, "started_at": now})
        return True

    def action_stop(self):
        """Switch rules off: what they had planned is not done any more. Idempotent.

        :raise AccessError: for users who may not change rules
        """
        self.check_access("write")
        self._sop_keeping().running = False
        # sudo: planned actions are written by the system alone
        self.sudo().action_ids.filtered(lambda action: action.state == "waiting")._sop_stop("rule")
        return True

    def action_trial(self):
        """Count how often the rule would have acted on the leads of the last 30 days. Changes no lead.

        :return: window action listing those leads
        :raise AccessError: for users who may not change rules
        """
        self.ensure_one()
        self.check_access("write")
        now = fields.Datetime.now()
        facts = self._sop_find_facts(now - timedelta(days=TRIAL_DAYS), now, trial=True)
        leads = list({lead_id for lead_id, *_fact in facts})
        self._sop_keeping().write({"trial_at": now, "trial_count": self._sop_count_trial(facts), "trial_leads": len(leads)})
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "views": [(False, "list"), (False, "form")],
            "name": self.env._("%(rule)s: leads of the last %(days)s days", rule=self.name, days=TRIAL_DAYS),
            "domain": [("id", "in", leads)],
            "context": {"active_test": False, "create": False},
        }

    def _sop_count_trial(self, facts):
        """How many actions these facts lead to: of a cadence, the steps that come before the customer is talked to, the lead is done, or
        the same happens again. Days are counted by the calendar.

        :param list facts: see :meth:`_sop_find_facts`
        """
        ids = list({lead_id for lead_id, *_fact in facts})
        ends = {}
        for lead_id, at, *_source in facts:
            ends.setdefault(lead_id, set()).add(at)
        # sudo: a trial counts all leads the rule concerns
        for call in self.env["sop.call"].sudo().search_fetch([("lead_id", "in", ids), ("state", "=", "answered")], ["lead_id", "answered_at"]):
            ends[call.lead_id.id].add(call.answered_at)
        for lead in self.env["crm.lead"].sudo().with_context(active_test=False).search_fetch([("id", "in", ids)], ["date_closed"]):
            ends[lead.id].add(lead.date_closed)
        delays = [timedelta(**{self.unit: delay}) for delay in parse_delays(self.delays)]
        count = 0
        for lead_id, at, *_source in facts:
            end = min((moment for moment in ends[lead_id] if moment and moment > at), default=None)
            count += sum(end is None or at + delay <= end for delay in delays)
        return count

    def action_open_actions(self):
        """:return: window action on what the rule has planned and done

        :raise AccessError: for users who may not see the rule
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sop_pipeline.sop_next_action_action")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}

    # === FACTS ===

    def _sop_find_facts(self, since, until, trial=False):
        """What the rule waits for and has happened in a time, for leads it concerns.

        :param since, until: half-open time (UTC)
        :param bool trial: also of leads that are won or lost by now
        :return: list of (lead id, when, model and id of the record that shows it), in order of time
        """
        self.ensure_one()
        leads = self._sop_leads_domain(trial)
        find = getattr(self, f"_sop_find_{self.trigger}")
        return sorted(find(leads, since, until), key=lambda fact: (fact[1], fact[3]))

    def _sop_leads_domain(self, trial=False):
        """Hook: the leads the rule concerns."""
        domain = Domain("team_id", "in", self.team_ids.ids) if self.team_ids else Domain("team_id.sop_process", "=", True)
        if self.company_id:
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        return domain if trial else domain & Domain("won_status", "=", "pending")

    def _sop_find_calls(self, leads, name, since, until, domain):
        # sudo: rules act on all leads, not only those of the user who set them
        Call = self.env["sop.call"].sudo().with_context(active_test=False)
        calls = Call.search(Domain(domain) & Domain(name, ">=", since) & Domain(name, "<", until) & Domain("lead_id", "any", leads))
        return [(call.lead_id.id, call[name], "sop.call", call.id) for call in calls]

    def _sop_find_rated(self, leads, since, until):
        return self._sop_find_calls(leads, "rated_at", since, until, [("interest", "=", self.interest)])

    def _sop_find_call_result(self, leads, since, until):
        domain = Domain("state", "=", "not_answered")
        if self.reason:
            domain &= Domain("reason", "=", self.reason)
        return self._sop_find_calls(leads, "ended_at", since, until, domain)

    def _sop_find_stage(self, leads, since, until):
        Move = self.env["sop.stage.move"].sudo().with_context(active_test=False)  # sudo: see _sop_find_calls
        moves = Move.search(
            [
                ("to_code", "=", self.sop_code),
                ("from_code", "!=", self.sop_code),
                ("merged_from", "=", False),
                ("at", ">=", since),
                ("at", "<", until),
                ("lead_id", "any", list(leads)),
            ]
        )
        return [(move.lead_id.id, move.at, "sop.stage.move", move.id) for move in moves]

    def _sop_find_silence(self, leads, since, until):
        """Leads on which nothing has happened: no call, no interaction, no move of stage, and they are not done.

        The silence of a lead is a fact at its last event; the rule's first delay says how long it must last.
        """
        # sudo: see _sop_find_calls
        Lead = self.env["crm.lead"].sudo()
        Lead.flush_model()
        quiet = timedelta(**{self.unit: parse_delays(self.delays)[0]})
        stage = SQL("AND sop_code = %s", self.sop_code) if self.sop_code else SQL()
        rows = self.env.execute_query(
            SQL(
                """
            SELECT id, last_at FROM (
                SELECT lead.id, GREATEST(lead.create_date, lead.sop_last_call_at, move.at, touch.at) AS last_at
                  FROM crm_lead lead
             LEFT JOIN LATERAL (SELECT MAX(at) AS at FROM sop_stage_move WHERE lead_id = lead.id) move ON TRUE
             LEFT JOIN LATERAL (SELECT MAX(at) AS at FROM sop_interaction WHERE lead_id = lead.id AND active) touch ON TRUE
                 WHERE lead.active AND lead.id IN %(leads)s %(stage)s) silent
             WHERE last_at >= %(since)s AND last_at < %(until)s
            """,
                leads=Lead._search(leads).subselect(),
                stage=stage,
                since=since - quiet,
                until=until - quiet,
            )
        )
        return [(lead_id, last_at.replace(microsecond=0), "crm.lead", lead_id) for lead_id, last_at in rows]
