from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.arguments import or_nothing, record_id, takes
from odoo.addons.sop_pipeline.tools.transactions import CONFLICTS

from ...tools.assignment import choose


class SopConversation(models.Model):
    """Who works on a conversation, until when it waits, and how fast we were."""

    _inherit = "sop.conversation"

    user_id = fields.Many2one(
        "res.users",
        "Assignee",
        domain="[('share', '=', False)]",
        ondelete="set null",
        tracking=True,
        copy=False,
        index="btree_not_null",
    )
    assigned_at = fields.Datetime(readonly=True, copy=False)
    snoozed_until = fields.Datetime(readonly=True, copy=False)
    woken_at = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="set null")
    done_at = fields.Datetime(readonly=True, copy=False)
    opened_at = fields.Datetime(readonly=True, copy=False, help="When the customer began what is being worked on now.")
    waiting_since = fields.Datetime(readonly=True, copy=False, help="Since when the customer waits for a person's answer.")
    reply_due_at = fields.Datetime("Reply Due", readonly=True, copy=False)
    first_reply_at = fields.Datetime("First Reply", readonly=True, copy=False)

    # === ASSIGNMENT ===

    @takes(user_id=or_nothing(record_id))
    def action_assign(self, user_id):
        """Assign the conversations to a user, or unassign them (False). Idempotent, batch.

        The person must be of the inbox and of the conversations' companies.
        """
        user = self.env["res.users"].browse(user_id or [])
        conversations = self._sudo_checked()
        # sudo: groups and companies of a colleague
        if user and not user.sudo()._sop_can_work(conversations.company_id):
            raise UserError(self.env._("%(name)s does not work in the inbox of this company.", name=user.sudo().name))
        conversations.filtered(lambda c: c.user_id != user)._assign(user)
        return True

    def action_claim(self):
        """Take the conversation that waits for somebody; when two click at once one gets it, the other gets a message.

        Idempotent: claiming one's own changes nothing.
        """
        for conversation in self._sudo_checked():
            if conversation.user_id and conversation.user_id != self.env.user:
                raise UserError(self.env._("%(name)s has taken this conversation already.", name=conversation.user_id.name))
            if not conversation.user_id:
                conversation._assign(self.env.user)
        return True

    def _assign(self, user):
        """Write the assignee and make them, and no other user of ours, a member of the chat."""
        self._lock()  # of several at once the others wait here, not at the index of followers the assignee is added to
        self.write({"user_id": user.id, "assigned_at": fields.Datetime.now() if user else False})
        self._sync_members()

    def _assign_inbound(self):
        """The customer wrote: assign an open, unassigned conversation to an available agent."""
        self.filtered(lambda c: not c.user_id and c.state == "open" and c.team_id.sop_distribution == "even")._distribute()

    def _assign_replier(self, author):
        """The first agent to answer an unassigned conversation gets it."""
        if self.user_id:
            return
        user = author.user_ids.filtered(lambda u: u._sop_can_work(self.company_id))[:1]
        if user:
            self._assign(user)

    def _distribute(self):
        """Give conversations out evenly within capacity. Persons another transaction is giving to are left out this time."""
        for team, conversations in self.grouped("team_id").items():
            users = team.crm_team_member_ids.user_id
            domain = [("on_duty", "=", True), ("user_id", "in", users.ids)]
            duties = self.env["sop.duty"].search(domain).try_lock_for_update()
            for conversation in conversations:
                allowed = duties.filtered(lambda d: d.user_id._sop_can_work(conversation.company_id))  # noqa: B023
                key = choose(allowed._candidates(team), conversation._last_seller().id if team.sop_sticky else None)
                if not key:
                    continue
                # microseconds do not survive a Datetime: the load, counted first, keeps the shares even
                duties.filtered(lambda d: d.user_id.id == key).last_assigned_at = fields.Datetime.now()  # noqa: B023
                conversation._assign(self.env["res.users"].browse(key))

    def _last_seller(self):
        """Return who last had a conversation with this person or customer."""
        domain = Domain("identity_id", "=", self.identity_id.id)
        if self.partner_id:
            domain |= Domain("partner_id", "=", self.partner_id.id)
        domain &= Domain("id", "!=", self.id) & Domain("user_id", "!=", False)
        return self.search(domain, order="last_message_at desc", limit=1).user_id or self.lead_id.user_id

    @api.model
    def _cron_distribute(self, limit=200):
        """Give out what waits, the longest waiting first; what finds no agent, or was changed meanwhile, waits on."""
        teams = self.env["crm.team"].search([("sop_distribution", "=", "even")])
        domain = Domain("state", "=", "open") & Domain("user_id", "=", False) & Domain("team_id", "in", teams.ids)
        try:
            waiting = self.search(domain, order="waiting_since, id", limit=limit).try_lock_for_update().filtered_domain(domain)
            waiting._distribute()
            self.env.flush_all()
        except CONFLICTS:
            self.env.cr.rollback()  # the next minute's run gives them out

    # === CHAT MEMBERS ===

    def _sync_members(self):
        """The assignee of an open conversation is the only person of ours in its chat."""
        self.flush_recordset()  # of two at once the second waits at the conversation, not at the index of members
        for conversation in self.filtered(lambda c: c.user_id and c.state in ("open", "snoozed")):
            partner = conversation.user_id.partner_id
            members = conversation._staff_members()
            if partner not in members.partner_id:
                conversation.channel_id._add_members(partners=partner, post_joined_message=conversation.kind == "livechat")
                if conversation.kind == "livechat":
                    conversation.channel_id.livechat_operator_id = partner
            conversation._remove_members(members.filtered_domain([("partner_id", "!=", partner.id)]))

    def _release_members(self):
        """No agent stays in a chat that is over; a live chat keeps its operator, or it would end."""
        for conversation in self.filtered(lambda c: c.kind != "livechat"):
            conversation._remove_members(conversation._staff_members())

    def _staff_members(self):
        customer = self.identity_id.author_id
        return self.channel_id.channel_member_ids.filtered(lambda m: m.partner_id and m.partner_id != customer and m.partner_id._sop_is_staff())

    def _remove_members(self, members):
        for member in members:
            self.channel_id._action_unfollow(partner=member.partner_id, post_leave_message=False)

    # === TIMES ===

    def _reply_deadline(self, since):
        """Return until when (naive UTC) a person should answer what came at ``since``; False without a target."""
        target = self.team_id.sop_reply_target
        if not target:
            return False
        calendar = self.team_id._sop_calendar(self.company_id)
        if not calendar:
            return fields.Datetime.add(since, minutes=target)
        return calendar.plan_hours(target / 60, since, compute_leaves=True) or False

    def _record_response(self, kind, since, until, user):
        """Note how long the customer waited for a person; append-only.

        :param kind: 'first', 'next' or 'resolution'
        :param since: naive UTC, when the wait began
        :param until: naive UTC, when ``user`` ended it
        """
        if since and until >= since:
            self.env["sop.response"].create(self._prepare_response(kind, since, until, user))

    def _prepare_response(self, kind, since, until, user):
        calendar = self.team_id._sop_calendar(self.company_id)
        working = calendar.get_work_hours_count(since, until) * 60 if calendar else None
        minutes = (until - since).total_seconds() / 60
        return {
            "conversation_id": self.id,
            "account_id": self.account_id.id,
            "company_id": self.company_id.id,
            "team_id": self.team_id.id,
            "user_id": user.id,
            "kind": kind,
            "asked_at": since,
            "answered_at": until,
            "hour": self._local_hour(since),
            "minutes": round(minutes, 2),
            "working_minutes": round(minutes if working is None else working, 2),
            "is_late": bool(kind != "resolution" and self.reply_due_at and until > self.reply_due_at),
        }

    def _local_hour(self, moment: datetime):
        """Hour of the day (0-23) of a naive UTC moment where the company is."""
        timezone = self.company_id._sop_zone()
        return fields.Datetime.context_timestamp(self.with_context(tz=timezone), moment).hour
