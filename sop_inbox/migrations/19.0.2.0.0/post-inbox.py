"""People without a name of their own are known as such; codes to pay with are no pictures to send again.

Customers' last orders remember where they went: the next one to another address is seen as such. Orders that wait for a call say why.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import split_every


def migrate(cr, version):
    cr.execute(
        """UPDATE sop_identity SET is_nameless = TRUE
            WHERE name IN ('Customer ' || right(external_id, 4), 'Khách ' || right(external_id, 4))"""
    )
    cr.execute(
        """DELETE FROM sop_picture p USING ir_attachment a, message_attachment_rel r, mail_message m
            WHERE a.checksum = p.checksum AND r.attachment_id = a.id AND m.id = r.message_id
              AND m.sop_payload->>'type' IN ('receipt', 'quotation', 'order_cancelled')"""
    )
    orders = api.Environment(cr, SUPERUSER_ID, {})["sale.order"]
    cr.execute(
        """SELECT DISTINCT ON (company_id, partner_id) id FROM sale_order
            WHERE state = 'sale' ORDER BY company_id, partner_id, date_order DESC, id DESC"""
    )
    for ids in split_every(1000, [order_id for (order_id,) in cr.fetchall()]):
        for order in orders.browse(ids):
            cr.execute("UPDATE sale_order SET sop_address_mark = %s WHERE id = %s", [order._sop_address_number(), order.id])
        orders.env.invalidate_all()
    for order in orders.search([("sop_call_first", "=", True), ("state", "in", ("draft", "sent", "sale"))]):
        if rules := orders.env["sop.call.rule"]._applying(order):
            order._sop_keeping().sop_call_rule_ids = rules
