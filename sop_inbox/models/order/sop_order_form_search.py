import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.mail import html_to_inner_content

from odoo.addons.sop_pipeline.tools.arguments import at_most, takes, text
from odoo.addons.sop_pipeline.tools.phone import find_phones
from odoo.addons.sop_pipeline.tools.spans import replace_spans

from ...tools.words import fold

LOOK_BACK = 12  # messages looked through for what the customer means
# Words that are in every question and in no product's name.
FILLERS = frozenset(
    [
        "a",
        "ah",
        "alo",
        "anh",
        "ban",
        "bao",
        "bn",
        "cai",
        "cho",
        "chi",
        "chiec",
        "co",
        "con",
        "cua",
        "da",
        "dang",
        "dat",
        "de",
        "di",
        "duoc",
        "e",
        "em",
        "gia",
        "gui",
        "hang",
        "hay",
        "hoi",
        "khong",
        "khong?",
        "ko",
        "k",
        "la",
        "lam",
        "lay",
        "loai",
        "mau",
        "minh",
        "mua",
        "muon",
        "nao",
        "nay",
        "nhe",
        "nhi",
        "nhieu",
        "nua",
        "oi",
        "ok",
        "roi",
        "sao",
        "sdt",
        "so",
        "shop",
        "size",
        "sp",
        "the",
        "thi",
        "tien",
        "toi",
        "va",
        "voi",
        "vay",
        "vi",
        "xem",
        "xin",
    ]
)


class SopOrderForm(models.AbstractModel):
    """Finding the product the customer means, with price and stock beside it."""

    _inherit = "sop.order.form"

    @takes(text=text(500), limit=at_most(40))
    def search_order_products(self, text="", limit=12):
        """Return products for the order form: by name, code, barcode or variant; without words, what the thread is about.

        :return: list of dict ``id, name, code, image``, ``price`` and
            ``currency_id`` (what the customer pays for one, taxes included), ``uom``,
            ``stock`` (per warehouse: id, name, free, expected; free is None for what is not counted), ``mentioned``
        """
        self._open("read")
        limit = limit or 1
        words = text.split()[:8]
        Product = self.env["product.product"].with_company(self.conversation.company_id)
        if words:
            mentioned, products = Product, Product.search(self._products_domain(words), limit=limit)
        else:
            mentioned = self._mentioned_products(limit)
            products = mentioned | Product.search(self._products_domain([]), limit=max(0, limit - len(mentioned)) or 1)
        return self._order_product_values(products[:limit], mentioned)

    @api.model
    def _products_domain(self, words):
        """Products that are sold here and answer to every word."""
        domain = self.env["product.product"]._sop_offered_domain(self.conversation.company_id)
        for word in words:
            domain &= Domain.OR(
                [
                    [("name", "ilike", word)],
                    [("product_tmpl_id.sop_folded", "ilike", fold(word))],
                    [("default_code", "=ilike", f"{word}%")],
                    [("barcode", "=", word)],
                    [("product_template_attribute_value_ids.name", "=ilike", word)],
                ]
            )
        return domain

    def _order_product_values(self, products, mentioned):
        prices, currency = self.conversation._customer_prices(products)
        stock = products._sop_stock(self._order_warehouses())
        return [
            {
                "id": product.id,
                "name": product.with_context(display_default_code=False).display_name,
                "code": product.default_code or "",
                "image": f"/web/image/product.product/{product.id}/image_128",
                "price": prices[product.id],
                "currency_id": currency.id,
                "uom": product.uom_id.name,
                "stock": stock[product.id],
                "always": not product.is_storable or product.sop_sell_without_stock,
                "mentioned": product in mentioned,
            }
            for product in products
        ]

    # === WHAT THE THREAD IS ABOUT ===

    def _mentioned_products(self, limit):
        """Return products sent as cards or asked for in the last messages, the latest first."""
        messages = (
            self.env["mail.message"]
            .sudo()  # sudo: messages of a conversation are read with it
            .search(
                [("model", "=", "discuss.channel"), ("res_id", "=", self.conversation.channel_id.id), ("sop_side", "!=", False)],
                order="id desc",
                limit=LOOK_BACK,
            )
        )
        cards = [payload["product_id"] for payload in messages.mapped("sop_payload") if payload and payload.get("type") == "product"]
        domain = Domain("id", "in", cards)
        for message in messages.filtered(lambda message: message.sop_side == "in")[:5]:
            words = self._product_words(html_to_inner_content(message.body or ""))
            if words:
                domain |= Domain.AND([self._products_domain(words)])
        found = self.env["product.product"].with_company(self.conversation.company_id).search(domain & self._products_domain([]), limit=limit)
        return found.sorted(lambda product: cards.index(product.id) if product.id in cards else len(cards))

    @api.model
    def _product_words(self, text):
        """Return the words of a question that can be part of a product's name, at most four; none of a long text."""
        text = replace_spans(text, [(match.start, match.end) for match in find_phones(text)], " ")
        words = [word for word in re.findall(r"\w+", text) if fold(word) not in FILLERS and not re.fullmatch(r"\d{5,}", word)]
        return words if 0 < len(words) <= 4 else []
