from contextlib import suppress

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes

UNDO_MINUTES = 10
#: of a conversation
STATES = [("open", "Open"), ("snoozed", "Snoozed"), ("done", "Done"), ("spam", "Spam")]


class SopMacro(models.Model):
    """Several steps at one press: an answer, tags, who has it, its state."""

    _name = "sop.macro"
    _description = "Macro"
    _inherit = ["sop.guard.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", default=lambda self: self.env.company)
    canned_id = fields.Many2one("mail.canned.response", "Answer", ondelete="set null")
    tag_ids = fields.Many2many("crm.tag", "sop_macro_tag_rel", "macro_id", "tag_id", string="Tags")
    assign = fields.Selection([("me", "To me"), ("user", "To a colleague"), ("none", "To nobody")])
    user_id = fields.Many2one("res.users", "Colleague", ondelete="set null", domain="[('share', '=', False)]")
    state = fields.Selection([("done", "Done"), ("snoozed", "Snoozed"), ("spam", "Spam")], "Then")
    snooze_hours = fields.Integer("Hours", default=24)

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"company_id": "read", "canned_id": "read", "tag_ids": "read", "user_id": "read"}

    @api.constrains("name", "canned_id", "tag_ids", "assign", "state", "user_id", "snooze_hours")
    def _check_steps(self):
        for macro in self:
            if not (macro.canned_id or macro.tag_ids or macro.assign or macro.state):
                raise ValidationError(self.env._("A macro does something: choose an answer, tags, a person or a state."))
            if macro.assign == "user" and not macro.user_id:
                raise ValidationError(self.env._("Choose the colleague."))
            if macro.state == "snoozed" and not 0 < macro.snooze_hours <= 24 * 365:
                raise ValidationError(self.env._("Snoozed for at least an hour, and at most a year."))

    def _steps(self, replies):
        """Return what this macro does as lines of words, and why it cannot be done ("" when it can)."""
        lines, error = [], ""
        if self.canned_id and not self.canned_id.has_access("read"):
            error = self.env._("The answer of this macro is a colleague's own.")
        elif self.canned_id:
            shown = replies.preview_canned(self.canned_id.id)
            lines.append(self.env._("Answer: %(text)s", text=shown["text"]))
            error = shown["error"]
        if self.tag_ids:
            lines.append(self.env._("Tags: %(tags)s", tags=", ".join(self.tag_ids.mapped("name"))))
        if self.assign:
            who = self.env.user.name if self.assign == "me" else self.sudo().user_id.name  # sudo: a colleague's name
            lines.append(self.env._("Assign to %(user)s", user=who) if self.assign != "none" else self.env._("Assign to nobody"))
        if self.state == "snoozed":
            lines.append(self.env._("Then: snoozed for %(hours)s hours", hours=self.snooze_hours))
        elif self.state:
            lines.append(self.env._("Then: %(state)s", state=dict(self._fields["state"]._description_selection(self.env))[self.state]))
        return lines, error


class SopMacroRun(models.Model):
    """A macro that was run: what there was before, to go back to."""

    _name = "sop.macro.run"
    _description = "Run of a Macro"
    _order = "id desc"
    _rec_name = "macro_id"

    macro_id = fields.Many2one("sop.macro", readonly=True, ondelete="set null")
    conversation_id = fields.Many2one("sop.conversation", required=True, readonly=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    message_id = fields.Many2one("mail.message", readonly=True, ondelete="set null")
    added_tag_ids = fields.Many2many("crm.tag", "sop_macro_run_tag_rel", "run_id", "tag_id", readonly=True)
    had_user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    had_state = fields.Selection(STATES, readonly=True)
    had_snoozed_until = fields.Datetime(readonly=True)
    state = fields.Selection(STATES, readonly=True)  # as the macro left the conversation, with the time
    snoozed_until = fields.Datetime(readonly=True)
    is_undone = fields.Boolean(readonly=True)

    @api.autovacuum
    def _gc_runs(self):
        self.search([("create_date", "<", "-1d")], limit=10_000).unlink()


class SopConversationMacro(models.AbstractModel):
    """Macros beside the reply box."""

    _name = "sop.conversation.macro"
    _inherit = "sop.conversation.part.mixin"
    _description = "Macros of a Conversation"

    def get_macros(self):
        """Return the macros there are: list of dict ``id, name, steps`` (words, as they would be done here) and ``error``."""
        conversation = self._open("read")
        rows = []
        for macro in self.env["sop.macro"].search(self._macros_domain(), limit=60):
            steps, error = macro._steps(conversation._replies)
            rows.append({"id": macro.id, "name": macro.name, "steps": steps, "error": error})
        return rows

    def _macros_domain(self):
        return Domain("company_id", "in", (False, self.conversation.company_id.id))

    @takes(macro_id=record_id)
    def action_run(self, macro_id):
        """Do all steps of a macro, or none.

        :return: dict ``run_id`` (for ``action_undo``), ``name``
        """
        conversation = self._open("write")
        macro = self.env["sop.macro"].search(self._macros_domain() & Domain("id", "=", macro_id))
        if not macro:
            raise UserError(self.env._("This macro does not exist any more."))
        conversation._lock()
        before = {
            "macro_id": macro.id,
            "conversation_id": conversation.id,
            "user_id": self.env.uid,
            "added_tag_ids": [Command.set((macro.tag_ids - conversation.tag_ids).ids)],
            "had_user_id": conversation.user_id.id,
            "had_state": conversation.state,
            "had_snoozed_until": conversation.snoozed_until,
        }
        if macro.canned_id:
            before["message_id"] = conversation._replies.action_send_canned(macro.canned_id.id)
        if macro.tag_ids:
            conversation.write({"tag_ids": [Command.link(tag.id) for tag in macro.tag_ids]})
        if macro.assign:
            user = {"me": self.env.user, "user": macro.sudo().user_id, "none": self.env["res.users"]}[macro.assign]  # sudo: a colleague
            conversation.action_assign(user.id)
        if macro.state == "snoozed":
            conversation.action_snooze(fields.Datetime.add(fields.Datetime.now(), hours=macro.snooze_hours))
        elif macro.state:
            {"done": conversation.action_done, "spam": conversation.action_spam}[macro.state]()
        after = {"state": conversation.state, "snoozed_until": conversation.snoozed_until}
        run = self.env["sop.macro.run"].sudo().create(before | after)  # sudo: people cannot write runs
        return {"run_id": run.id, "name": macro.name}

    @takes(run_id=record_id)
    def action_undo(self, run_id):
        """Go back to what there was before a macro of one's own: within ten minutes, once. An answer that has gone stays, and so does
        what a colleague has done since.

        :return: dict ``run_id``, ``left`` ("", or the sentence that says what could not be undone)
        """
        conversation = self._open("write")
        since = fields.Datetime.subtract(fields.Datetime.now(), minutes=UNDO_MINUTES)
        domain = [("id", "=", run_id), ("conversation_id", "=", conversation.id), ("user_id", "=", self.env.uid), ("create_date", ">=", since)]
        run = self.env["sop.macro.run"].sudo().search(domain)  # sudo: one's own run
        if not run or run.is_undone:
            raise UserError(self.env._("There is nothing to undo any more."))
        conversation._lock()
        run.is_undone = True
        conversation.write({"tag_ids": [Command.unlink(tag.id) for tag in run.added_tag_ids]})
        macro = run.macro_id
        given_to = {"me": run.user_id, "user": macro.user_id}.get(macro.assign, macro.user_id.browse())
        is_as_left = conversation.user_id == given_to if macro.assign else True
        now = conversation.state, conversation.snoozed_until
        if now == (run.state, run.snoozed_until) != (run.had_state, run.had_snoozed_until):
            self._bring_back(conversation, run)
        if macro.assign and is_as_left and conversation.user_id != run.had_user_id:
            had = run.had_user_id.filtered(lambda user: user._sop_can_work(conversation.company_id))  # who has left since has it no more
            conversation.action_assign(had.id)
        return {"run_id": run.id, "left": self._take_back(run.message_id)}

    def _bring_back(self, conversation, run):
        if run.had_state == "snoozed" and run.had_snoozed_until and run.had_snoozed_until > fields.Datetime.now():
            conversation.action_snooze(run.had_snoozed_until)
        elif run.had_state in ("open", "snoozed"):
            conversation.action_reopen()
        else:
            {"done": conversation.action_done, "spam": conversation.action_spam}[run.had_state]()

    def _take_back(self, message):
        """Take the answer back while it waits; returns the sentence that says it cannot be."""
        if not message:
            return ""
        rows = self.env["sop.channel.message"].search([("mail_message_id", "=", message.id), ("direction", "=", "out")])
        if rows:
            with suppress(UserError), self.env.cr.savepoint():
                rows.action_take_back()
                return ""
        return self.env._("The answer has gone to the customer: it stays.")
