"""The source of our leads gets its name in the company's language, unless the shop has named it."""

from odoo import SUPERUSER_ID, api

from odoo.addons.sop_contact_requests.hooks import post_init_hook


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    source = env.ref("sop_contact_requests.utm_source_contact_request", raise_if_not_found=False)
    if source and source.name == "Contact request":
        post_init_hook(env)
