from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.arguments import named, number, record_id, takes


class SopShippingQuote(models.Model):
    """A shipping fee quoted to a customer before there was an order: what the order of this conversation charges them."""

    _name = "sop.shipping.quote"
    _description = "Quoted Shipping Fee"
    _order = "id desc"
    _rec_name = "carrier_id"

    conversation_id = fields.Many2one("sop.conversation", required=True, readonly=True, ondelete="cascade", index=True)
    carrier_id = fields.Many2one("delivery.carrier", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    fee = fields.Monetary(readonly=True)
    state_id = fields.Many2one("res.country.state", "Province", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "Quoted by", readonly=True, ondelete="set null", default=lambda self: self.env.uid)
    order_id = fields.Many2one("sale.order", "Put on", readonly=True, ondelete="set null", index="btree_not_null")
    is_used = fields.Boolean(readonly=True)

    @api.model
    def _put_on(self, order):
        """Put the fee quoted last in the order's conversation on a draft without one, once."""
        conversation = order.sudo().sop_conversation_id  # sudo: what a colleague quoted counts, too
        quote = conversation.shipping_quote_id
        if order.carrier_id or not quote:
            return
        place = order.partner_shipping_id.sudo().state_id  # sudo: only to be compared
        elsewhere = place and quote.state_id and place != quote.state_id
        if elsewhere or order.currency_id != quote.currency_id:
            return
        conversation.shipping_quote_id = False
        quote.write({"is_used": True, "order_id": order.id})
        try:
            with self.env.cr.savepoint():
                order._sop_set_carrier(quote.carrier_id.with_env(order.env), quote.fee)
        except UserError:
            return  # this carrier does not take this order: the form has no fee yet, and says so


class SopConversation(models.Model):
    """The fee that waits for an order."""

    _inherit = "sop.conversation"

    shipping_quote_id = fields.Many2one("sop.shipping.quote", "Quoted Shipping Fee", readonly=True, copy=False, ondelete="set null")


class SopShippingDesk(models.AbstractModel):
    """The lorry beside the reply box: what carriers ask for an address, without an order or a customer."""

    _name = "sop.shipping.desk"
    _inherit = "sop.conversation.part.mixin"
    _description = "Shipping Fees beside the Chat"

    def get_start(self):
        """Return what the lorry opens with: dict ``provinces`` (id, name), ``address`` (state_id, city, street) of the customer, ``currency_id``."""
        self._open("read")
        form = self.env["sop.order.form"].browse(self.id)
        customer = form._order_customer()
        identity = self.conversation.identity_id
        address = {name: customer.get(name) or False for name in ("state_id", "city", "street")}
        if not address["state_id"] and not address["city"]:
            address = {"state_id": identity.state_id.id, "city": identity.city or False, "street": identity.street or False}
        provinces = self.env["res.country.state"].search([("country_id", "=", form._order_country().id)], order="name")
        return {
            "provinces": [{"id": state.id, "name": state.name} for state in provinces],
            "address": address,
            "currency_id": self.conversation.company_id.currency_id.id,
        }

    @takes(address=named, weight=number(0, 1e6))
    def get_quotes(self, address, weight=0):
        """Return what every carrier asks for a parcel to an address: rows as ``sop.order.form.get_shipping_quotes`` has them.

        :param address: dict ``state_id``, ``city`` (ward), ``street``
        :param weight: grams; 0: what is in the draft, else a small parcel
        """
        self._open("write")
        return self.env["sop.order.form"].browse(self.id).get_shipping_quotes({"address": address, "weight": weight})

    @takes(carrier_id=record_id, address=named, weight=number(0, 1e6))
    def action_quote(self, carrier_id, address, weight=0):
        """Choose a carrier's fee for the reply; the next order of this conversation charges it.

        :return: words for the reply box; nothing is sent
        :raise UserError: the carrier has no price for this address
        """
        self._open("write")
        row = next((row for row in self.get_quotes(address, weight) if row["id"] == carrier_id), None)
        if not row or not row["ok"]:
            raise UserError(row and row["error"] or self.env._("This delivery method does not exist any more."))
        currency = self.conversation.company_id.currency_id
        state = self.env["res.country.state"].browse(address.get("state_id") or [])
        quote = self.env["sop.shipping.quote"].sudo()  # sudo: the right to write the conversation was checked; people cannot write rows
        quote.search([("conversation_id", "=", self.id), ("is_used", "=", False)]).unlink()
        self.conversation.sudo().shipping_quote_id = quote.create(
            {"conversation_id": self.id, "carrier_id": carrier_id, "currency_id": currency.id, "fee": row["price"], "state_id": state.id}
        )
        place = ", ".join(filter(None, [address.get("city"), state.name]))
        text = self.env._(
            "Shipping with %(carrier)s to %(place)s: %(fee)s", carrier=row["name"], place=place or "…", fee=currency.format(row["price"])
        )
        if row["days"] >= 1:
            text = self.env._("%(text)s, about %(days)s days", text=text, days=f"{row['days']:g}")
        return text.replace("\xa0", " ")


class SopOrderForm(models.AbstractModel):
    """An order begins with the fee quoted to its customer."""

    _inherit = "sop.order.form"

    def _after_lines(self, order):
        super()._after_lines(order)
        if order._sop_goods():
            self.env["sop.shipping.quote"]._put_on(order)
