from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import choice, each, or_nothing, read_domain, record_id, record_ids, take, takes, text
from odoo.addons.sop_pipeline.tools.signals import send

from ...tools.words import fold
from ...tools.words_sql import folded_sql, like_words
from .sop_conversation import check_shown

COUNT_LIMIT = 999  # the screen shows "999+"; counting stops there, whatever the size of the table
BULK_LIMIT = 500
BULK_SEEN = {"done", "spam", "snooze", "read"}  # operations that take all the customer wrote as seen
TAG_LIMIT = 200  # tag_picker.js: fewer are all there are


class SopInboxScreen(models.AbstractModel):
    """What the screen asks: numbers on chips, whom one may give conversations to, many rows at once."""

    _name = "sop.inbox.screen"
    _inherit = "sop.conversation.part.mixin"
    _description = "Inbox Screen"

    # === CHIPS ===

    @api.model
    def _chip_domains(self):
        """Domain of each chip; the filters of the search view carry the same names and domains."""
        return {
            "all": [],
            "message": [("kind", "=", "message")],
            "comment": [("kind", "=", "comment")],
            "livechat": [("kind", "=", "livechat")],
            "unread": [("unread_count", ">", 0)],
            "unanswered": [("is_unanswered", "=", True)],
            "phone": [("has_phone", "=", True)],
            "order": [("sold_count", ">", 0)],
            "overdue": [("reply_due_at", "<", "now")],
            "mine": [("user_id", "=", self.env.uid)],
            "unassigned": [("user_id", "=", False)],
        }

    @api.model
    @api.readonly
    def get_counters(self, domain=None):
        """Return how many conversations each chip would show within ``domain``, and each saved view.

        One statement, whatever the number of chips; only what the user may see is counted. Exact where the number is
        kept (``sop.conversation.tally``); what has to be counted (overdue, views by tag or day) stops at 1000 (read: 999+).

        :param domain: what the chips are added to; default the open conversations
        :return: dict chip name -> number
        """
        base = read_domain(self.conversation, [("state", "=", "open")] if domain is None else domain)
        return self._count_each({name: base & Domain(chip) for name, chip in self._chip_domains().items()} | self._favorite_domains())

    def _count_each(self, domains, limit=COUNT_LIMIT + 1):
        """Count several domains in one statement, those that are not kept up to ``limit``.

        :param domains: dict name -> Domain
        :return: dict name -> number
        """
        self.conversation.browse().check_access("read")
        self.conversation.flush_model()
        tally = self.env["sop.conversation.tally"]
        kept = {name: groups for name, domain in domains.items() if (groups := tally._domain(domain)) is not None}
        sums = tally._sums(kept) if kept else None
        columns, tables = [], SQL()
        if sums is not None:
            columns, tables = [SQL.identifier(name) for name in kept], SQL("FROM (%s) AS kept", sums)
        for name in domains if sums is None else domains.keys() - kept.keys():
            query = self.conversation._search(domains[name], limit=limit, order=self.conversation._order)
            if not query.is_empty():
                columns.append(SQL("(SELECT count(*) FROM (%s) AS counted) AS %s", query.select(), SQL.identifier(name)))
        rows = self.env.execute_query_dict(SQL("SELECT %s %s", SQL(", ").join(columns), tables)) if columns else [{}]
        return dict.fromkeys(domains, 0) | rows[0]

    def _favorite_domains(self):
        """Domains of the user's saved views, by ``favorite_<id>``; one that cannot be understood is left out."""
        domains = {}
        # those made on the screen belong to its action, others to none: core asks for one kind at a time
        for favorite in self.env["ir.filters"].search([("model_id", "=", "sop.conversation"), ("user_ids", "in", [self.env.uid, False])]):
            try:
                domains[f"favorite_{favorite.id}"] = Domain(favorite._get_eval_domain())
            except (ValueError, SyntaxError, NameError):
                continue
        return domains

    # === AGENTS ===

    def get_agents(self):
        """Return the staff these conversations may be given to, on duty first: id, name, on_duty, load.

        Without conversations: the staff of the user's companies.
        """
        self.conversation.check_access("read")
        companies = self.conversation.company_id or self.env.companies
        # sudo: colleagues, their duty and how much they have are no secret to staff
        group = self.env.ref("sop_inbox.sop_inbox_group_user").sudo()
        users = group.all_user_ids.filtered(lambda user: not user.share and user._sop_can_work(companies))
        on_duty = self.env["sop.duty"].sudo().search([("user_id", "in", users.ids), ("on_duty", "=", True)]).user_id
        domain = [("user_id", "in", users.ids), ("state", "=", "open")]
        loads = dict(self.env["sop.conversation"].sudo()._read_group(domain, ["user_id"], ["__count"]))
        agents = [{"id": u.id, "name": u.name, "on_duty": u in on_duty, "load": loads.get(u, 0)} for u in users]
        return sorted(agents, key=lambda agent: (not agent["on_duty"], agent["name"]))

    @takes(state=choice("looking", "writing", "gone"))
    def action_look(self, state):
        """Tell colleagues of the company that the user looks at one conversation, writes in it, or has left it. Nothing is stored."""
        conversation = self._open("read").sudo()  # sudo: only its company
        looking = {"user": {"id": self.env.uid, "name": self.env.user.name}, "conversation": self.id, "state": state}
        self.env["bus.bus"]._sendone((conversation.company_id, "sop_inbox"), "sop_inbox/look", looking)
        return True

    # === TAGS ===

    @api.model
    @api.readonly
    @takes(text=text(100))
    def get_tags(self, text=""):
        """Return the first 200 tags, by name, whose name has these words, with or without accents: id, name, color."""
        self.conversation.browse().check_access("read")
        pattern = f"%{like_words(fold(text.strip()))}%"

        def to_sql(tags, alias, query):
            return SQL("%s LIKE %s", folded_sql(tags._field_to_sql(alias, "name", query)), pattern)

        tags = self.env["crm.tag"].search_fetch(Domain.custom(to_sql=to_sql), ["name", "color"], limit=TAG_LIMIT, order="name")
        return [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in tags]

    # === BULK ===

    @api.model
    def _bulk_operations(self):
        """Operations on many conversations: name -> function(conversation, value)."""
        return {
            "done": lambda c, value: c.action_done(),
            "reopen": lambda c, value: c.action_reopen(),
            "spam": lambda c, value: c.action_spam(),
            "read": lambda c, value: c.action_mark_read(),
            "unread": lambda c, value: c.action_mark_unread(),
            "snooze": lambda c, value: c.action_snooze(value),
            "assign": lambda c, value: c.action_assign(value),
            "tag": lambda c, value: c.write({"tag_ids": [Command.link(tag) for tag in self._bulk_tags(value).ids]}),
            "untag": lambda c, value: c.write({"tag_ids": [Command.unlink(tag) for tag in self._bulk_tags(value).ids]}),
        }

    def _bulk_tags(self, value):
        """Return the tags a client named that are still there."""
        return self.env["crm.tag"].browse(take(self.env, "value", record_ids, value or [])).exists()

    @takes(operation=text(50), last_message_ids=each(or_nothing(record_id), BULK_LIMIT))
    def action_bulk(self, operation, value=None, last_message_ids=None):
        """Do one operation on up to 500 conversations; what fails for one leaves the others done. Idempotent.

        :param last_message_ids: last message the person's screen showed of each, in the order of self; where the
            customer has written since, nothing is closed or read (none or 0: that is not asked)
        :return: list of dict id, name, ok, error (sentence for the user), in the order of self
        """
        take(self.env, "ids", record_ids, self._ids)
        self.conversation.browse().check_access("write")
        operations = self._bulk_operations()
        if operation not in operations:
            raise UserError(self.env._("Unknown operation: %(name)s", name=operation))
        if len(self) > BULK_LIMIT:
            raise UserError(self.env._("At most %(limit)s conversations at once.", limit=BULK_LIMIT))
        shown = dict(zip(self._ids, last_message_ids or [], strict=False)) if operation in BULK_SEEN else {}
        results = []
        for conversation in send(self.conversation, sop_no_push=True):
            result = {"id": conversation.id, "ok": True, "error": ""}
            try:
                if shown.get(conversation.id):
                    check_shown(conversation._sudo_checked(), shown[conversation.id])
                with self.env.cr.savepoint():
                    operations[operation](conversation, value)
            except (AccessError, UserError, ValidationError) as error:
                result |= {"ok": False, "error": str(error)}
            results.append(result)
        names = {conversation.id: conversation.display_name for conversation in self.conversation._filtered_access("read")}
        for result in results:
            result["name"] = names.get(result["id"], f"#{result['id']}")
        self.conversation.browse([result["id"] for result in results if result["ok"]])._push_update()
        return results
