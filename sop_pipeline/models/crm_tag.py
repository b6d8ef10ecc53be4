from odoo import fields, models


class CrmTag(models.Model):
    """Some tags say a fact and keep themselves true (row P7); people use the others freely."""

    _inherit = "crm.tag"

    sop_fact = fields.Selection(
        [
            ("new", "New customer"),
            ("has_phone", "Has phone"),
            ("recare", "Re-care"),
            ("unpaid", "Unpaid"),
        ],
        string="Set by the Fact", readonly=True, copy=False,
        help="The tag is put on a lead and taken off again by the system, as the fact comes and goes.",
    )

    _sop_fact_unique = models.UniqueIndex("(sop_fact) WHERE sop_fact IS NOT NULL", "Each fact has one tag.")
