from collections.abc import Set

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.sop_pipeline.tools.transactions import replayed

COUNTED_COLUMNS = ("company_id", "team_id", "user_id", "state", "kind", "is_unread", "is_unanswered", "has_phone", "has_order", "has_sold")
FLAGS = {("unread_count", ">", 0): "is_unread", ("order_count", ">", 0): "has_order", ("sold_count", ">", 0): "has_sold"}
# The counted columns of one conversation, computed from its row.
ROW_EXPRESSION = SQL(
    "company_id, team_id, user_id, state, kind, COALESCE(unread_count, 0) > 0 AS is_unread, COALESCE(is_unanswered, FALSE) AS is_unanswered,"
    " COALESCE(has_phone, FALSE) AS has_phone, COALESCE(order_count, 0) > 0 AS has_order,"
    " COALESCE(sold_count, 0) > 0 AS has_sold"
)
COLUMNS = SQL(", ").join(map(SQL.identifier, COUNTED_COLUMNS))
# What a statement changed goes in as differences: writers only ever add rows, so none waits for another.
FUNCTION = """
    CREATE OR REPLACE FUNCTION sop_conversation_tally() RETURNS trigger LANGUAGE plpgsql AS $tally$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO sop_conversation_tally (%(columns)s, number)
            SELECT %(columns)s, count(*) FROM (SELECT %(seen)s FROM new_rows) AS seen GROUP BY %(columns)s;
        ELSIF TG_OP = 'DELETE' THEN
            INSERT INTO sop_conversation_tally (%(columns)s, number)
            SELECT %(columns)s, -count(*) FROM (SELECT %(seen)s FROM old_rows) AS seen GROUP BY %(columns)s;
        ELSE
            INSERT INTO sop_conversation_tally (%(columns)s, number)
            SELECT %(columns)s, sum(one)
              FROM (SELECT %(seen)s, 1 AS one FROM new_rows UNION ALL SELECT %(seen)s, -1 FROM old_rows) AS seen
             GROUP BY %(columns)s HAVING sum(one) != 0;
        END IF;
        RETURN NULL;
    END $tally$
"""
TRIGGERS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}
TRIGGER = """
    CREATE TRIGGER %(name)s AFTER %(event)s ON sop_conversation %(tables)s
           FOR EACH STATEMENT EXECUTE FUNCTION sop_conversation_tally()
"""
COUNT = "SELECT %(columns)s, count(*) AS number FROM (SELECT %(seen)s FROM sop_conversation) AS seen GROUP BY %(columns)s"
DRIFT = """
    SELECT %(columns)s, COALESCE(sum(number), 0)::int AS kept, COALESCE(sum(one), 0)::int AS counted
      FROM (SELECT %(columns)s, number, 0 AS one FROM sop_conversation_tally UNION ALL SELECT %(seen)s, 0, 1 FROM sop_conversation) AS both_sides
     GROUP BY %(columns)s HAVING sum(number) != sum(one)
"""
COMPACT = """
    WITH several AS (SELECT %(columns)s, sum(number) AS number, array_agg(id) AS ids
                       FROM sop_conversation_tally GROUP BY %(columns)s HAVING count(*) > 1 OR sum(number) = 0),
         gone AS (DELETE FROM sop_conversation_tally WHERE id IN (SELECT unnest(ids) FROM several))
    INSERT INTO sop_conversation_tally (%(columns)s, number) SELECT %(columns)s, number FROM several WHERE number != 0
"""


class SopConversationTally(models.Model):
    """How many conversations there are in each group (values of the counted columns): the numbers on the chips.

    The database keeps it: a trigger on the conversations' table adds what each statement changed, in its transaction,
    by any means (ORM, SQL, a cascade). The number of a group is the sum of its rows; a job adds them up.
    The columns are plain numbers, without foreign keys: a row must not prevent deleting the user it is about.
    """

    _name = "sop.conversation.tally"
    _description = "Conversation Counter"
    _log_access = False

    company_id = fields.Integer(readonly=True)
    team_id = fields.Integer(readonly=True)
    user_id = fields.Integer(readonly=True)
    state = fields.Char(readonly=True)
    kind = fields.Char(readonly=True)
    is_unread = fields.Boolean(readonly=True)
    is_unanswered = fields.Boolean(readonly=True)
    has_phone = fields.Boolean(readonly=True)
    has_order = fields.Boolean(readonly=True)
    has_sold = fields.Boolean(readonly=True)
    number = fields.Integer(required=True, readonly=True)

    def init(self):
        """Put the triggers on the conversations' table; count once when they were not there. Idempotent."""
        self.env.cr.execute(self._sql(FUNCTION))
        known = "SELECT 1 FROM pg_trigger WHERE tgrelid = 'sop_conversation'::regclass AND tgname = 'sop_conversation_tally_insert'"
        if self.env.execute_query(SQL(known)):
            if self.env.execute_query(SQL("SELECT 1 FROM sop_conversation_tally WHERE has_sold IS NULL LIMIT 1")):
                self._count_again()  # kept before there was this column
            return
        for event, tables in TRIGGERS.items():
            name = SQL.identifier(f"sop_conversation_tally_{event.lower()}")
            self.env.cr.execute(SQL(TRIGGER, name=name, event=SQL(event), tables=SQL(tables)))
        self._count_again()

    @staticmethod
    def _sql(template):
        return SQL(template, columns=COLUMNS, seen=ROW_EXPRESSION)

    def _count_again(self):
        """Throw the numbers away and count all conversations; none is written meanwhile."""
        self.env.cr.execute("LOCK TABLE sop_conversation IN SHARE MODE")
        self.env.cr.execute("DELETE FROM sop_conversation_tally")
        self.env.cr.execute(self._sql(f"INSERT INTO sop_conversation_tally (%(columns)s, number) {COUNT}"))

    def _find_drift(self):
        """Count all conversations again.

        :return: list of dict with the columns of a group, ``kept`` and ``counted``; empty when all is true
        """
        self.env["sop.conversation"].flush_model()
        return self.env.execute_query_dict(self._sql(DRIFT))

    @api.model
    @replayed
    def _cron_compact(self):
        """Add up the rows of each group. Rows that others add meanwhile stay for the next time."""
        self.env.cr.execute(self._sql(COMPACT))

    # === QUERIES ===

    def _domain(self, domain):
        """Return ``domain`` of conversations as a domain of groups; None when it needs a column that is not counted."""
        try:
            return Domain(domain).map_conditions(self._condition)
        except LookupError:
            return None

    def _condition(self, condition):
        """Return the condition on a group; LookupError for any but plain comparisons of counted columns with plain values."""
        name, operator, value = condition.field_expr, condition.operator, condition.value
        if isinstance(value, int) and (name, operator, value) in FLAGS:
            return Domain(FLAGS[name, operator, value], "=", True)
        values = [value] if operator in ("=", "!=") else value
        if name not in COUNTED_COLUMNS or operator not in ("=", "!=", "in", "not in") or not isinstance(values, (list, tuple, Set)):
            raise LookupError(name)
        plain = str if self._fields[name].type == "char" else int  # a person's name would have to be looked up
        if not all(isinstance(item, plain) or item is False for item in values):
            raise LookupError(name)
        return condition

    def _sums(self, domains):
        """Numbers of conversations the user may see, as one row of SQL.

        :param domains: dict name -> domain of groups
        :return: SQL of the row with a column for each name; None when the rules ask for what is not kept
        """
        # the rules of conversations are the rules of their numbers
        rules = Domain.TRUE if self.env.su else self._domain(self.env["ir.rule"]._compute_domain("sop.conversation", "read"))
        if rules is None:
            return None
        # sudo: users may not read the numbers of others; the rules are part of the question
        groups = self.sudo()
        query = groups._search(rules)
        sums = []
        for name, domain in domains.items():
            which = domain.optimize_full(groups)._to_sql(groups, query.table, query)
            sums.append(SQL("COALESCE(sum(number) FILTER (WHERE %s), 0)::int AS %s", which, SQL.identifier(name)))
        return query.select(*sums)
