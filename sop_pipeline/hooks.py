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
    env["sop.interaction"]._sop_backfill()


def uninstall_hook(env):
    """Give every lead a stage that will still be there: where it came from, or the like of it."""
    env.cr.execute("DELETE FROM sop_interaction")  # before its types, which it holds on to; by SQL, since there may be millions
    teams = env["crm.team"].with_context(active_test=False).search([("sop_process", "=", True)])
    teams.write({"sop_process": False})
    tags = env["crm.tag"].search([("sop_fact", "!=", False)])
    tags.unlink()
    # the demo's products and people are in orders and leads, which stay: so do they, with the sizes products come in
    env["ir.model.data"].search(
        [("module", "=", "sop_pipeline"), "|", ("model", "=like", "product.%"), ("model", "in", ["res.users", "res.partner"])]
    ).unlink()
