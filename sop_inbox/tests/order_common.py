from .common import InboxCommon


class OrderCommon(InboxCommon):
    """The shop of ``InboxCommon`` with goods on a shelf, two plain carriers and a conversation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vietnam = cls.env.ref("base.vn")
        cls.saigon = cls.env.ref("base.state_vn_VN-SG")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.shirt = cls.goods("Áo thun đen M", 5, list_price=150_000, default_code="AO-M", weight=0.2)
        cls.cap = cls.goods("Mũ lưỡi trai", 1, list_price=90_000, default_code="MU-1", weight=0.1)
        cls.advice = cls.env["product.product"].create({"name": "Gói quà", "type": "service", "list_price": 20_000, "taxes_id": False})
        cls.slow = cls.carrier("Giao thường", 25_000, sop_days=4)
        cls.fast = cls.carrier("Giao nhanh", 45_000, sop_days=1)
        cls.conversation = cls.make("Nguyễn Văn An")
        cls.talk = cls.conversation.with_user(cls.agent)
        cls.partner = cls.env["res.partner"].create(
            {
                "name": "Nguyễn Văn An", "phone": "0901234567", "street": "12 Lê Lợi", "city": "Phường Bến Nghé",
                "state_id": cls.saigon.id, "country_id": cls.vietnam.id,
            }
        )  # fmt: skip

    @classmethod
    def goods(cls, name, quantity, warehouse=None, **values):
        """Return a product with ``quantity`` pieces on the shelf."""
        product = cls.env["product.product"].create({"name": name, "type": "consu", "is_storable": True, "taxes_id": False, **values})
        cls.stock(product, quantity, warehouse)
        return product

    @classmethod
    def stock(cls, product, quantity, warehouse=None):
        location = (warehouse or cls.warehouse).lot_stock_id
        cls.env["stock.quant"]._update_available_quantity(product, location, quantity)

    @classmethod
    def carrier(cls, name, price, **values):
        """Return a delivery method with a fixed price."""
        product = cls.env["product.product"].create({"name": name, "type": "service", "list_price": price, "taxes_id": False, "sale_ok": False})
        return cls.env["delivery.carrier"].create({"name": name, "delivery_type": "fixed", "product_id": product.id, "fixed_price": price, **values})

    def order(self, conversation=None, user=None, product=None, qty=1, **values):
        """The agent makes an order in a conversation; returns it."""
        conversation = (conversation or self.conversation).with_user(user or self.agent)
        values.setdefault("lines", [{"product_id": (product or self.shirt).id, "qty": qty}])
        return self.env["sale.order"].browse(conversation.action_create_order(values))

    def change(self, **values):
        """The agent changes the order form of ``talk``; returns the order it then shows."""
        return self.talk.action_update_order(values)["order"]

    def messages(self, conversation=None):
        """Messages of a conversation the customer can see, oldest first."""
        channel = (conversation or self.conversation).channel_id
        return self.env["mail.message"].search(
            [("model", "=", "discuss.channel"), ("res_id", "=", channel.id), ("sop_side", "!=", False)], order="id"
        )
