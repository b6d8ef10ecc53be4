"""Mails to sellers come from the shop, where no sender was chosen; the order of lists needs the last time a buyer asked."""

from odoo import SUPERUSER_ID, api

TEMPLATES = ("reminder", "escalation", "ending_7", "ending_1", "ending_0")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in TEMPLATES:
        template = env.ref(f"sop_contact_requests.mail_template_{name}", raise_if_not_found=False)
        if template and not template.email_from:
            template.email_from = "{{ object.company_id.email_formatted or user.email_formatted }}"
