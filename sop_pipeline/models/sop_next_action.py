import logging
from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.delays import parse_delays
from ..tools.people import first_active
from ..tools.transactions import CONFLICTS, replayed
from .sop_next_action_rule import OVERLAP

_logger = logging.getLogger(__name__)
BATCH = 200
STOPS = [
    ("wrote", "The customer wrote"),
    ("called", "The customer called"),
    ("bought", "The customer bought"),
    ("rated", "The customer was rated differently"),
    ("closed", "The lead is won, lost or gone"),
    ("again", "It happened again"),
    ("rule", "The rule was switched off"),
]


class SopNextAction(models.Model):
    """What a rule has planned for a lead, and what became of it (row P10).

    ``waiting`` until its time, then ``done``; with several delays it waits again for the next one. ``stopped`` as
    soon as the customer answers. The database lets a fact plan once for a rule, and a lead wait once for it.
    """

    _name = "sop.next.action"
    _description = "Planned Next Action"
    _order = "due_at, id"
    _rec_name = "lead_id"

    rule_id = fields.Many2one("sop.next.action.rule", required=True, readonly=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade", index=True)
    res_model = fields.Char(readonly=True, required=True)
    res_id = fields.Many2oneReference("What Happened", model_field="res_model", readonly=True, required=True)
    happened_at = fields.Datetime("Happened", readonly=True, required=True)
    due_at = fields.Datetime("Due", readonly=True, required=True)
    step = fields.Integer(readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done"), ("stopped", "Stopped"), ("failed", "Failed")], readonly=True, required=True, default="waiting"
    )
    stopped_by = fields.Selection(STOPS, "Stopped Because", readonly=True)
    error = fields.Char(readonly=True)
    acted_at = fields.Datetime("Acted", readonly=True)
    activity_id = fields.Many2one("mail.activity", readonly=True, ondelete="set null")
    user_id = fields.Many2one(related="lead_id.user_id", string="Salesperson")

    _fact_unique = models.UniqueIndex("(rule_id, lead_id, res_model, res_id, happened_at)", "This is planned already.")
    _one_open = models.UniqueIndex("(rule_id, lead_id) WHERE state = 'waiting'", "The rule has an open action for this lead.")
    _due_idx = models.Index("(due_at) WHERE state = 'waiting'")

    # === CRON ===

    @api.model
    @replayed
    def _cron_run(self):
        """Plan what has happened since the last run, stop what is answered, do what is due.

        Commits after each batch. Safe to run twice at once and after a crash: a fact plans once, a due action
        is locked while it is done, and what it did is committed together with its state.
        """
        # sudo: rules act for everyone
        for rule in self.env["sop.next.action.rule"].sudo().search([("running", "=", True)]):
            self._sop_plan(rule)
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.sudo().search_count(self._sop_due_domain()))  # sudo: of everybody
        while done := self._sop_do_due():
            if not progress(done):
                break

    @api.model
    def _sop_plan(self, rule, now=None):
        """Plan actions of a rule for what has happened since it last looked. Idempotent.

        :param datetime now: until when (UTC)
        :return: the new actions
        """
        now = now or fields.Datetime.now()
        since = max((rule.checked_at or now) - OVERLAP, rule.started_at or now)
        planned = self.browse()
        for fact in rule._sop_find_facts(since, now):
            planned |= self._sop_plan_one(rule, *fact)
        rule.checked_at = now
        return planned

    @api.model
    def _sop_plan_one(self, rule, lead_id, at, model, res_id):
        """Plan for one fact, unless it is planned already; a newer fact replaces one that still waits."""
        key = [("rule_id", "=", rule.id), ("lead_id", "=", lead_id)]
        Action = self.sudo()  # sudo: planned actions are written by the system alone
        if Action.search_count([*key, ("res_model", "=", model), ("res_id", "=", res_id), ("happened_at", "=", at)], limit=1):
            return Action.browse()
        waiting = Action.search([*key, ("state", "=", "waiting")])
        if waiting and waiting.happened_at >= at:
            return Action.browse()
        waiting._sop_stop("again")
        lead = self.env["crm.lead"].sudo().browse(lead_id)  # sudo: the job works on every lead
        action = Action.create(
            {
                "rule_id": rule.id,
                "lead_id": lead_id,
                "res_model": model,
                "res_id": res_id,
                "happened_at": at,
                "step": 0,
                "due_at": self._sop_due(rule, lead, at, 0),
            }
        )
        action._sop_stop_answered()
        return action if action.state == "waiting" else Action.browse()

    @api.model
    def _sop_due(self, rule, lead, at, step):
        """When a step is due: so long after the fact, in working hours (holidays left out).

        Hours are counted while the company works; days by the calendar, and then the next working moment.
        """
        company = lead.company_id or rule.company_id or self.env.company
        calendar = company.resource_calendar_id
        delay = parse_delays(rule.delays)[step]
        moment = pytz.utc.localize(at if rule.unit == "hours" else at + timedelta(days=delay))
        if not calendar:
            return (moment + timedelta(hours=delay if rule.unit == "hours" else 0)).replace(tzinfo=None)
        planned = calendar.plan_hours(delay if rule.unit == "hours" else 0, moment, compute_leaves=True) or moment
        return planned.astimezone(pytz.utc).replace(tzinfo=None, microsecond=0)

    # === STOPPING ===

    def _sop_stop(self, why):
        """End waiting actions without acting. Batch, idempotent."""
        waiting = self.filtered(lambda action: action.state == "waiting")
        waiting.write({"state": "stopped", "stopped_by": why})
        waiting.flush_recordset(["state"])

    def _sop_stop_answered(self):
        """Stop those whose customer has written, called or bought since, or whose lead is done.

        :return: the actions that go on
        """
        for action_id, why in self._sop_find_answers():
            self.browse(action_id)._sop_stop(why)
        return self.filtered(lambda action: action.state == "waiting")

    def _sop_find_answers(self):
        """Which of the actions are to stop, and why; one query for any number.

        :return: list of (id, key of ``STOPS``)
        """
        if not self.ids:
            return []
        for model in ("crm.lead", "sop.next.action", "sop.call", "sale.order", "mail.message", "sop.interaction"):
            self.env[model].flush_model()
        return self.env.execute_query(
            SQL(
                """
            SELECT id, why FROM (
                SELECT action.id, CASE
                    WHEN rule.stops AND EXISTS (
                        SELECT FROM sale_order orders WHERE orders.state = 'sale' AND orders.date_order > action.happened_at
                            AND (orders.opportunity_id = lead.id OR orders.partner_id = lead.partner_id)) THEN 'bought'
                    WHEN NOT lead.active OR lead.won_status <> 'pending' THEN 'closed'
                    WHEN NOT rule.stops THEN NULL
                    WHEN rule.trigger = 'silence' AND lead.sop_last_call_at > action.happened_at THEN 'again'
                    WHEN EXISTS (SELECT FROM sop_call call WHERE call.direction = 'in' AND call.started_at > action.happened_at
                                    AND call.lead_id = lead.id) THEN 'called'
                    WHEN rule.trigger = 'rated' AND lead.sop_interest IS DISTINCT FROM rule.interest THEN 'rated'
                    WHEN EXISTS (SELECT FROM mail_message message
                                  WHERE message.model = 'crm.lead' AND message.res_id = lead.id AND message.date > action.happened_at
                                    AND message.message_type IN ('email', 'comment')
                                    AND NOT EXISTS (SELECT FROM res_users staff
                                                     WHERE staff.partner_id = message.author_id AND NOT staff.share)) THEN 'wrote'
                    WHEN EXISTS (SELECT FROM sop_interaction touch JOIN sop_interaction_type kind ON kind.id = touch.type_id
                                  WHERE touch.at > action.happened_at AND kind.code IN ('chat', 'request') AND touch.active
                                    AND (touch.lead_id = lead.id OR touch.partner_id = lead.partner_id)) THEN 'wrote'
                    %(more)s
                    END AS why
                  FROM sop_next_action action
                  JOIN sop_next_action_rule rule ON rule.id = action.rule_id
                  JOIN crm_lead lead ON lead.id = action.lead_id
                 WHERE action.id = ANY(%(ids)s) AND action.state = 'waiting') answer
             WHERE why IS NOT NULL
            """,
                ids=self.ids,
                more=self._sop_more_answers(),
            )
        )

    @api.model
    def _sop_more_answers(self):
        """Hook: further WHEN ... THEN 'wrote' branches, as SQL; ``lead`` and ``action`` are in reach.

        Conversations of the inbox, where it is installed, know when the customer last wrote.
        """
        if "sop.conversation" not in self.env:
            return SQL()
        self.env["sop.conversation"].flush_model(["lead_id", "partner_id", "last_inbound_at"])
        return SQL(
            """
            WHEN EXISTS (SELECT FROM sop_conversation chat WHERE chat.last_inbound_at > action.happened_at
                            AND (chat.lead_id = lead.id OR chat.partner_id = lead.partner_id)) THEN 'wrote'
            """
        )

    # === EXECUTION ===

    @api.model
    def _sop_due_domain(self):
        return [("state", "=", "waiting"), ("due_at", "<=", fields.Datetime.now())]

    @api.model
    def _sop_do_due(self):
        """Do a batch of what is due; rows another worker holds are left to it, what meets a conflict to the next run.

        :return: how many were worked on
        """
        # sudo: rules act for everyone
        actions = self.sudo().search(self._sop_due_domain(), limit=BATCH).try_lock_for_update()
        return len(actions) - actions._sop_act()

    def _sop_act(self):
        """Do what is due, each by itself: one that fails does not stop the others.

        :return: how many another transaction got in the way of; they are still due
        """
        conflicts = 0
        for action in self._sop_stop_answered():
            try:
                with self.env.cr.savepoint():
                    action._sop_act_one()
            except CONFLICTS:
                conflicts += 1
                _logger.info("Next action %s waits: another transaction got in its way", action.id)
            except Exception as error:  # whatever went wrong with this one is written on it
                _logger.warning("Next action %s failed", action.id, exc_info=True)
                action.write({"state": "failed", "error": str(error)[:500]})
        return conflicts

    def _sop_act_one(self):
        """Do one step, and wait for the next if there is one."""
        self.ensure_one()
        rule = self.rule_id
        values = {"acted_at": fields.Datetime.now(), **getattr(self, f"_sop_do_{rule.action}")()}
        delays = parse_delays(rule.delays)
        if self.step + 1 < len(delays) and rule.trigger != "silence":
            values.update(step=self.step + 1, due_at=self._sop_due(rule, self.lead_id, self.happened_at, self.step + 1))
        else:
            values["state"] = "done"
        self.write(values)

    def _sop_do_activity(self):
        """Plan an activity, unless the one the rule planned before is still open."""
        rule, lead = self.rule_id, self.lead_id
        earlier = self.search([("rule_id", "=", rule.id), ("lead_id", "=", lead.id), ("activity_id.active", "=", True)])
        if earlier.activity_id.filtered("active"):
            return {}
        user = first_active(rule.user_id, lead.user_id, lead.team_id.user_id, self.env.user)
        today = fields.Date.context_today(self.with_context(tz=(lead.company_id or self.env.company)._sop_zone(user)))
        activity = lead.with_context(mail_activity_quick_update=True).activity_schedule(
            activity_type_id=rule.activity_type_id.id, summary=rule.summary or rule.name, user_id=user.id, date_deadline=today
        )
        return {"activity_id": activity.id}

    def _sop_do_template(self):
        """Queue the message to the customer."""
        self.rule_id.template_id.send_mail(self.lead_id.id)
        return {}

    def _sop_do_assign(self):
        """Hand the lead over, to somebody who is still there.

        :raise UserError: kept on the action as why it failed
        """
        user = self.rule_id.user_id
        if not user.active:
            raise UserError(self.env._("%(user)s has left: choose somebody else in the rule.", user=user.name))
        self.lead_id.user_id = user
        return {}
