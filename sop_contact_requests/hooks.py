def post_init_hook(env):
    """Give the source of our leads its name in the company's language: a source's name is not translated by Odoo."""
    source = env.ref("sop_contact_requests.utm_source_contact_request")
    env = env(context={**env.context, "lang": env.company.partner_id.lang or env.user.lang})
    source.name = env._("Contact request")
