from odoo import api, models
from odoo.tools import SQL


class SopConversationRecount(models.AbstractModel):
    """Whether the kept columns of conversations are true."""

    _name = "sop.conversation.recount"
    _inherit = "sop.conversation.part.mixin"
    _description = "Recount of Conversations"

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
            self.conversation.browse(item["id"]).write({item["column"]: item["counted"]})
        return drift


COUNTED = ("unread_count", "is_unanswered", "last_inbound_at", "last_outbound_at", "last_inbound_ref", "order_count", "sold_count")
# One pass over the messages of each conversation's chat, in the order people said them.
RECOUNT = """
    SELECT c.id, c.unread_count, COALESCE(c.is_unanswered, FALSE) AS is_unanswered, c.last_inbound_at, c.last_outbound_at,
           COALESCE(c.last_inbound_ref, 0) AS last_inbound_ref, COALESCE(c.order_count, 0) AS order_count, COALESCE(c.sold_count, 0) AS sold_count,
           COALESCE(m.unread, 0)::int AS counted_unread_count,
           COALESCE(m.last_side = 'in', FALSE) AS counted_is_unanswered,
           m.inbound_at AS counted_last_inbound_at,
           m.outbound_at AS counted_last_outbound_at,
           COALESCE(m.inbound_ref, 0) AS counted_last_inbound_ref,
           (SELECT count(*) FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
             WHERE o.sop_conversation_id = c.id AND o.state != 'cancel' AND p.sop_is_unknown IS NOT TRUE)::int AS counted_order_count,
           (SELECT count(*) FROM sale_order o
             WHERE o.sop_conversation_id = c.id AND o.state = 'sale')::int AS counted_sold_count
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
