"""Interactions have a company: those of shared contacts without a lead had none, and every company saw them. Those of deleted orders go."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    cr.execute(
        """
        UPDATE sop_interaction SET company_id = COALESCE(
               (SELECT company_id FROM res_users WHERE res_users.id = sop_interaction.user_id),
               (SELECT company_id FROM res_users WHERE res_users.id = sop_interaction.create_uid),
               (SELECT MIN(id) FROM res_company WHERE active))
         WHERE company_id IS NULL
        """
    )
    # the rule was loaded with noupdate: the database keeps its own unless it is still the old one
    cr.execute(
        """
        UPDATE ir_rule SET domain_force = %s
         WHERE domain_force = %s AND id = (SELECT res_id FROM ir_model_data WHERE module = 'sop_pipeline' AND name = 'sop_interaction_rule_company')
        """,
        ["[('company_id', 'in', company_ids)]", "[('company_id', 'in', company_ids + [False])]"],
    )
    # an order that was deleted took nothing with it, and no user may take such an interaction away by hand
    cr.execute(
        """
        SELECT id FROM sop_interaction i
         WHERE res_model = 'sale.order' AND res_id IS NOT NULL AND NOT EXISTS (SELECT FROM sale_order o WHERE o.id = i.res_id)
        """
    )
    gone = [row[0] for row in cr.fetchall()]
    api.Environment(cr, SUPERUSER_ID, {})["sop.interaction"].browse(gone).unlink()  # derives the customers' phases anew
