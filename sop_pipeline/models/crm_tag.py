from odoo import api, fields, models, tools


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
        string="Set by the Fact",
        readonly=True,
        copy=False,
        help="The tag is put on a lead and taken off again by the system, as the fact comes and goes.",
    )

    _sop_fact_unique = models.UniqueIndex("(sop_fact) WHERE sop_fact IS NOT NULL", "Each fact has one tag.")

    @api.model_create_multi
    def create(self, vals_list):
        """Forget which tags say facts; see core for the contract."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def unlink(self):
        """Forget which tags say facts; see core for the contract."""
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @tools.ormcache()
    def _get_fact_tags(self):
        """Which tag says which fact, kept in memory because every change of a lead asks.

        :return: dict of fact -> tag id
        """
        # sudo: facts are the same for everyone, also when this user may not read all of them
        return {tag.sop_fact: tag.id for tag in self.sudo().search([("sop_fact", "!=", False)])}
