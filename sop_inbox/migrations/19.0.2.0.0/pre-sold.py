"""Confirmed orders of conversations are counted in one statement; numbers of orders that are there stay as they are."""

from odoo.tools import sql


def migrate(cr, version):
    if sql.column_exists(cr, "sop_conversation", "sold_count"):
        return
    sql.create_column(cr, "sop_conversation", "sold_count", "int4", "Confirmed Orders")
    cr.execute(
        """UPDATE sop_conversation c
              SET sold_count = (SELECT count(*) FROM sale_order o WHERE o.sop_conversation_id = c.id AND o.state = 'sale')"""
    )
