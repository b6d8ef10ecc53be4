def post_init_hook(env):
    """Record the existing stage history, and adopt the default team of a database without leads.

    A database in use is left as it is: its teams adopt when they want to, by the wizard.
    """
    Lead = env["crm.lead"].with_context(active_test=False)
    if Lead.search_count([], limit=1):
        env["sop.stage.move"]._backfill()
    else:
        team = env["crm.team"].search([("use_opportunities", "=", True)], limit=1)
        team.sop_process = True
        Lead._sop_score_by_interest()
    env["sop.interaction"]._sop_backfill()


def uninstall_hook(env):
    """Give every lead a stage that will still be there: where it came from, or the like of it."""
    env["payment.provider"]._sop_bank_remove()
    # the wards stay, contacts live in them; whether a country's cities are chosen from a list was not our company's choice
    env.ref("base.vn").enforce_cities = False
    env["ir.config_parameter"].sudo().search([("key", "=", "sop_pipeline.wards_loaded")]).unlink()  # sudo: no user's setting
    env.cr.execute("DELETE FROM sop_interaction")  # before its types, which it holds on to; by SQL, since there may be millions
    teams = env["crm.team"].with_context(active_test=False).search([("sop_process", "=", True)])
    teams.write({"sop_process": False})
    env["crm.lead"]._sop_score_by_interest(False)
    tags = env["crm.tag"].search(["|", ("sop_fact", "!=", False), ("sop_owner_id", "!=", False)])
    tags.unlink()
    # the demo's products and people are in orders and leads, which stay: so do they, with the sizes products come in
    env["ir.model.data"].search(
        [("module", "=", "sop_pipeline"), "|", ("model", "=like", "product.%"), ("model", "in", ["res.users", "res.partner"])]
    ).unlink()
