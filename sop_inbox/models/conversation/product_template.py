from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...tools.words import fold
from ...tools.words_sql import folded_sql


class ProductTemplate(models.Model):
    """Products are found without accents, in every language they have a name in."""

    _inherit = "product.template"

    sop_folded = fields.Text(compute="_compute_sop_folded", store=True, index="trigram", groups="base.group_user")

    def _auto_init(self):
        """One statement for the products there are."""
        cr = self.env.cr
        if column_exists(cr, "product_template", "name") and not column_exists(cr, "product_template", "sop_folded"):
            create_column(cr, "product_template", "sop_folded", "text")
            names = SQL("(SELECT string_agg(value, ' ') FROM jsonb_each_text(name))")
            cr.execute(SQL("UPDATE product_template SET sop_folded = %s", folded_sql(names)))
        return super()._auto_init()

    @api.depends("name")
    def _compute_sop_folded(self):
        for template in self:
            names = self._fields["name"]._get_stored_translations(template._origin) or {}
            template.sop_folded = fold(" ".join(dict.fromkeys(filter(None, [template.name, *names.values()]))))
