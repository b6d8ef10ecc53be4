from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.arguments import read_domain, record_ids, take, takes, text
from odoo.addons.sop_pipeline.tools.signals import send

COUNT_LIMIT = 999  # the screen shows "999+"; counting stops there, whatever the size of the table
BULK_LIMIT = 500


class SopConversation(models.Model):
    """What the screen asks: numbers on chips, many rows at once, and whether the columns are true."""

    _inherit = "sop.conversation"

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
            "order": [("order_count", ">", 0)],
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
        base = read_domain(self, [("state", "=", "open")] if domain is None else domain)
        return self._count_each({name: base & Domain(chip) for name, chip in self._chip_domains().items()} | self._favorite_domains())

    def _count_each(self, domains, limit=COUNT_LIMIT + 1):
        """Count several domains in one statement, those that are not kept up to ``limit``.

        :param domains: dict name -> Domain
        :return: dict name -> number
        """
        self.browse().check_access("read")
        self.flush_model()
        tally = self.env["sop.conversation.tally"]
        kept = {name: groups for name, domain in domains.items() if (groups := tally._domain(domain)) is not None}
        sums = tally._sums(kept) if kept else None
        columns, tables = [], SQL()
        if sums is not None:
            columns, tables = [SQL.identifier(name) for name in kept], SQL("FROM (%s) AS kept", sums)
        for name in domains if sums is None else domains.keys() - kept.keys():
            query = self._search(domains[name], limit=limit, order=self._order)
            if not query.is_empty():
                columns.append(SQL("(SELECT count(*) FROM (%s) AS counted) AS %s", query.select(), SQL.identifier(name)))
        rows = self.env.execute_query_dict(SQL("SELECT %s %s", SQL(", ").join(columns), tables)) if columns else [{}]
        return dict.fromkeys(domains, 0) | rows[0]

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, offset=0, limit=None, order=None, count_limit=None):
        """As everywhere; how many rows follow the page is a kept number, or is counted along the list's own index."""
        if not limit or not count_limit or self.env.context.get("force_search_count"):
            return super().web_search_read(domain, specification, offset, limit, order, count_limit)
        result = super().web_search_read(domain, specification, offset, limit, order, count_limit=offset + limit)
        if len(result["records"]) == limit and count_limit > offset + limit:
            length = self._count_each({"length": Domain(domain)}, count_limit)["length"]
            result["length"] = min(length, count_limit)
        return result

    def _favorite_domains(self):
        """Domains of the user's saved views, by ``favorite_<id>``; one that cannot be understood is left out."""
        domains = {}
        for favorite in self.env["ir.filters"].get_filters("sop.conversation"):
            try:
                domains[f"favorite_{favorite['id']}"] = Domain(self.env["ir.filters"].browse(favorite["id"])._get_eval_domain())
            except (ValueError, SyntaxError, NameError):
                continue
        return domains

    # === AGENTS ===

    def get_agents(self):
        """Return the staff these conversations may be given to, on duty first: id, name, on_duty, load.

        Without conversations: the staff of the user's companies.
        """
        self.check_access("read")
        companies = self.company_id or self.env.companies
        # sudo: colleagues, their duty and how much they have are no secret to staff
        group = self.env.ref("sop_inbox.sop_inbox_group_user").sudo()
        users = group.all_user_ids.filtered(lambda user: not user.share and user._sop_can_work(companies))
        on_duty = self.env["sop.duty"].sudo().search([("user_id", "in", users.ids), ("on_duty", "=", True)]).user_id
        domain = [("user_id", "in", users.ids), ("state", "=", "open")]
        loads = dict(self.env["sop.conversation"].sudo()._read_group(domain, ["user_id"], ["__count"]))
        agents = [{"id": u.id, "name": u.name, "on_duty": u in on_duty, "load": loads.get(u, 0)} for u in users]
        return sorted(agents, key=lambda agent: (not agent["on_duty"], agent["name"]))

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
            "tag": lambda c, value: c.write({"tag_ids": [Command.link(tag) for tag in c._bulk_tags(value).ids]}),
            "untag": lambda c, value: c.write({"tag_ids": [Command.unlink(tag) for tag in c._bulk_tags(value).ids]}),
        }

    def _bulk_tags(self, value):
        """Return the tags a client named that are still there."""
        return self.env["crm.tag"].browse(take(self.env, "value", record_ids, value or [])).exists()

    @takes(operation=text(50))
    def action_bulk(self, operation, value=None):
        """Do one operation on up to 500 conversations; what fails for one leaves the others done. Idempotent.

        :return: list of dict id, name, ok, error (sentence for the user), in the order of self
        """
        take(self.env, "ids", record_ids, self._ids)
        self.browse().check_access("write")
        operations = self._bulk_operations()
        if operation not in operations:
            raise UserError(self.env._("Unknown operation: %(name)s", name=operation))
        if len(self) > BULK_LIMIT:
            raise UserError(self.env._("At most %(limit)s conversations at once.", limit=BULK_LIMIT))
        results = []
        for conversation in send(self, sop_no_push=True):
            try:
                with self.env.cr.savepoint():
                    operations[operation](conversation, value)
                results.append({"id": conversation.id, "name": conversation.display_name, "ok": True, "error": ""})
            except (AccessError, UserError, ValidationError) as error:
                results.append({"id": conversation.id, "name": f"#{conversation.id}", "ok": False, "error": str(error)})
        self.browse([result["id"] for result in results if result["ok"]])._push_update()
        return results

    # === RECOUNT ===

    @api.model
    def _find_drift(self, ids=None):
        """Count every kept column again from the messages and orders.

        :param ids: conversations to look at; default all
        :return: list of dict ``id``, ``column``, ``kept``, ``counted``; empty when all are true
        """
        self.env.flush_all()
        where = SQL("WHERE c.id IN %s", tuple(ids)) if ids else SQL("")
        rows = self.env.execute_query_dict(SQL(RECOUNT, where=where))
        return [
            {"id": row["id"], "column": column, "kept": row[column], "counted": row[f"counted_{column}"]}
            for row in rows
            for column in COUNTED
            if row[column] != row[f"counted_{column}"]
        ]

    def _recount(self):
        """Write the kept columns anew where they are not true; returns what was wrong."""
        drift = self._find_drift(self.ids) if self else []
        for item in drift:
            self.browse(item["id"]).write({item["column"]: item["counted"]})
        return drift


COUNTED = ("unread_count", "is_unanswered", "last_inbound_at", "last_outbound_at", "last_inbound_ref", "order_count")
# One pass over the messages of each conversation's chat, in the order people said them.
RECOUNT = """
    SELECT c.id, c.unread_count, COALESCE(c.is_unanswered, FALSE) AS is_unanswered, c.last_inbound_at, c.last_outbound_at,
           COALESCE(c.last_inbound_ref, 0) AS last_inbound_ref, COALESCE(c.order_count, 0) AS order_count,
           COALESCE(m.unread, 0)::int AS counted_unread_count,
           COALESCE(m.last_side = 'in', FALSE) AS counted_is_unanswered,
           m.inbound_at AS counted_last_inbound_at,
           m.outbound_at AS counted_last_outbound_at,
           COALESCE(m.inbound_ref, 0) AS counted_last_inbound_ref,
           (SELECT count(*) FROM sale_order o
             WHERE o.sop_conversation_id = c.id AND o.state != 'cancel')::int AS counted_order_count
      FROM sop_conversation c
      LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE sop_side = 'in' AND id > COALESCE(c.read_message_ref, 0)) AS unread,
                   max(date) FILTER (WHERE sop_side = 'in') AS inbound_at,
                   max(date) FILTER (WHERE sop_side = 'out') AS outbound_at,
                   max(id) FILTER (WHERE sop_side = 'in') AS inbound_ref,
                   (array_agg(sop_side ORDER BY date DESC, id DESC) FILTER (WHERE sop_side IN ('in', 'out')))[1] AS last_side
              FROM mail_message
             WHERE model = 'discuss.channel' AND res_id = c.channel_id AND sop_side IS NOT NULL
      ) m ON TRUE
     %(where)s
     ORDER BY c.id
"""
