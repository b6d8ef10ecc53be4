"""Interactions have a company: those of shared contacts without a lead had none, and every company saw them."""


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
