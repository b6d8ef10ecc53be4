from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.sop_pipeline.tools.arguments import or_nothing, record_id, takes
from odoo.addons.sop_pipeline.tools.transactions import replayed

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
            holder = conversation._holder()
            if holder and holder != self.env.user:
                raise UserError(self.env._("%(name)s has taken this conversation already.", name=holder.name))
            if not holder:
                conversation._assign(self.env.user)
        return True

    def _holder(self):
        """Return the assignee who still works here; empty when they have left."""
        return self.user_id.filtered(lambda user: user.sudo()._sop_can_work(self.company_id))  # sudo: groups of a colleague

    def _assign(self, user):
        """Write the assignee and make them, and no other user of ours, a member of the chat."""
        self._lock()  # of several at once the others wait here, not at the index of followers the assignee is added to
        self.write({"user_id": user.id, "assigned_at": fields.Datetime.now() if user else False})
        self._sync_members()

    def _assign_inbound(self):
        """The customer wrote: assign an open, unassigned conversation, or one whose assignee has left, to an available agent."""
        self.filtered(lambda c: c.user_id and not c._holder())._set_free()
        even = self.filtered(lambda c: not c.user_id and c.state == "open" and c.team_id.sop_distribution == "even")
        self.env["sop.conversation.bot"]._without(even)._distribute()

    def _assign_replier(self, author):
        """The first agent to answer an unassigned conversation gets it."""
        if self.user_id == self.env.user or self._holder():  # who answers is here: nothing has to be read for that
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
    @replayed
    def _cron_distribute(self, limit=200):
        """Give out what waits, the longest waiting first; what finds no agent, or is held by somebody, waits on."""
        self._free_left_behind()
        teams = self.env["crm.team"].search([("sop_distribution", "=", "even")])
        domain = Domain("state", "=", "open") & Domain("user_id", "=", False) & Domain("team_id", "in", teams.ids)
        waiting = self.search(domain, order=self.env["sop.duty"]._waiting_order(), limit=limit).try_lock_for_update().filtered_domain(domain)
        self.env["sop.conversation.bot"]._without(waiting)._distribute()

    # === WHO LEAVES ===

    @api.model
    def _leave_to_others(self, users):
        """Take their open conversations from ``users`` who do not work there any more: unassigned, or assigned by the team's rule."""
        if not users:
            return
        # sudo: a person's own switch, which they are not there to turn
        self.env["sop.duty"].sudo().search(
            [("user_id", "in", users.filtered(lambda u: not u._sop_can_work(u.company_id.browse())).ids)]
        ).on_duty = False
        theirs = self.search([("user_id", "in", users.ids), ("state", "in", ("open", "snoozed"))])
        left = theirs.filtered(lambda conversation: not conversation._holder())
        left._set_free()
        left._assign_inbound()

    def _set_free(self):
        """Make these conversations unassigned; who had them is no longer in their chats. Batch."""
        if not self:
            return
        members = {conversation: conversation.user_id.partner_id for conversation in self}
        self._assign(self.env["res.users"])
        for conversation, partner in members.items():
            if conversation.kind != "livechat":  # it would end
                channel = conversation.channel_id
                channel._sop_remove_members(channel.channel_member_ids.filtered(lambda member: member.partner_id == partner))  # noqa: B023

    @api.model
    def _free_left_behind(self):
        """Look for conversations of people who have left by another way than their own form: by a group, a company, a deletion."""
        [*rows] = self._read_group([("user_id", "!=", False), ("state", "=", "open")], ["user_id"])
        self._leave_to_others(self.env["res.users"].union(*(user for (user,) in rows)))

    # === CHAT MEMBERS ===

    def _sync_members(self):
        """The assignee of an open conversation is the only person of ours in its chat."""
        self.flush_recordset()  # of two at once the second waits at the conversation, not at the index of members
        for conversation in self.filtered(lambda c: c.user_id and c.state in ("open", "snoozed")):
            partner = conversation.user_id.partner_id
            members = conversation.channel_id._sop_staff_members(conversation.identity_id.author_id)
            if partner not in members.partner_id:
                if conversation.kind == "livechat":
                    conversation.channel_id._add_members(partners=partner)
                    conversation.channel_id.livechat_operator_id = partner
                else:
                    # as themselves: core greets a person whom another invites with a word that stays in the way, once for each chat
                    channel = conversation.channel_id.with_user(conversation.user_id).sudo()  # sudo: it was assigned to them
                    channel._add_members(partners=partner, post_joined_message=False)
            conversation.channel_id._sop_remove_members(members.filtered_domain([("partner_id", "!=", partner.id)]))

    def _release_members(self):
        """No agent stays in a chat that is over; a live chat keeps its operator, or it would end."""
        for conversation in self.filtered(lambda c: c.kind != "livechat"):
            conversation.channel_id._sop_remove_members(conversation.channel_id._sop_staff_members(conversation.identity_id.author_id))

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
