from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sop_bank_confirm = fields.Boolean(
        "Money Confirms Orders", default=True, help="A transfer that pays what an order asks for confirms it. Otherwise a person does."
    )
