from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.order_sheet import COLUMNS


class SopOrderSheet(models.Model):
    """Which columns a receiving system takes, in which order and under which titles; and which orders and lines."""

    _name = "sop.order.sheet"
    _description = "Excel Template"
    _inherit = ["sop.guard.mixin"]
    _order = "sequence, name, id"

    name = fields.Char("Receiving System", required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index="btree_not_null", default=lambda self: self.env.company)
    column_ids = fields.One2many("sop.order.sheet.column", "sheet_id", "Columns", copy=True)
    with_drafts = fields.Boolean("Drafts", help="Also orders the customer has not confirmed.")
    with_cancelled = fields.Boolean("Cancelled")
    goods_only = fields.Boolean("Products Only", help="Without lines of shipping fees and discounts.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"company_id": "read"}

    @api.constrains("name", "column_ids")
    def _check_columns(self):
        for sheet in self:
            if not sheet.column_ids:
                raise ValidationError(self.env._("Choose at least one column."))

    @api.model
    def get_choices(self):
        """Return what the export can be asked for: dict ``templates`` (id, name, states) and ``states`` (value, label)."""
        self.check_access("read")
        states = self.env["sale.order"]._fields["state"]._description_selection(self.env)
        # sudo: names of templates, for any user who exports; those of their companies
        sheets = self.sudo().search([("company_id", "in", (False, *self.env.companies.ids))])
        return {
            "templates": [{"id": sheet.id, "name": sheet.name, "states": sheet._states()} for sheet in sheets],
            "states": [list(state) for state in states],
        }

    def _states(self):
        """States of the orders in a file of this template."""
        return ["sale", *(["draft", "sent"] if self.with_drafts else []), *(["cancel"] if self.with_cancelled else [])]

    def _columns(self):
        """Return ((column, kind), ...) of this template, all of them without one."""
        kinds = dict(COLUMNS)
        return tuple((column.source, kinds[column.source]) for column in self.column_ids) if self else COLUMNS


class SopOrderSheetColumn(models.Model):
    """One column of a template."""

    _name = "sop.order.sheet.column"
    _description = "Column of an Excel Template"
    _inherit = ["sop.guard.mixin"]
    _order = "sequence, id"
    _rec_name = "source"

    sheet_id = fields.Many2one("sop.order.sheet", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    source = fields.Selection(selection="_selection_source", string="Column", required=True)
    title = fields.Char(help="As the receiving system expects it. Empty: ours.")

    _once = models.UniqueIndex("(sheet_id, source)", "A column stands in a template once.")

    @api.model
    def _sop_links(self):
        return super()._sop_links() | {"sheet_id": "write"}

    @api.model
    def _selection_source(self):
        return list(self.env["sop.order.export"]._titles(self.env).items())
