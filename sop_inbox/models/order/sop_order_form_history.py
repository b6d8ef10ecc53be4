from odoo import models
from odoo.exceptions import AccessError, UserError

from odoo.addons.sop_pipeline.tools.arguments import record_id, takes

from ...tools.order_input import InputError

GOODS_SHOWN = 4  # products of one order in the panel


class SopOrderForm(models.AbstractModel):
    """What a customer ordered before is ordered again in one tap."""

    _inherit = "sop.order.form"

    @takes(order_id=record_id)
    def action_reorder(self, order_id):
        """Put the goods of an earlier order of this customer on the draft, at today's prices; what is not sold any more is named.

        :return: dict ``order`` and ``customer`` as ``get_order_form`` gives them, ``left_out`` (names)
        :raise UserError: none of it is sold any more, or it is the draft itself
        :raise AccessError: it is no order of this customer that the caller may read
        """
        self._open("write")
        order = self.env["sale.order"].browse(order_id).exists()
        shown = self.env["sop.conversation.panel"].browse(self.id)._shown_orders()
        if not order or order not in shown.with_env(self.env):
            raise AccessError(self.env._("This is no order of this customer."))
        order.check_access("read")
        self.conversation._lock()
        draft, left_out, added = self._draft_order(), [], 0
        if order == draft:
            raise UserError(self.env._("%(name)s is the order you are working on.", name=order.name))
        for line in order._sop_goods():
            try:
                self._order_products(line.product_id.ids)
                draft = draft or self._begin_order()
                self._change_add(draft, {"add": {"product_id": line.product_id.id, "qty": line.product_uom_qty}})
                added += 1
            except InputError as error:
                raise UserError(self._order_input_sentence(error))
            except UserError:
                left_out.append(line.product_id.sudo().display_name)  # sudo: the name of what was bought
        if not added:
            raise UserError(self.env._("Nothing of order %(name)s is sold any more.", name=order.name))
        return {"order": self._order_values(draft), "customer": self._order_customer(), "left_out": left_out}


class SopConversationPanel(models.AbstractModel):
    """The customer's orders with what was bought, of those the reader may open."""

    _inherit = "sop.conversation.panel"

    def _panel_orders(self):
        values = super()._panel_orders()
        orders = self.env["sale.order"].browse([row["id"] for row in values["rows"] if row["can_open"]])
        named = {order.id: order for order in orders}
        draft = orders.filtered(lambda order: order.sop_conversation_id.id == self.id and order.state in ("draft", "sent")).sorted("id")[-1:]
        for row in values["rows"]:
            order = named.get(row["id"])
            goods = order._sop_goods() if order else []
            row["goods"] = [
                f"{line.product_uom_qty:g} × {line.product_id.with_context(display_default_code=False).display_name}" for line in goods[:GOODS_SHOWN]
            ]
            row["more"] = max(0, len(goods) - GOODS_SHOWN)
            row["can_reorder"] = bool(goods) and order != draft  # the form's own would be put on itself
        return values
