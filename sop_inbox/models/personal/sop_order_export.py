from odoo import api, models
from odoo.fields import Domain


class SopOrderExport(models.Model):
    """Files of orders hold numbers and addresses of many customers and can be made again: all go with a customer of theirs."""

    _name = "sop.order.export"
    _inherit = ["sop.order.export", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return super()._sop_personal_fields() | dict.fromkeys(("file", "domain", "error"), False)

    @api.model
    def _sop_personal_find(self, person):
        return self.search(Domain.TRUE) if person.ids("sale.order") or person.ids("sop.conversation") else self.browse()

    def _sop_personal_erase(self, person):
        self.unlink()

    def _sop_personal_export(self, person):
        return []  # other people's data, and the orders are exported
