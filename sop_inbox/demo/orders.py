"""Orders made in the conversations of the demo shop: drafts, confirmed, delivered, cancelled, over two weeks."""

import random
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.sop_pipeline.tools.signals import send

COUNT = 26
STREETS = ("12 Lê Lợi", "45 Nguyễn Trãi", "88 Trần Phú", "7 Hai Bà Trưng", "230 Cách Mạng Tháng 8", "19 Lý Thường Kiệt")
WARDS = (("SG", "Phường Bến Thành"), ("SG", "Phường Sài Gòn"), ("HN", "Phường Hoàn Kiếm"), ("DN", "Phường Hải Châu"), ("CT", "Phường Ninh Kiều"))
NOTES = ("", "", "Giao giờ hành chính", "Gọi trước khi giao", "Gói quà giúp em")


def load(env):
    """Make the orders, once.

    :param env: environment of the superuser
    """
    if not env["sale.order"].search_count([("sop_request_ref", "=like", "demo-%")], limit=1):
        Demo(env).run()


class Demo:
    """One run of the generator; holds the dice, the goods and the carriers."""

    def __init__(self, env):
        self.env = env(context={**env.context, "lang": "vi_VN", "tracking_disable": True})
        self.dice = random.Random(5)
        self.company = env.ref("base.main_company")
        self.products = self.env["product.product"].search([("sale_ok", "=", True), ("type", "=", "consu"), ("list_price", ">", 0)], limit=60)
        self.products = self.products.filtered(lambda product: not product.company_id)
        self.carriers = [self.env.ref(f"sop_inbox.{name}") for name in ("carrier_standard", "carrier_express")]

    def run(self):
        """Fill the shelves, then sell from them."""
        if "is_published" in self.carriers[0]._fields:  # a shop on the web delivers, too
            self.carriers[0].is_published = True
        self.stock()
        for order in self.env["sale.order"].search([("sop_conversation_id", "!=", False)]):
            self.backdate(order, order.sop_conversation_id.last_message_at)
        for conversation in self.conversations():
            self.order(conversation)

    def stock(self):
        """Everything on a shelf in Saigon, a part in Hanoi, two products sold out, one on order."""
        saigon = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        hanoi = self.env.ref("sop_inbox.warehouse_hanoi")
        saigon.name = "Kho Sài Gòn"
        fresh = self.products.filtered(lambda product: not product.is_storable)
        fresh.product_tmpl_id.is_storable = True
        for number, product in enumerate(self.products):
            for warehouse, quantity in ((saigon, 0 if number in (3, 9) else 20 + number % 23), (hanoi, number % 4 * 5)):
                if quantity:
                    self.env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, quantity)

    def conversations(self):
        """Return conversations of people with a phone first, newest first: those are who buys."""
        conversations = self.env["sop.conversation"].search([("state", "!=", "spam"), ("kind", "!=", "comment")], limit=120)
        return conversations.sorted(lambda c: not c.has_phone)[:COUNT]

    def order(self, conversation):
        dice = self.dice
        seller = conversation.user_id or self.env.ref("sop_pipeline.user_sales")
        fresh = conversation.last_inbound_at and conversation.last_inbound_at > fields.Datetime.now() - timedelta(hours=20)
        # only customers who wrote today get a message now; the others got theirs when they ordered
        talk = send(conversation.with_user(seller).sudo(), sop_no_receipt=not fresh)  # sudo: demo data is made by the system
        code, ward = dice.choice(WARDS)
        state = self.env.ref(f"base.state_vn_VN-{code}")
        partner = conversation.partner_id or self.env["res.partner"].browse(talk.action_create_partner())
        partner.write({"street": dice.choice(STREETS), "city": ward, "state_id": state.id, "country_id": state.country_id.id})
        lines = [{"product_id": product.id, "qty": dice.choice((1, 1, 1, 2))} for product in dice.sample(self.products, dice.randint(1, 3))]
        vals = {
            "lines": lines,
            "carrier_id": dice.choice(self.carriers).id,
            "payment": dice.choices(("cod", "transfer", "link"), (7, 2, 1))[0],
            "note": dice.choice(NOTES),
            "confirm": dice.random() < 0.8,
            "request_ref": f"demo-{conversation.id}",
        }
        try:
            with self.env.cr.savepoint():
                order = self.env["sale.order"].browse(talk.action_create_order(vals))
        except UserError:
            return  # sold out: in this shop too
        if order.state == "sale" and dice.random() < 0.15:
            talk._order_form.action_cancel_order(order.id, notify=fresh)
        elif order.state == "sale" and dice.random() < 0.4:
            for picking in order.picking_ids:
                picking.button_validate()
        self.backdate(order, max(conversation.last_inbound_at or fields.Datetime.now(), fields.Datetime.now() - timedelta(days=14)))

    def backdate(self, order, at):
        order.user_id = order.sop_conversation_id.user_id or order.user_id
        order.date_order = at
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET create_date = %s WHERE id = %s", (at, order.id))
