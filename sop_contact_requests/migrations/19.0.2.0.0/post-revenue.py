"""What was earned with the packages sold so far: without tax, after credit notes."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    cr.execute("UPDATE sop_seller_entitlement SET granted_at = start WHERE granted_at IS NULL OR kind = 'programme'")
    for line in env["sop.seller.entitlement"].search([("sale_line_id", "!=", False)]).sale_line_id:
        line._sop_note_revenue(*line._sop_get_paid())
