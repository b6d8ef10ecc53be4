from odoo import api, models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """Confirmed orders are kept as the law wants; quotations lose what the customer wrote and signed."""

    _name = "sale.order"
    _inherit = ["sale.order", "sop.personal.data.mixin"]

    @api.model
    def _sop_personal_fields(self):
        return {**super()._sop_personal_fields(), "client_order_ref": False, "signed_by": False, "signature": False, "note": False}

    @api.model
    def _sop_personal_domain(self, person):
        if not person.wide:
            return super()._sop_personal_domain(person)
        partners = person.ids("res.partner")
        who = Domain.OR(Domain(name, "in", partners) for name in ("partner_id", "partner_invoice_id", "partner_shipping_id"))
        return super()._sop_personal_domain(person) | who

    def _sop_personal_kept(self, person):
        return super()._sop_personal_kept(person) | self.filtered(lambda order: order.state == "sale")

    def _sop_personal_erase(self, person):
        super(SaleOrder, self - self._sop_personal_kept(person))._sop_personal_erase(person)

    def _sop_personal_export(self, person):
        names = ["name", "date_order", "state", "amount_total", "partner_shipping_id", *self._sop_personal_fields()]
        return [
            order._sop_personal_pairs(names)
            + [(line.product_id.display_name or line.name, line.product_uom_qty) for line in order.order_line if not line.display_type]
            for order in self
        ]
